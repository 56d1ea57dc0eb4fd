// The legend: the levels of the air stations with their counts, each a filter too; below it what the other layers mean.

import { el } from "./dom.js"

const ORDER = [1, 2, 3, 4, 5, 6, 0]

export class Legend {
  constructor(root, onChange) {
    this.onChange = onChange
    this.hidden = new Set()
    this.title = el("h2")
    this.rows = ORDER.map(level => this.row(level))
    this.air = el("div", "lg-air")
    this.air.append(this.title, ...this.rows.map(row => row.node))
    this.others = el("div", "lg-others")
    this.root = el("section", "lg")
    this.root.append(this.air, this.others)
    root.append(this.root)
  }

  row(level) {
    const node = el("label", "lg-row")
    const box = el("input", "", { type: "checkbox", checked: "" })
    const name = el("span", level ? "lg-chip" : "lg-none")
    const count = el("b")
    node.append(box, name, count)
    box.onchange = () => {
      box.checked ? this.hidden.delete(level) : this.hidden.add(level)
      this.onChange()
    }
    return { level, node, box, name, count }
  }

  dress({ text, style }) {
    this.title.textContent = text.legend
    this.root.setAttribute("aria-label", text.legend)
    for (const { level, box, name } of this.rows) {
      name.textContent = text.levels[level].replace(/ polluted$/, "") // two in a row; the whole name is read out
      name.title = text.levels[level]
      box.setAttribute("aria-label", text.levels[level])
      if (!level) continue
      name.style.background = css(style[level].fill)
      name.style.color = css(style[level].ink)
    }
  }

  show(counts) {
    this.counts = counts
    for (const { level, box, count } of this.rows) {
      count.textContent = counts[level]
      box.checked = !this.hidden.has(level)
    }
  }

  /** Sections in order: null is the air, the others have a title, entries (shape, fill, name, count) and a note. */
  also(sections) {
    this.air.hidden = !sections.includes(null)
    this.sections = sections.filter(Boolean)
    this.others.replaceChildren(...this.sections.map(sectionOf))
    this.root.hidden = !sections.length
  }

  /** What is to be seen, for a picture: the same sections, the air among them. */
  shown() {
    const entries = this.rows.map(({ level, name, count }) => ({
      shape: level ? "dot" : "hollow", fill: name.style.background, name: name.textContent, count: count.textContent
    }))
    return [...(this.air.hidden ? [] : [{ title: this.title.textContent, entries }]), ...this.sections.map(section => ({
      ...section, entries: section.entries.map(entry => ({ ...entry, fill: entry.fill && css(entry.fill) }))
    }))]
  }

  /** Stand directly under an element of the page, as one panel with it. */
  placeUnder(anchor, stage) {
    const under = anchor?.getBoundingClientRect(), ours = stage.getBoundingClientRect()
    const joined = Boolean(under?.height)
    this.root.classList.toggle("joined", joined)
    this.root.style.top = joined ? `${under.bottom - ours.top - 1}px` : ""
    this.root.style.left = joined ? `${under.left - ours.left}px` : ""
    this.root.style.width = joined ? `${under.width}px` : ""
  }
}

function sectionOf({ title, entries, note }) {
  const node = el("div", "lg-section")
  node.append(Object.assign(el("h2"), { textContent: title }), ...entries.map(entryOf))
  if (note) node.append(Object.assign(el("p"), { textContent: note }))
  return node
}

function entryOf({ shape, fill, name, count }) {
  const node = el("span", "lg-entry"), mark = el("i", `lg-mark lg-${shape}`)
  if (fill) mark.style.background = css(fill)
  node.append(mark, `${name} `, Object.assign(el("b"), { textContent: Number(count).toLocaleString("en") }))
  return node
}

function css([r, g, b, a = 255]) {
  return a === 255 ? `rgb(${r},${g},${b})` : `rgba(${r},${g},${b},${(a / 255).toFixed(2)})`
}
