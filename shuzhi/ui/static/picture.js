// The map as a picture: what is to be seen, with title, time, legend, scale and the mark of the data.

const PAD = 16, ROW = 21, TEXT = 13

/** A PNG of the map and of what explains it, made in the browser. */
export async function drawPicture(map, scale) {
  const source = map.stage.querySelector("canvas")
  const { clientWidth: width, clientHeight: height } = map.stage
  const ratio = source.width / width
  const picture = Object.assign(document.createElement("canvas"), { width: source.width, height: source.height })
  const pen = picture.getContext("2d")
  const look = lookOf(map.root)
  pen.fillStyle = look.bg
  pen.fillRect(0, 0, picture.width, picture.height)
  map.deck.redraw("picture") // what was drawn before is gone from the buffer; this stays until the task ends
  pen.drawImage(source, 0, 0)
  pen.scale(ratio, ratio)
  pen.textBaseline = "middle"
  drawTitle(pen, look, map)
  drawLegend(pen, look, map.legend?.shown() ?? map.data.picture.legend, height)
  drawFoot(pen, look, map.data.picture, scale, width, height)
  return new Promise(done => picture.toBlob(done, "image/png"))
}

function drawTitle(pen, look, map) {
  const { title } = map.data.picture
  const time = [map.panel?.dateText.textContent, map.panel?.clock.textContent].filter(Boolean).join(" ")
  panel(pen, look, [[title, 18, 700, look.ink], [time, TEXT + 1, 400, look.ink2]].filter(([words]) => words), PAD, PAD)
}

function panel(pen, look, lines, x, y) {
  const wide = Math.max(...lines.map(([words, size, weight]) => { pen.font = look.font(size, weight); return pen.measureText(words).width }))
  box(pen, look, x, y, wide + 24, lines.length * 25 + 12)
  lines.forEach(([words, size, weight, colour], i) => {
    pen.font = look.font(size, weight)
    pen.fillStyle = colour
    pen.fillText(words, x + 12, y + 19 + i * 25)
  })
}

function drawLegend(pen, look, sections, height) {
  const lines = sections.flatMap(({ title, entries, note }) => [{ title }, ...entries, ...(note ? [{ title: note }] : [])])
  if (!lines.length) return
  pen.font = look.font(TEXT)
  const wordsOf = line => line.title ?? `${line.name}  ${Number(line.count).toLocaleString("en")}`
  const wide = Math.max(...lines.map(line => pen.measureText(wordsOf(line)).width + (line.title ? 0 : 20)))
  const tall = lines.length * ROW + 14, top = height - PAD - tall
  box(pen, look, PAD, top, wide + 24, tall)
  lines.forEach((line, i) => {
    const y = top + 7 + (i + 0.5) * ROW, x = PAD + 12
    if (!line.title) mark(pen, look, line, x + 6, y)
    pen.font = look.font(TEXT)
    pen.fillStyle = line.title ? look.ink3 : look.ink
    pen.fillText(wordsOf(line), line.title ? x : x + 20, y)
  })
}

function mark(pen, look, { shape, fill }, x, y) {
  pen.beginPath()
  if (shape === "diamond") [[0, -6], [6, 0], [0, 6], [-6, 0]].forEach(([dx, dy]) => pen.lineTo(x + dx, y + dy))
  else if (shape === "area") pen.rect(x - 6, y - 5, 12, 10)
  else pen.arc(x, y, 5, 0, 2 * Math.PI)
  pen.closePath()
  if (fill) { pen.fillStyle = fill; pen.fill() }
  pen.strokeStyle = shape === "hollow" ? look.stale : look.keyline
  pen.lineWidth = shape === "hollow" ? 1.6 : 1
  pen.stroke()
}

function drawFoot(pen, look, { mark: words, source }, scale, width, height) {
  const y = height - PAD - 8
  pen.font = look.font(TEXT)
  const right = width - PAD
  pen.textAlign = "right"
  const texts = [words, source].filter(Boolean).join("　")
  pen.lineWidth = 4
  pen.strokeStyle = look.bg
  pen.fillStyle = look.ink2
  pen.strokeText(texts, right, y)
  pen.fillText(texts, right, y)
  const start = right - scale.pixels
  pen.strokeStyle = look.ink
  pen.lineWidth = 1.5
  pen.beginPath()
  for (const [px, py] of [[start, y - 26], [start, y - 20], [right, y - 20], [right, y - 26]]) pen.lineTo(px, py)
  pen.stroke()
  pen.fillStyle = look.ink
  pen.fillText(scale.words, right, y - 36)
  pen.textAlign = "left"
}

function box(pen, look, x, y, wide, tall) {
  pen.fillStyle = look.bg
  pen.fillRect(x, y, wide, tall)
  pen.strokeStyle = look.line
  pen.lineWidth = 1
  pen.strokeRect(x + 0.5, y + 0.5, wide - 1, tall - 1)
}

/** The page's colours and font, as its mode shows them. */
function lookOf(root) {
  const probe = root.appendChild(document.createElement("i"))
  const colour = name => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color }
  const names = ["bg", "line", "ink", "ink2", "ink3", "stale", "keyline"]
  const look = Object.fromEntries(names.map(name => [name, colour(name)]))
  const family = getComputedStyle(root).fontFamily
  probe.remove()
  return { ...look, font: (size, weight = 400) => `${weight} ${size}px ${family}` }
}
