// A pydeck map as a Streamlit component (v2). One instance lives per place in the page: a rerun changes its layers,
// never rebuilds it. What it shows of the air comes from frames that it fetches once; it plays them by itself.
// The view and the hidden levels live in the URL without the server: no rerun for a drag.

import { airRows, countsOf, frameOf, placeNames, stationsAt, textOf } from "./air.js"
import { el } from "./dom.js"
import { Legend } from "./legend.js"
import { tileLayer, wordsOf } from "./tile_layers.js"
import { TimePanel } from "./time_panel.js"
import { Tools } from "./tools.js"

const VENDOR = ["deck.gl-9.4.0.min.js", "deck.gl-json-9.4.0.min.js"]
const PHONE = 900 // px of the window up to which the page's filters are folded, as in deck_map.css
const NARROW = 1180 // px up to which the page's card lies over the map instead of beside it
const URL_REST = 400 // ms after a move before the URL is written
const NEAR = { mouse: 4, touch: 12 } // px around a click in which a station is met
const CLICK = { time: 500, move: 6 } // ms and px that a click may last and wander
const QUARTER = 4 // names appear at quarter steps of the zoom
const FLIGHT = 400 // ms
const CLOSER = 1.7 // steps of the zoom that a click on a cell goes on
const WORDLESS = 4000 // ms at most that a map with large layers shows no words: they are slow to make, the layers come first
const NEARBY = 13 // zoom to which the map flies for a single thing
const RING = { radius: 16, width: 3 } // px
const instances = new WeakMap()
const fetched = new Map() // address → promise of frames or rows, shared by the maps of a page

export default function mount(component) {
  const { parentElement } = component
  let map = instances.get(parentElement)
  if (!map) instances.set(parentElement, (map = new DeckMap(parentElement)))
  map.update(component)
  return () => {
    map.destroy()
    instances.delete(parentElement)
  }
}

/** deck.gl and its JSON converter, loaded once a page. */
function library(base) {
  window.shuzhiDeck ??= VENDOR.reduce((before, name) => before.then(() => script(`${base}/assets/vendor/${name}`)), Promise.resolve())
    .catch(error => { window.shuzhiDeck = null; throw error })
  return window.shuzhiDeck
}

function script(src) {
  return new Promise((resolve, reject) => {
    const node = el("script", "", { src })
    node.onload = resolve
    node.onerror = () => reject(new Error(src))
    document.head.append(node)
  })
}

