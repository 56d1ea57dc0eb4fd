// The situation room's screen: asks for what has changed, and exchanges only that. Nothing of it is rebuilt, so nothing
// flickers and nothing piles up over the weeks that it stands there.

import mountMap from "./deck_map.js"
import { fill, fitSentence, turnLeaves } from "./wall_parts.js"

const told = JSON.parse(document.getElementById("told").textContent)
const base = location.pathname.replace(/\/wall\/?$/, "")
const BAND = 2.6 // from this ratio of width to height the columns spread side by side
const MAP_REM = 15 // px of a rem in which the map is drawn: its smallest names, 12 px, become 0.8 rem, its usual ones 0.87
const PATIENCE = 20_000 // ms for an answer
const LONGEST_PAUSE = 30_000 // ms between two tries without a connection
const LEAF = 12_000 // ms that a page of the list stays
const FEW = 3 // rows of the list up to which the year's days have room above it
const SETTLED = 200 // ms after a change of the window
const REST = 2_000 // ms after the graphics card has dropped a map

const root = document.documentElement
const connection = document.getElementById("connection")
const clock = clockOf(told.lang)
const blocks = [...document.querySelectorAll("[data-screen]")]
const maps = new Map() // element → { given, size, data, unmount }
let arranged = null, tag = null, shown = null, failures = 0, lostAt = null, ahead = 0, asking = false, resting, next

/** Milliseconds of the server's clock. */
const now = () => Date.now() + ahead

function layout() {
  return innerWidth / innerHeight >= BAND ? "band" : "screen"
}

/** Ask once, show what is new, and ask again after a pause; never two questions at a time. */
async function refresh() {
  if (asking) return
  asking = true
  clearTimeout(next)
  const wanted = layout()
  try {
    const answer = await ask(wanted)
    const body = answer.status === 200 ? await answer.json() : null
    if (body && body.page !== told.page) return reload()
    if (body) take(body, wanted, answer.headers.get("ETag"))
    root.dataset.refreshes = Number(root.dataset.refreshes ?? 0) + 1
    connected()
  } catch (error) {
    broken(error)
  } finally {
    asking = false
  }
  next = setTimeout(refresh, pause(wanted))
}

async function ask(wanted) {
  const answer = await fetch(`${base}/wall/data.json?${new URLSearchParams({ lang: told.lang, layout: wanted })}`, {
    headers: tag && shown === wanted ? { "If-None-Match": tag } : {},
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE)
  })
  if (!answer.ok && answer.status !== 304) throw Object.assign(new Error(answer.status), { answered: true })
  const sent = Number(answer.headers.get("X-Time"))
  if (sent) ahead = sent - Date.now()
  return answer
}

/** Milliseconds until the next question: longer and longer without a connection, none where the window has changed. */
function pause(wanted) {
  if (failures) return Math.min(1000 * 2 ** (failures - 1), LONGEST_PAUSE)
  return layout() === wanted ? told.every * 1000 : 0
}

function take(body, wanted, newTag) {
  arrange(wanted, !body.water)
  show(body)
  settle()
  tag = newTag
  shown = wanted
}

/** Put each block into its column; the blocks stay the same ones. Without water the year takes its place. */
function arrange(wanted, dry) {
  const form = `${wanted} ${dry}`
  if (arranged === form) return
  arranged = form
  root.dataset.layout = wanted
  root.style.setProperty("--enlarged", enlarged())
  for (const block of blocks) document.getElementById((dry && block.dataset.dry) || block.dataset[wanted]).append(block)
}

/** Another version of the software answers: take it, but not in a circle where something in between keeps the old page. */
function reload() {
  const before = Number(sessionStorage.getItem("shuzhi-wall-reload") ?? 0)
  if (Date.now() - before < LONGEST_PAUSE) return void (next = setTimeout(refresh, LONGEST_PAUSE))
  sessionStorage.setItem("shuzhi-wall-reload", Date.now())
  location.reload()
}

