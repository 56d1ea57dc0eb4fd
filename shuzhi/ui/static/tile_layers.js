// The large registers on the map: a deck.gl TileLayer each, fed by maps/tiles.py, drawn as maps/register_layers.py says.
// A cell is a circle whose area tells how much; inside it the shares of its bands lie in each other, the first innermost.

import { readPoints } from "./mvt.js"

const EXTENT = 4096
const SMALLEST = { far: 1.6, near: 4.5 } // px, radius of a single row at zoom 9 and from zoom 15
const LARGEST = 10 // px, at the reference

/** The layer of a configuration; `onShown` is called when all that is in view has come. */
export function tileLayer({ TileLayer, ScatterplotLayer }, config, base, onShown) {
  return new TileLayer({
    id: config.id,
    data: base + config.address,
    minZoom: 4,
    maxZoom: config.maxZoom,
    tileSize: 512,
    maxCacheSize: 160,
    pickable: true,
    onViewportLoad: onShown,
    getTileData: tile => cells(tile, config.id),
    updateTriggers: { renderSubLayers: JSON.stringify(config) },
    renderSubLayers: ({ id, data, tile }) => bandsOf(data ?? [], config, tile.index.z).map(({ fill, rows }, i) => new ScatterplotLayer({
      id: `${id}-${i}`,
      data: rows,
      pickable: true,
      radiusUnits: "pixels",
      getPosition: row => row.cell.position,
      getRadius: row => row.radius,
      getFillColor: fill
    }))
  })
}

async function cells({ url, signal, index }, layer) {
  const answer = await fetch(url, { signal })
  if (!answer.ok) return []
  return readPoints(await answer.arrayBuffer()).map(cell => ({ ...cell, layer, position: positionOf(cell, index) }))
}

/** Circles of a tile, a list a band, the outermost band first. */
export function bandsOf(cells, config, z) {
  const drawn = config.bands.map(band => ({ fill: band.fill, rows: [] }))
  for (const cell of cells) {
    const radius = radiusOf(cell, config, z)
    let inside = 0
    config.bands.forEach((band, i) => {
      const count = countOf(cell, band)
      inside += count
      if (count) drawn[i].rows.push({ cell, radius: radius * Math.sqrt(inside / cell.n) })
    })
  }
  return drawn.reverse()
}

/** Rows of a cell that belong to a band. */
export function countOf(cell, band) {
  return band.names.reduce((sum, name) => sum + (cell[name] ?? 0), 0)
}

/** The area over the smallest circle tells how much; the reference, closer up a smaller one, gives the largest. */
function radiusOf(cell, { reference, sized }, z) {
  const near = Math.max(0, Math.min(1, (z - 9) / 6))
  const smallest = sized ? SMALLEST.far : SMALLEST.far + (SMALLEST.near - SMALLEST.far) * near
  const share = (sized ? cell.amount ?? 0 : cell.n - 1) / (reference / 2 ** Math.max(0, z - 9))
  return smallest + (LARGEST - smallest) * Math.sqrt(Math.min(1, share))
}

/** Longitude and latitude of a cell: the middle of the step of the tile that it stands in. */
export function positionOf({ x, y }, { x: column, y: row, z }) {
  const size = 2 ** z
  const north = Math.PI * (1 - 2 * (row + (y + 0.5) / EXTENT) / size)
  return [(column + (x + 0.5) / EXTENT) / size * 360 - 180, Math.atan(Math.sinh(north)) * 180 / Math.PI]
}

/** What the pointer is told of a cell: [class, words] a line. */
export function wordsOf(cell, config) {
  const { words, bands } = config
  const one = cell.n === 1
  const counts = bands.map(band => [band.name, countOf(cell, band)]).filter(([, count]) => count)
  const name = cell.name ?? cell.id
  const head = name ?? words.count.replace("{n}", cell.n.toLocaleString("en"))
  const kinds = counts.map(([label, count]) => (one ? label : `${label} ${count.toLocaleString("en")}`)).join(words.between)
  const details = [words.of[cell.type], words.of[cell.status], cell.forbidden ? words.forbidden.replace("{n}", cell.forbidden) : null]
  const amount = config.sized ? `${words.amount} ${amountOf(cell.amount ?? 0)} ${words.unit}` : null
  const rest = [one ? details[0] : null, one ? details[1] : null, details[2], amount].filter(Boolean).join(words.between)
  return [["dm-name", head], ["", kinds], ...(rest ? [["", rest]] : []), ...(name ? [] : [["dm-small", words.closer]])]
}

function amountOf(value) {
  return value >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)))
}