function fetchedFrom(address) {
  if (!fetched.has(address)) {
    if (fetched.size > 32) fetched.delete(fetched.keys().next().value)
    const promise = fetch(address).then(answer => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
    promise.catch(() => fetched.delete(address))
    fetched.set(address, promise)
  }
  return fetched.get(address)
}

class DeckMap {
  constructor(parent) {
    this.layers = []
    this.kept = new Map() // layer id → { key, data }: the same array again where nothing changed
    this.rows = {} // layer id → rows that came from their own address
    this.tiled = new Map() // layer id → { key, layer }: the same layer again where nothing changed
    this.hour = 0
    this.root = el("div", "dm")
    this.stage = el("div", "dm-stage")
    this.tip = el("div", "dm-tip", { role: "status" })
    this.message = el("div", "dm-message", { role: "alert" })
    this.note = el("div", "dm-note", { role: "status" })
    this.root.append(this.stage, this.tip, this.message, this.note)
    parent.append(this.root)
    this.watcher = new ResizeObserver(() => this.resized())
    this.watcher.observe(this.stage)
    this.watchClicks()
    this.onFly = event => this.fly(event.detail)
  }

  update({ data, setTriggerValue }) {
    const before = this.data
    this.data = data
    this.send = setTriggerValue
    this.root.classList.toggle("ready", Boolean(before))
    if (!before) this.begin()
    this.root.setAttribute("aria-label", data.text.map)
    this.furnish()
    if (this.Deck && data.spec !== before?.spec) this.convert()
    if (data.air && data.air.frames !== before?.air?.frames) this.loadFrames()
    else if (data.air && data.air.at !== before?.air?.at && data.air.at !== this.settled) this.panel?.show(this.panel.indexOf(data.air.at))
    if (String(data.rows) !== String(before?.rows)) this.loadRows()
    if (this.Deck) this.draw()
    this.reveal(before)
    if (data.view.url) this.keepUrl(0)
  }

  /** First run: the stylesheet, then deck.gl. */
  async begin() {
    const { base, css } = this.data
    const sheet = el("link", "", { rel: "stylesheet", href: base + css })
    sheet.onload = () => { this.root.classList.add("ready"); this.furnish(); this.resized() }
    this.root.before(sheet)
    if (!hasWebGL()) return this.say(this.data.text.webgl)
    try {
      await library(base)
    } catch {
      return this.say(this.data.text.failed)
    }
    if (this.gone) return
    this.Deck = window.deck.Deck
    const { JSONConverter, ...catalogue } = window.deck
    this.converter = new JSONConverter({ configuration: { classes: catalogue } })
    this.convert()
    this.resized()
  }

  convert() {
    const spec = JSON.parse(this.data.spec)
    for (const layer of spec.layers) {
      if (typeof layer.data === "string" && layer.data.startsWith("/")) layer.data = this.data.base + layer.data
    }
    this.waiting = new Set(spec.layers.filter(layer => Array.isArray(layer.data) && !layer.data.length).map(layer => layer.id))
    this.layers = this.converter.convert({ layers: spec.layers }).layers.filter(Boolean)
    this.kept.clear()
  }

  /** Panels over the map. */
  furnish() {
    const { air, legend, time, text, lang } = this.data
    if (legend && !this.legend) {
      this.legend = new Legend(this.root, () => { this.draw(); this.keepUrl(0) })
      this.legend.hidden = new Set(parameters().get("hide")?.split("").map(Number) ?? [])
      this.addFilterButton(legend.below)
    }
    if (time && !this.panel) {
      this.panel = new TimePanel(this.root, {
        onHour: hour => { this.hour = hour; this.draw() },
        onSettle: iso => { this.settled = iso; this.send("hour", iso) }
      })
      this.watcher.observe(this.panel.root)
    }
    this.legend?.dress({ text, style: air.style })
    this.panel?.dress({ text, lang, style: air.style, ...time })
    if (this.data.tools && !this.tools) {
      this.tools = new Tools(this)
      window.addEventListener("shuzhi-fly", this.onFly)
    }
    this.tools?.dress(text)
    this.dressLegend()
    if (this.panel) this.panel.root.append(this.note) // beside the clock it covers nothing of the city
    this.place()
  }

  /** On a phone the filters of the page are folded behind a button on the map. */
  addFilterButton(below) {
    const button = el("button", "dm-filters", { type: "button", "aria-expanded": "false" })
    button.onclick = () => {
      const open = document.documentElement.toggleAttribute("data-map-filters")
      button.setAttribute("aria-expanded", open)
    }
    this.filterButton = button
    this.below = below
    this.root.append(button)
  }

  place() {
    if (!this.legend) return
    document.documentElement.style.setProperty("--map-legend", `${this.legend.root.offsetHeight}px`)
    this.filterButton.textContent = this.data.text.filters
    const anchor = window.innerWidth > PHONE ? document.querySelector(this.below) : null
    if (anchor && anchor !== this.anchor) this.watcher.observe((this.anchor = anchor))
    this.legend.placeUnder(anchor, this.root)
    if (this.panel) this.root.style.setProperty("--panel", `${this.panel.root.offsetHeight}px`)
  }

  /** What the legend says of the layers besides the air. */
  dressLegend() {
    const { legend } = this.data
    this.legend?.also([...(legend.air === false ? [] : [null]), ...(this.rowLegends ?? []), ...(legend.also ?? [])])
  }

  /** Rows of layers that have their own addresses. */
  async loadRows() {
    const addresses = this.data.rows ?? []
    let found
    try {
      found = await Promise.all(addresses.map(address => fetchedFrom(this.data.base + address)))
    } catch {
      return this.say(this.data.text.failed)
    }
    if (this.gone || String(addresses) !== String(this.data.rows ?? [])) return
    this.rows = Object.assign({}, ...found.map(one => one.layers))
    this.rowLegends = found.map(one => one.legend).filter(Boolean)
    this.kept.delete("names")
    if (this.legend) this.dressLegend()
    this.place()
    this.draw()
  }

  async loadFrames() {
    const address = this.data.base + this.data.air.frames
    let frames
    try {
      frames = await fetchedFrom(address)
    } catch {
      return this.say(this.data.text.failed)
    }
    if (this.gone || address !== this.data.base + this.data.air.frames) return
    if (this.message.textContent === this.data.text.failed) this.say("")
    const sameHours = this.frames?.first === frames.first && this.frames.hours === frames.hours
    this.frames = frames
    this.kept.clear()
    if (!this.panel) this.hour = frames.hours - 1
    else if (sameHours) this.panel.exchange(frames)
    else this.panel.load(frames, this.data.air.at)
    this.draw()
  }

  draw() {
    const air = this.airData()
    if (!this.deck || this.gone) return
    const rows = { ...this.rows, ...this.names(), ...air }
    const colours = String(this.data.dark)
    const zoom = this.zoomStep()
    const drawn = this.layers.flatMap(layer => {
      if (layer.props.minZoom > zoom || (this.wordless && layer instanceof window.deck.TextLayer)) return []
      const data = rows[layer.id] ?? (this.waiting.has(layer.id) ? [] : undefined)
      if (data?.length === 0) return [] // a text layer without text has no font atlas to make
      return [layer.clone({ ...(data && { data }), updateTriggers: triggers(layer, colours) })]
    })
    const above = drawn.findIndex(layer => /^(water|air)-/.test(layer.id))
    drawn.splice(above < 0 ? drawn.length : above, 0, ...this.tileLayers())
    this.deck.setProps({ layers: [...drawn, ...this.ring(), ...(this.tools?.layers() ?? [])] })
  }

  /** Show the words too, once the large layers are there. */
  speak() {
    if (!this.wordless) return
    this.wordless = false
    setTimeout(() => this.draw()) // not while deck.gl is at work on the layers: it would forget these
  }

  tileLayers() {
    const wanted = this.data.tiles ?? []
    for (const id of this.tiled.keys()) if (!wanted.some(config => config.id === id)) this.tiled.delete(id)
    return wanted.map(config => {
      const key = JSON.stringify(config)
      if (this.tiled.get(config.id)?.key !== key) this.tiled.set(config.id, { key, layer: tileLayer(window.deck, config, this.data.base, () => this.speak()) })
      return this.tiled.get(config.id).layer
    })
  }

  /** A ring around the thing whose card is open. */
  ring() {
    const { ring } = this.data
    if (!ring) return []
    return [new window.deck.ScatterplotLayer({
      id: "ring", data: [ring.position], getPosition: position => position, getRadius: RING.radius, radiusUnits: "pixels", filled: false,
      stroked: true, getLineColor: ring.color, getLineWidth: RING.width, lineWidthUnits: "pixels", updateTriggers: { getPosition: ring.position }
    })]
  }

  /** Rows of the air layers at the hour shown; also tells the legend. */
  airData() {
    if (!this.frames || !this.data.air) return null
    const { filter, style, selected, labelled, named } = this.data.air
    const zoom = this.data.view.fixed && this.view ? this.view.zoom : this.zoomStep()
    const frame = this.data.view.fixed && this.view ? frameOf(this.view, this.stage.clientWidth, this.stage.clientHeight) : null
    const hidden = this.legend?.hidden ?? new Set()
    const key = JSON.stringify([this.hour, filter, selected, zoom, [...hidden], this.data.dark, labelled, named, frame])
    if (this.kept.get("air")?.key !== key) {
      const stations = stationsAt(this.frames, this.hour, filter)
      const counts = countsOf(stations)
      this.legend?.show(counts)
      this.quiet = stations.length > 0 && counts[0] === stations.length
      const data = airRows(stations, { style, hidden, selected, zoom, labelled, named, frame, decimals: this.frames.decimals })
      this.kept.set("air", { key, data })
    }
    this.note.textContent = this.quiet ? this.data.text.quiet : this.data.notice ?? ""
    return this.kept.get("air").data
  }

  /** Names of places (rows with `minzoom`) wait until the map is close enough; the first layer goes before the next. */
  names() {
    const zoom = this.zoomStep()
    if (this.kept.get("names")?.key !== zoom) {
      const rowsOf = layer => this.rows[layer.id] ?? layer.props.data
      const named = this.layers.filter(layer => Array.isArray(rowsOf(layer)) && rowsOf(layer)[0]?.minzoom !== undefined)
      const rows = placeNames(named.map(rowsOf), zoom)
      this.kept.set("names", { key: zoom, data: Object.fromEntries(named.map((layer, i) => [layer.id, rows[i]])) })
    }
    return this.kept.get("names").data
  }

  zoomStep() {
    return Math.floor((this.view?.zoom ?? 8) * QUARTER) / QUARTER
  }

  resized() {
    this.place()
    const { clientWidth: width, clientHeight: height } = this.stage
    if (!this.Deck || !width || !height) return
    if (!this.deck) this.open()
    else if (!this.moved) this.turnTo(this.fitted())
  }

  open() {
    const { view } = this.data
    const asked = view.url ? viewFrom(parameters().get("view")) : null
    this.moved = Boolean(asked)
    this.view = asked ?? this.fitted()
    if (!asked && this.data.ring) {
      const [longitude, latitude] = this.data.ring.position
      this.view = { ...this.view, longitude, latitude, zoom: NEARBY }
      this.moved = true
    }
    this.deck = new this.Deck({
      parent: this.stage,
      width: "100%",
      height: "100%",
      views: new window.deck.MapView({ repeat: false }),
      initialViewState: this.view,
      controller: view.fixed ? false : { dragRotate: false, touchRotate: false, inertia: 200 },
      pickingRadius: NEAR.mouse,
      useDevicePixels: view.pixelRatio ?? true, // a page that enlarges the whole map asks for more pixels
      deviceProps: { createCanvasContext: { pixelSizeSource: "css-dpr" } }, // sharp also where the pixel ratio is emulated
      layers: [],
      getCursor: ({ isDragging, isHovering }) => (isDragging ? "grabbing" : isHovering ? "pointer" : "default"),
      onViewStateChange: change => this.viewChanged(change),
      onHover: info => this.hover(info),
      onError: error => console.error("map:", error)
    })
    this.stage.querySelector("canvas")?.setAttribute("aria-label", this.data.text.map)
    this.wordless = Boolean(this.data.tiles?.length)
    if (this.wordless) setTimeout(() => this.speak(), WORDLESS)
    this.draw()
  }

  /** The view that shows the bounds between the panels. */
  fitted(bounds = this.data.view.bounds) {
    const { padding, phonePadding, minZoom, maxZoom } = this.data.view
    const { clientWidth: width, clientHeight: height } = this.stage
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
    const given = window.innerWidth > PHONE ? padding : phonePadding
    const [top, right, bottom, left] = given.map(side => side * rem)
    const aside = window.innerWidth > NARROW ? right : Math.min(right, rem)
    const box = { top, right: aside, left, bottom: bottom + (this.panel?.root.offsetHeight ?? 0) }
    const roomy = width > box.left + box.right + 60 && height > box.top + box.bottom + 60
    const [west, south, east, north] = bounds
    const view = new window.deck.WebMercatorViewport({ width, height })
      .fitBounds([[west, south], [east, north]], { padding: roomy ? box : 4 })
    return { longitude: view.longitude, latitude: view.latitude, zoom: view.zoom, minZoom, maxZoom, pitch: 0, bearing: 0 }
  }

  turnTo(view, transitionDuration = 0) {
    const { minZoom, maxZoom } = this.data.view
    this.view = { ...view, minZoom, maxZoom }
    this.deck.setProps({ initialViewState: { ...this.view, transitionDuration } })
    this.tools?.measureScale(this.view)
    this.draw()
  }

  /** Fly to a place of the search: { lon, lat } or { bounds }. */
  fly({ lon, lat, bounds }) {
    if (!this.deck) return
    const near = Math.max(this.view.zoom, NEARBY)
    const view = bounds ? this.fitted(bounds) : { ...this.view, longitude: lon, latitude: lat, zoom: near }
    this.goTo(view)
  }

  /** Move by ourselves, as if the person had. */
  goTo(view) {
    this.moved = true
    this.turnTo({ ...this.view, ...view, zoom: Math.min(view.zoom ?? this.view.zoom, this.data.view.maxZoom) }, FLIGHT)
    if (this.data.view.url) this.keepUrl(URL_REST)
  }

  viewChanged({ viewState, interactionState }) {
    const [west, south, east, north] = this.data.view.bounds
    const margin = 0.6
    viewState.longitude = Math.max(west - margin, Math.min(east + margin, viewState.longitude))
    viewState.latitude = Math.max(south - margin, Math.min(north + margin, viewState.latitude))
    const step = this.zoomStep()
    this.view = viewState
    this.moved ||= Object.values(interactionState ?? {}).some(Boolean)
    this.tip.hidden = true
    this.tools?.measureScale(viewState)
    if (this.zoomStep() !== step) this.draw()
    if (this.data.view.url && this.moved) this.keepUrl(URL_REST)
    return viewState
  }

  /** Write view and hidden levels into the URL. The server writes the rest, now and then over ours: hence at each update. */
  keepUrl(rest) {
    clearTimeout(this.urlTimer)
    this.urlTimer = setTimeout(() => {
      const asked = parameters()
      const { longitude, latitude, zoom } = this.view ?? {}
      if (this.moved && this.view) asked.set("view", [longitude.toFixed(4), latitude.toFixed(4), zoom.toFixed(2)].join(","))
      const hidden = [...(this.legend?.hidden ?? [])].sort().join("")
      hidden ? asked.set("hide", hidden) : asked.delete("hide")
      const query = asked.toString().replaceAll("%2C", ",").replaceAll("%3A", ":")
      const address = location.pathname + (query ? `?${query}` : "") + location.hash
      if (address !== location.pathname + location.search + location.hash) history.replaceState(history.state, "", address)
    }, rest)
  }

  /** Bring a newly chosen station or thing into view when it lies under a panel. */
  reveal(before) {
    const chosen = data => data?.air?.selected ?? data?.ring?.position.join()
    if (!this.deck || !before || !chosen(this.data) || chosen(this.data) === chosen(before)) return
    const position = this.data.ring?.position ?? this.airData()?.["air-selected"][0]?.position
    if (!position) return
    const viewport = this.deck.getViewports()[0]
    const [x, y] = viewport.project(position)
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
    const phone = window.innerWidth <= PHONE
    const [top, right, , left] = (phone ? [3, 0, 0, 0] : [1, 23, 0, 19.5]).map(side => side * rem)
    const bottom = phone ? viewport.height * 0.55 : (this.panel?.root.offsetHeight ?? 0) + rem
    const inside = x > left && x < viewport.width - right && y > top && y < viewport.height - bottom
    if (inside) return
    const centre = [(left + viewport.width - right) / 2, (top + viewport.height - bottom) / 2]
    const [longitude, latitude] = viewport.panByPosition
      ? Object.values(viewport.panByPosition(position, centre))
      : position
    this.moved = true
    this.turnTo({ ...this.view, longitude, latitude }, FLIGHT)
  }

  hover({ object, x, y }) {
    const lines = object && !this.tools?.measuring && this.words(object)
    this.tip.hidden = !lines
    if (!lines) return
    this.tip.replaceChildren(...lines.map(([className, words]) => Object.assign(el("div", className), { textContent: words })))
    const right = x > this.stage.clientWidth - 240
    this.tip.style.transform = `translate(${right ? x - 12 : x + 12}px, ${y + 12}px)${right ? " translateX(-100%)" : ""}`
  }

  words(object) {
    if (object.tip) return [["", object.tip]]
    if (object.cell) return wordsOf(object.cell, this.data.tiles.find(config => config.id === object.cell.layer))
    if (object.properties?.name) return this.placeWords(object.properties)
    if (object.level === undefined) return null
    const { text, air } = this.data
    const reading = object.value === null
      ? text.levels[0]
      : `${air.symbol} ${textOf(object.value, this.frames.decimals)}${air.unit ? ` ${air.unit}` : ""} ${text.levels[object.level]}`
    const place = [text.networks[object.network], air.districts[object.district] ?? object.district].filter(Boolean).join(" ")
    const late = object.age > 0 ? [["dm-small", text.late.replace("{n}", object.age)]] : []
    return [["dm-name", object.name], ["", reading], ["dm-small", place], ...late]
  }

  placeWords({ name, name_en, unit, parent }) {
    const shown = this.data.lang === "en" ? name_en || name : name
    return [["dm-name", shown], ...(unit || parent ? [["dm-small", [parent, unit].filter((one, i, all) => one && all.indexOf(one) === i).join(" · ")]] : [])]
  }

  /** Our own clicks: deck.gl measures a click by the clock, and on a machine without a GPU its first pick outlasts one. */
  watchClicks() {
    let down = null
    this.stage.addEventListener("pointerdown", event => { down = event.isPrimary && event.button === 0 ? event : null }, true)
    this.stage.addEventListener("pointerup", event => {
      if (!down || event.pointerId !== down.pointerId) return
      const far = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > CLICK.move
      if (!far && event.timeStamp - down.timeStamp < CLICK.time) this.click(event)
      down = null
    }, true)
  }

  click(event) {
    const box = this.stage.getBoundingClientRect()
    const [x, y] = [event.clientX - box.left, event.clientY - box.top]
    if (!this.deck || this.tools?.take(this.deck.getViewports()[0].unproject([x, y]), event)) return
    if (!(this.data.air ?? this.data).clickable) return
    const near = NEAR[event.pointerType] ?? NEAR.touch
    const met = this.deck.pickObject({ x, y, radius: near })
    if (met?.object) this.choose(met.object, met.layer)
  }

  /** The card of a thing; a cell of many comes nearer. */
  choose(object, layer) {
    if (object.cell) return this.openCell(object.cell)
    if (object.kind) return this.send("thing", `${object.kind}:${object.code}`)
    if (object.properties?.name) return this.send("thing", `place:${layer.id.split("-")[0]}:${object.properties.name}`)
    if (object.code) this.send("station", object.code)
  }

  openCell({ layer, id, position: [longitude, latitude] }) {
    if (id) return this.send("thing", `${layer}:${id}`)
    if (this.view.zoom < this.data.view.maxZoom - 0.2) return this.goTo({ longitude, latitude, zoom: this.view.zoom + CLOSER })
    this.send("thing", `cell:${layer}:${longitude.toFixed(6)},${latitude.toFixed(6)}`)
  }

  say(words) {
    this.message.textContent = words
    this.message.hidden = !words
  }

  destroy() {
    this.gone = true
    clearTimeout(this.urlTimer)
    this.panel?.destroy()
    this.tools?.destroy()
    window.removeEventListener("shuzhi-fly", this.onFly)
    this.watcher.disconnect()
    document.documentElement.removeAttribute("data-map-filters")
    this.deck?.finalize()
    this.root.remove()
  }
}

/** deck.gl looks at accessors again only when told to: when the colours of the mode change. */
function triggers(layer, key) {
  const accessors = Object.keys(layer.props).filter(name => name.startsWith("get") && name !== "getPosition")
  return Object.fromEntries(accessors.map(name => [name, key]))
}

function hasWebGL() {
  return Boolean(document.createElement("canvas").getContext("webgl2"))
}

function parameters() {
  return new URLSearchParams(location.search)
}

function viewFrom(text) {
  const [longitude, latitude, zoom] = (text ?? "").split(",").map(Number)
  return Number.isFinite(longitude) && Number.isFinite(latitude) && Number.isFinite(zoom) && text
    ? { longitude, latitude, zoom, pitch: 0, bearing: 0 }
    : null
}
