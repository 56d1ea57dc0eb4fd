// The map's search: finds while the person writes, without a rerun. What is chosen is flown to by the map of the page
// (event "shuzhi-fly") and told to the server, which opens its card.

import { el } from "./dom.js"

const REST = 160 // ms without a key before the server is asked
const instances = new WeakMap()

export default function mount(component) {
  const { parentElement } = component
  let search = instances.get(parentElement)
  if (!search) instances.set(parentElement, (search = new Search(parentElement)))
  search.update(component)
  return () => {
    search.destroy()
    instances.delete(parentElement)
  }
}

class Search {
  constructor(parent) {
    this.root = el("div", "se")
    this.field = el("input", "se-field", { type: "search", autocomplete: "off", spellcheck: "false", role: "combobox", "aria-expanded": "false", "aria-controls": "se-list" })
    this.list = el("div", "se-list", { role: "listbox", id: "se-list" })
    this.root.append(this.field, this.list)
    parent.append(this.root)
    this.found = []
    this.field.oninput = () => this.later()
    this.field.onkeydown = event => this.key(event)
  }

  update({ data, setTriggerValue }) {
    const first = !this.data
    this.data = data
    this.send = setTriggerValue
    if (first) this.root.before(el("link", "", { rel: "stylesheet", href: data.base + data.css }))
    this.field.placeholder = data.text.placeholder
    this.field.setAttribute("aria-label", data.text.label)
  }

  later() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.ask(), REST)
  }

  async ask() {
    const text = this.field.value.trim()
    this.asked = text
    if (!text) return this.show([])
    const { base, address, lang } = this.data
    try {
      const answer = await fetch(`${base}${address}?${new URLSearchParams({ q: text, lang })}`)
      const { found } = await answer.json()
      if (this.asked === text) this.show(found, text)
    } catch {
      this.show([], text)
    }
  }

  show(found, text = "") {
    this.found = found
    this.at = found.length ? 0 : -1
    const nothing = text && !found.length ? [Object.assign(el("p", "se-none"), { textContent: this.data.text.nothing })] : []
    this.list.replaceChildren(...found.map((thing, i) => this.row(thing, i)), ...nothing)
    this.field.setAttribute("aria-expanded", found.length > 0)
    this.mark()
  }

  row(thing, i) {
    const node = el("div", "se-row", { role: "option" })
    const parts = [["se-name", thing.name], ["se-kind", thing.kind_name], ["se-detail", thing.detail]]
    node.append(...parts.map(([name, words]) => Object.assign(el("span", name), { textContent: words })))
    node.onpointerdown = event => { event.preventDefault(); this.choose(i) }
    return node
  }

  mark() {
    [...this.list.children].forEach((node, i) => node.setAttribute("aria-selected", i === this.at))
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && this.found.length) {
      event.preventDefault()
      this.at = (this.at + step + this.found.length) % this.found.length
      this.mark()
    }
    if (event.key === "Enter" && this.found[this.at]) this.choose(this.at)
    if (event.key === "Escape") { this.field.value = ""; this.show([]) }
  }

  choose(i) {
    const { kind, code, name, bounds } = this.found[i]
    const [west, south, east, north] = bounds
    const detail = west === east && south === north ? { lon: west, lat: south } : { bounds }
    this.field.value = name
    this.show([])
    this.field.blur()
    window.dispatchEvent(new CustomEvent("shuzhi-fly", { detail }))
    this.send("thing", `${this.data.places.includes(kind) ? `place:${kind}` : kind}:${code}`)
  }

  destroy() {
    clearTimeout(this.timer)
    this.root.remove()
  }
}