function show(body) {
  root.dataset.state = body.empty ? "empty" : "full"
  for (const block of ["water", "sources", "machines"]) root.toggleAttribute(`data-${block}`, Boolean(body[block]))
  root.toggleAttribute("data-few", Boolean(body.water) && body.over?.rows.length <= FEW)
  fill(document.body, body, { map: showMap })
}

/** After a change of texts or window: what depends on the room there is. */
function settle() {
  fitSentence(document.querySelector(".hero"))
  turn(0)
}

function turn(step) {
  document.getElementById("leaf").textContent = turnLeaves(step)
}

function connected() {
  failures = 0
  lostAt = null
  connection.textContent = ""
  for (const [element, map] of maps) {
    const message = element.shadowRoot.querySelector(".dm-message")?.textContent
    if (message && message === map.given.text.failed) remount(element)
  }
}

function broken(error) {
  failures += 1
  lostAt ??= now()
  const words = error.answered ? told.words.failing : told.words.lost
  connection.textContent = words + told.words.since.replace("{time}", clock.time(lostAt))
  if (failures === 1) console.warn(error)
}

/** A map keeps its canvas; it is drawn in the pixels of a desk and enlarged as a whole, names and points alike. */
function showMap(element, given) {
  if (!element.shadowRoot) {
    element.attachShadow({ mode: "open" })
    element.shadowRoot.addEventListener("webglcontextlost", () => setTimeout(() => remount(element), REST), true)
  }
  const before = maps.get(element)
  const size = String([devicePixelRatio, enlarged()])
  if (before && before.size === size && JSON.stringify(before.given) === JSON.stringify(given)) return
  const data = dressed(given)
  if (before && before.size !== size) clear(element)
  maps.set(element, { given, size, data, unmount: mounted(element, data) })
}

function dressed(map) {
  const view = { ...map.view, pixelRatio: devicePixelRatio * enlarged(), fixed: true, url: false }
  return { ...map, base, css: `/assets/ui/${told.code}/deck_map.css`, view }
}

function mounted(element, data) {
  return mountMap({ data, parentElement: element.shadowRoot, setTriggerValue: () => {} })
}

/** Make a map anew: what it needed did not come, or the graphics card has dropped it. */
function remount(element) {
  clear(element)
  const map = maps.get(element)
  maps.set(element, { ...map, unmount: mounted(element, map.data) })
}

function clear(element) {
  maps.get(element).unmount()
  element.shadowRoot.replaceChildren()
}

function enlarged() {
  return parseFloat(getComputedStyle(root).fontSize) / MAP_REM
}

/** Hour and date in Beijing, as the language writes them. */
function clockOf(lang) {
  const locale = lang === "zh" ? "zh-CN" : "en-GB"
  const zone = { timeZone: "Asia/Shanghai", hourCycle: "h23" }
  const hours = new Intl.DateTimeFormat(locale, { ...zone, hour: "2-digit", minute: "2-digit", second: "2-digit" })
  const dates = new Intl.DateTimeFormat(locale, { ...zone, year: "numeric", month: "long", day: "numeric" })
  const days = new Intl.DateTimeFormat(locale, { ...zone, weekday: "long" })
  return { time: moment => hours.format(moment), date: moment => dates.format(moment), day: moment => days.format(moment) }
}

function tick() {
  const moment = now()
  document.getElementById("time").textContent = clock.time(moment)
  const date = document.getElementById("date"), today = clock.date(moment)
  if (date.textContent !== today) {
    date.textContent = today
    document.getElementById("day").textContent = clock.day(moment)
  }
  setTimeout(tick, 1000 - (now() % 1000))
}

addEventListener("resize", () => {
  clearTimeout(resting)
  resting = setTimeout(() => {
    root.style.setProperty("--enlarged", enlarged())
    settle()
    for (const [element, { given }] of maps) showMap(element, given)
    if (layout() !== shown) refresh()
  }, SETTLED)
})
addEventListener("online", refresh)
setInterval(() => turn(1), LEAF)
arrange(layout(), true)
for (const node of document.querySelectorAll("[data-word]")) node.textContent = told.words[node.dataset.word]
tick()
refresh()
