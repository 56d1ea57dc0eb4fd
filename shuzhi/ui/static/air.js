// Rows of the air layers: what maps/frames.py delivers, drawn as maps/layers.py describes it.
// Pure functions; no deck.gl, no page.

const TILE = 512
const LABEL = { letter: 8.5, pad: 12, height: 20 }
const NAME = { wide: 13.5, narrow: 7.2, height: 16, below: 18 }

/** Hours of the frames as "2019-08-26T15:00", Beijing. */
export function hoursOf(frames) {
  const first = Date.parse(frames.first + "Z")
  return Array.from({ length: frames.hours }, (_, i) => new Date(first + i * 3600e3).toISOString().slice(0, 16))
}

/** Stations of one hour that pass the filter: every one with its value, level and age. */
export function stationsAt(frames, hour, filter) {
  const value = frames.value[hour], level = frames.level[hour], age = frames.age[hour]
  return frames.stations
    .map(([code, name, network, district, lon, lat], i) => ({
      code, name, network, district, lon, lat, position: [lon, lat],
      value: value[i], level: Number(level[i]), age: age[i] === "-" ? -1 : Number(age[i])
    }))
    .filter(s => (!filter.networks || filter.networks.includes(s.network)) && (!filter.district || s.district === filter.district))
}

/** Number of stations by level 0…6. */
export function countsOf(stations) {
  const counts = [0, 0, 0, 0, 0, 0, 0]
  for (const s of stations) counts[s.level] += 1
  return counts
}

/** Data of the four air layers. The worst stand on top; labels and names that would cover each other wait for a closer look. */
export function airRows(stations, { style, hidden, selected, zoom, decimals, labelled, named, frame }) {
  const rows = stations
    .filter(s => !hidden.has(s.level))
    .map(s => ({ ...s, ...style[s.level], text: textOf(s.value, decimals) }))
    .sort((a, b) => a.level - b.level || (a.value ?? 0) - (b.value ?? 0))
  const worstFirst = [...rows].reverse().sort((a, b) => (b.code === selected) - (a.code === selected)).filter(s => within(frame, s, zoom))
  const free = freeRoom()
  const labels = worstFirst.filter(s => zoom >= (labelled[s.network] ?? 99) && whole(frame, labelBox(s, zoom)) && free(labelBox(s, zoom)))
  const names = worstFirst.map(s => nameUnder(s, zoom, frame)).filter(s => zoom >= (named[s.network] ?? 99) && free(s.box))
  return {
    "air-points": rows,
    "air-labels": labels.reverse(),
    "air-names": names,
    "air-selected": rows.filter(s => s.code === selected)
  }
}

/** Names of places that are near enough to be read and cover no name before them. */
export function placeNames(groups, zoom) {
  const free = freeRoom()
  return groups.map(rows => rows.filter(row => row.minzoom <= zoom && free(wordBox(row, row.text, zoom, 0))))
}

/** What a map that does not move shows: its edges in pixels of the whole world. */
export function frameOf({ longitude, latitude, zoom }, width, height) {
  const [x, y] = pixels(longitude, latitude, zoom)
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 }
}

function within(frame, { lon, lat }, zoom) {
  if (!frame) return true
  const [x, y] = pixels(lon, lat, zoom)
  return x > frame.left && x < frame.right && y > frame.top && y < frame.bottom
}

/** A frame cuts no part of a box. */
function whole(frame, { x, y, w, h }) {
  return !frame || (x - w >= frame.left && x + w <= frame.right && y - h >= frame.top && y + h <= frame.bottom)
}

/** A station with its name's box and offset: under the point; where a frame would cut it, moved inside. */
function nameUnder(s, zoom, frame) {
  const box = wordBox(s, s.name, zoom, NAME.below)
  const under = !frame || box.y + box.h < frame.bottom
  const x = frame ? Math.max(frame.left + box.w, Math.min(frame.right - box.w, box.x)) : box.x
  const offset = [x - box.x, under ? NAME.below : -NAME.below]
  return { ...s, offset, box: { ...box, x, y: under ? box.y : box.y - 2 * NAME.below } }
}

/** A test that takes a box's room when it is still free. */
function freeRoom() {
  const taken = []
  return box => !taken.some(t => Math.abs(t.x - box.x) < t.w + box.w && Math.abs(t.y - box.y) < t.h + box.h) && taken.push(box)
}

/** Where a position stands at a zoom, in pixels of the whole world. */
export function pixels(lon, lat, zoom) {
  const size = TILE * 2 ** zoom
  const sine = Math.sin(lat * Math.PI / 180)
  return [(lon + 180) / 360 * size, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * size]
}

export function textOf(value, decimals) {
  return value === null ? "—" : value.toFixed(decimals)
}

function labelBox(s, zoom) {
  const [x, y] = pixels(s.lon, s.lat, zoom)
  return { x, y, w: (s.text.length * LABEL.letter + LABEL.pad) / 2, h: LABEL.height / 2 }
}

function wordBox({ lon, lat }, words, zoom, below) {
  const [x, y] = pixels(lon, lat, zoom)
  const width = [...words].reduce((sum, letter) => sum + (letter > "⺀" ? NAME.wide : NAME.narrow), 0)
  return { x, y: y + below, w: width / 2, h: NAME.height / 2 }
}
