// How the screen's data get into its page. An element says what it shows: data-text="now.aqi" a text, data-each a list
// of rows made from the template inside, data-if hides it while there is nothing. Only what has changed is touched.

const POLLUTANT = /(PM)(2\.5|10)|(?<![A-Za-z])([SN]O)(2)|(?<![A-Za-z])(O)(3)/g
const UNIT = /\s*([µm]g\/m³)/g
const TRACK = 1.5 // a bullet's track ends at so many times the limit
const TWO_LINES = 1.7 // rem of a sentence in two lines
const ONE_LINE = 0.72 // a sentence may be set so much smaller before it takes two lines
const seen = new WeakMap() // element → what it shows
const leaves = new Map() // list that turns its pages → { rows, page }

const KINDS = {
  text: (node, value) => write(node, value ?? "", html),
  hero: (node, value) => write(node, value ?? "", headed),
  if: (node, value) => { node.hidden = !value },
  svg: (node, value) => write(node, value ?? "", svg => svg),
  each: (node, value, tools) => rows(node, value ?? [], tools),
  leaves: (node, value, tools) => leaves.set(node, { rows: value ?? [], page: leaves.get(node)?.page ?? 0, tools }),
  chip: (node, level) => { write(node, level?.name ?? "", html); paint(node, level) },
  swatch: paint,
  share: (node, share) => {
    node.style.width = `${Math.min(share / TRACK, 1) * 100}%`
    node.classList.toggle("over", share > 1)
  },
  part: (node, level) => { node.style.flexGrow = level.n; paint(node, level) },
  map: (node, value, tools) => { if (value) tools.map(node, value) }
}

/** Show a model in an element and all inside it. */
export function fill(node, model, tools) {
  let inner = true
  for (const [kind, path] of Object.entries(node.dataset)) {
    KINDS[kind]?.(node, at(model, path), tools)
    inner &&= !["each", "leaves", "svg", "map"].includes(kind)
  }
  if (inner) for (const child of node.children) fill(child, model, tools)
}

/** The next page of each list that is longer than its room; 0 shows the same page again. Returns "2/3", or "". */
export function turnLeaves(step) {
  let told = ""
  for (const [node, leaf] of leaves) {
    const height = parseFloat(getComputedStyle(node).getPropertyValue("--row")) * rem()
    const room = Math.max(1, Math.floor((node.clientHeight + 1) / height))
    const pages = Math.max(1, Math.ceil(leaf.rows.length / room))
    const each = Math.ceil(leaf.rows.length / pages)
    leaf.page = (leaf.page + step) % pages
    node.style.setProperty("--room", room)
    rows(node, leaf.rows.slice(leaf.page * each, (leaf.page + 1) * each), leaf.tools)
    if (pages > 1) told = `${leaf.page + 1}/${pages}`
  }
  return told
}

/** Set the sentence as large as fits: in one line, or in two where one would be too small. */
export function fitSentence(node) {
  node.style.fontSize = ""
  node.classList.remove("two")
  const share = node.clientWidth / node.scrollWidth
  if (share >= 1) return
  const size = parseFloat(getComputedStyle(node).fontSize)
  if (share >= ONE_LINE) return void (node.style.fontSize = `${size * share * 0.995}px`)
  node.classList.add("two")
  const most = parseFloat(getComputedStyle(node).maxHeight)
  for (let at = 1; at > 0.4 && node.offsetHeight > most + 1; at -= 0.03) {
    node.style.fontSize = `${at * TWO_LINES * rem()}px`
  }
}

function rem() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize)
}

function at(model, path) {
  return path === "." ? model : path.split(".").reduce((value, key) => value?.[key], model)
}

function write(node, text, form) {
  if (seen.get(node) === text) return
  seen.set(node, text)
  node.innerHTML = form(text)
}

function rows(node, values, tools) {
  const template = node.querySelector(":scope > template")
  while (node.children.length - 1 > values.length) node.lastElementChild.remove()
  while (node.children.length - 1 < values.length) node.append(template.content.firstElementChild.cloneNode(true))
  values.forEach((value, at) => fill(node.children[at + 1], value, tools))
}

function paint(node, level) {
  node.style.background = level?.color ?? ""
  node.style.color = level?.ink ?? ""
  node.classList.toggle("hollow", !level?.color)
  if (level?.water !== undefined) node.classList.toggle("water", level.water)
}

/** Escaped text with the digits of pollutants lowered. */
function html(text) {
  return escaped(text).replace(POLLUTANT, (_, ...groups) => {
    const [letters, digits] = groups.slice(0, 6).filter(Boolean)
    return `${letters}<sub>${digits}</sub>`
  })
}

/** The same with small units. */
function headed(text) {
  return html(text).replace(UNIT, '<span class="unit">$1</span>')
}

function escaped(text) {
  return String(text).replace(/[&<>"]/g, sign => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign])
}
