// The legend of the air stations: a row a level with its count; a row is a filter too.

import { el } from "./dom.js"

const ORDER = [1, 2, 3, 4, 5, 6, 0]

export class Legend {
  constructor(root, onChange) {
    this.onChange = onChange
    this.hidden = new Set()
    this.title = el("h2")
    this.rows = ORDER.map(level => this.row(level))
    this.root = el("section", "lg")
    this.root.append(this.title, ...this.rows.map(row => row.node))
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
    for (const { level, name } of this.rows) {
      name.textContent = text.levels[level]
      if (!level) continue
      name.style.background = css(style[level].fill)
      name.style.color = css(style[level].ink)
    }
  }

  show(counts) {
    for (const { level, box, count } of this.rows) {
      count.textContent = counts[level]
      box.checked = !this.hidden.has(level)
    }
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

function css([r, g, b]) {
  return `rgb(${r},${g},${b})`
}
