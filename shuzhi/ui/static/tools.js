// Tools on the map: nearer, farther, the whole city, measuring, the link of what is shown, a picture of it, the scale.

import { el } from "./dom.js"
import { areaOf, lengthOf, lengthText, areaText, niceLength, metresPerPixel } from "./measure.js"
import { drawPicture } from "./picture.js"

const ICONS = {
  nearer: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  farther: "M5 11h14v2H5z",
  whole: "M4 4h6v2H6v4H4zm10 0h6v6h-2V6h-4zM4 14h2v4h4v2H4zm14 0h2v6h-6v-2h4z",
  measure: "M3 16.5 16.5 3 21 7.5 7.5 21zm2.8 0 1.7 1.7L18.2 7.5l-1.7-1.7-1.5 1.5 1.4 1.4-1.1 1-1.3-1.3-1.6 1.6 2 2-1 1.1-2.1-2.1-1.6 1.6 1.4 1.4-1.1 1-1.3-1.3z",
  link: "M10.6 13.4a4 4 0 0 1 0-5.7l3-3a4 4 0 0 1 5.7 5.7l-1.6 1.6-1.4-1.4 1.6-1.6a2 2 0 0 0-2.9-2.9l-3 3a2 2 0 0 0 0 2.9zm2.8-2.8a4 4 0 0 1 0 5.7l-3 3a4 4 0 0 1-5.7-5.7l1.6-1.6 1.4 1.4-1.6 1.6a2 2 0 0 0 2.9 2.9l3-3a2 2 0 0 0 0-2.9z",
  picture: "M5 4h14v16H5zm2 2v8l3-3 3 3 2-2 2 2V6zm0 12h10v-1.3l-2-2-2 2-3-3-3 3z"
}
const SCALE = 110 // px that the scale may be long
const SAID = 2500 // ms that a word about what was done stays

export class Tools {
  constructor(map) {
    this.map = map
    this.corners = []
    this.bar = el("div", "dm-tools", { role: "toolbar" })
    this.buttons = {
      nearer: () => map.goTo({ zoom: map.view.zoom + 1 }),
      farther: () => map.goTo({ zoom: map.view.zoom - 1 }),
      whole: () => map.goTo(map.fitted()),
      measure: () => this.measure(!this.measuring),
      link: () => this.copy(),
      picture: () => this.picture()
    }
    for (const [name, act] of Object.entries(this.buttons)) this.bar.append((this.buttons[name] = button(ICONS[name], act)))
    this.scale = el("div", "dm-scale")
    this.result = el("div", "dm-result", { role: "status" })
    this.said = el("div", "dm-said", { role: "status" })
    map.root.append(this.bar, this.scale, this.result, this.said)
    this.onKey = event => event.key === "Escape" && this.measuring && this.measure(false)
    document.addEventListener("keydown", this.onKey)
  }

  dress(text) {
    this.text = text
    for (const [name, node] of Object.entries(this.buttons)) {
      node.title = text.tools[name]
      node.setAttribute("aria-label", text.tools[name])
    }
    if (this.map.view) this.measureScale(this.map.view)
  }

  /** How long a round number of metres is on the map. */
  measureScale({ latitude, zoom }) {
    const perPixel = metresPerPixel(latitude, zoom)
    const metres = niceLength(SCALE * perPixel)
    this.scaled = { metres, pixels: metres / perPixel, words: lengthText(metres) }
    this.scale.style.width = `${this.scaled.pixels}px`
    this.scale.textContent = this.scaled.words
  }

  measure(on) {
    this.measuring = on
    this.corners = []
    this.buttons.measure.setAttribute("aria-pressed", on)
    this.map.root.classList.toggle("measuring", on)
    this.tell()
    this.map.draw()
  }

  /** A click on the map: the next corner while measuring. True where it was taken. */
  take(position) {
    if (!this.measuring) return false
    this.corners = [...this.corners, position]
    this.tell()
    this.map.draw()
    return true
  }

  tell() {
    if (!this.measuring) return (this.result.textContent = "")
    const { length, area, hint } = this.text.tools
    if (this.corners.length < 2) return (this.result.textContent = hint)
    const parts = [`${length} ${lengthText(lengthOf(this.corners))}`]
    if (this.corners.length > 2) parts.push(`${area} ${areaText(areaOf(this.corners))}`)
    this.result.textContent = parts.join("　")
  }

  layers() {
    if (!this.corners.length) return []
    const { PathLayer, PolygonLayer, ScatterplotLayer } = window.deck
    const ink = this.map.data.ink
    const closed = this.corners.length > 2 ? [...this.corners, this.corners[0]] : this.corners
    return [
      new PolygonLayer({ id: "measure-area", data: closed.length > 3 ? [closed] : [], getPolygon: ring => ring, getFillColor: [...ink.slice(0, 3), 24], stroked: false }),
      new PathLayer({ id: "measure-line", data: [this.corners], getPath: path => path, getColor: ink, getWidth: 2, widthUnits: "pixels" }),
      new ScatterplotLayer({ id: "measure-corners", data: this.corners, getPosition: corner => corner, getRadius: 4, radiusUnits: "pixels", getFillColor: ink })
    ]
  }

  async copy() {
    this.map.keepUrl(0)
    await new Promise(done => setTimeout(done, 30))
    try {
      await navigator.clipboard.writeText(location.href)
      this.say(this.text.tools.copied)
    } catch {
      this.say(location.href) // without the right to the clipboard it can be copied by hand
    }
  }

  async picture() {
    const blob = await drawPicture(this.map, this.scaled)
    const link = el("a", "", { download: `${this.map.data.picture.title.replaceAll(":", "")}.png`, href: URL.createObjectURL(blob) })
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), SAID)
  }

  say(words) {
    this.said.textContent = words
    clearTimeout(this.timer)
    this.timer = setTimeout(() => { this.said.textContent = "" }, words === location.href ? 4 * SAID : SAID)
  }

  destroy() {
    clearTimeout(this.timer)
    document.removeEventListener("keydown", this.onKey)
  }
}

function button(path, act) {
  const node = el("button", "", { type: "button" })
  node.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`
  node.onclick = act
  return node
}
