// The time panel under a map: clock, play and step buttons, the city's hourly AQI as bars, a slider over the hours.
// It plays in the browser; `onHour(i)` draws a frame, `onSettle(iso)` tells the server once the person has chosen.

import { hoursOf } from "./air.js"
import { el } from "./dom.js"

const PACE = 420 // ms a frame
const REST = 450 // ms without a change before the server hears of the hour
const TOP = 200 // AQI at the top of the bars
const LIMIT = 100

const ICONS = {
  play: "M8 5v14l11-7z",
  pause: "M6 5h4v14H6zm8 0h4v14h-4z",
  back: "M15.4 7.4 14 6l-6 6 6 6 1.4-1.4L10.8 12z",
  on: "M8.6 16.6 10 18l6-6-6-6-1.4 1.4L13.2 12z"
}

export class TimePanel {
  constructor(root, { onHour, onSettle }) {
    this.onHour = onHour
    this.onSettle = onSettle
    this.hours = []
    this.hour = 0
    this.timer = null
    this.build(root)
  }

  build(root) {
    this.clock = el("div", "tp-clock")
    this.date = el("label", "tp-date")
    this.picker = el("input", "tp-picker", { type: "date" })
    this.dateText = el("span")
    this.date.append(this.dateText, this.picker)
    this.back = button("back", () => this.step(-1))
    this.play = button("play", () => (this.timer ? this.pause() : this.start()))
    this.on = button("on", () => this.step(1))
    this.caption = el("div", "tp-caption")
    this.bars = el("div", "tp-bars")
    this.days = el("div", "tp-days")
    this.slider = el("input", "tp-slider", { type: "range", min: 0, step: 1 })
    const head = el("div", "tp-head")
    head.append(this.clock, this.date)
    const buttons = el("div", "tp-buttons", { role: "group" })
    buttons.append(this.back, this.play, this.on)
    const line = el("div", "tp-line")
    line.append(this.caption, this.bars, this.slider, this.days)
    this.root = el("section", "tp")
    this.root.append(head, buttons, line)
    root.append(this.root)
    this.slider.oninput = () => { this.pause(false); this.show(Number(this.slider.value)); this.settle() }
    this.picker.onchange = () => this.pick()
    this.dateText.onclick = () => this.picker.showPicker?.()
    this.bars.onclick = event => this.jump(event)
    this.bars.onpointermove = event => { this.bars.title = this.barTitle(this.barAt(event)) }
  }

  /** New words, colours and limits of the date picker. */
  dress({ text, lang, style, min, max }) {
    Object.assign(this, { text, lang, style })
    this.root.setAttribute("aria-label", text.time)
    this.caption.textContent = text.city
    this.slider.setAttribute("aria-label", text.hour)
    this.picker.setAttribute("aria-label", text.day)
    this.picker.min = min ?? ""
    this.picker.max = max ?? ""
    label(this.back, text.back)
    label(this.on, text.on)
    this.drawBars()
    this.label()
  }

  /** New frames; shows the hour `iso`, or the last one. */
  load(frames, iso) {
    this.pause(false)
    this.frames = frames
    this.hours = hoursOf(frames)
    this.slider.max = this.hours.length - 1
    this.drawBars()
    this.show(this.indexOf(iso))
  }

  /** Other readings of the same hours: stay where we are, also while playing. */
  exchange(frames) {
    this.frames = frames
    this.drawBars()
    this.show(this.hour)
  }

  indexOf(iso) {
    const at = this.hours.indexOf(iso)
    return at < 0 ? this.hours.length - 1 : at
  }

  show(hour) {
    this.hour = Math.max(0, Math.min(this.hours.length - 1, hour))
    this.slider.value = this.hour
    this.label()
    this.onHour(this.hour)
  }

  step(by) {
    this.pause(false)
    const wanted = this.hour + by
    if (wanted < 0 || wanted >= this.hours.length) return this.settle(shifted(this.hours[this.hour], by))
    this.show(wanted)
    this.settle()
  }

  start() {
    if (!this.hours.length) return
    if (this.hour === this.hours.length - 1) this.show(0)
    clearTimeout(this.rest)
    this.timer = setInterval(() => {
      this.show(this.hour + 1)
      if (this.hour === this.hours.length - 1) this.pause()
    }, PACE)
    this.label()
  }

  pause(settle = true) {
    if (!this.timer) return
    clearInterval(this.timer)
    this.timer = null
    this.label()
    if (settle) this.settle()
  }

  settle(iso = this.hours[this.hour]) {
    clearTimeout(this.rest)
    this.rest = setTimeout(() => this.onSettle(iso), REST)
  }

  pick() {
    if (this.picker.value) this.onSettle(`${this.picker.value}T${this.hours[this.hour]?.slice(11) ?? "00:00"}`)
  }

  jump(event) {
    this.pause(false)
    this.show(this.barAt(event))
    this.settle()
  }

  barAt(event) {
    const box = this.bars.getBoundingClientRect()
    return Math.min(this.hours.length - 1, Math.floor((event.clientX - box.left) / box.width * this.hours.length))
  }

  barTitle(i) {
    const aqi = this.frames?.city.aqi[i]
    const reading = aqi == null ? this.text.levels[0] : `AQI ${aqi} ${this.text.levels[this.frames.city.level[i]]}`
    return this.hours[i] ? `${dayOf(this.hours[i], this.lang)} ${this.hours[i].slice(11)} ${reading}` : ""
  }

  label() {
    const iso = this.hours[this.hour]
    if (!iso || !this.text) return
    this.clock.textContent = iso.slice(11)
    this.dateText.textContent = dayOf(iso, this.lang)
    this.picker.value = iso.slice(0, 10)
    this.slider.setAttribute("aria-valuetext", this.barTitle(this.hour))
    const moving = this.timer !== null
    this.play.querySelector("path").setAttribute("d", moving ? ICONS.pause : ICONS.play)
    label(this.play, moving ? this.text.pause : this.text.play)
    this.bars.querySelector(".now")?.classList.remove("now")
    this.bars.children[this.hour]?.classList.add("now")
  }

  drawBars() {
    if (!this.frames || !this.style) return
    const { aqi, level } = this.frames.city
    this.bars.replaceChildren(...aqi.map((value, i) => {
      const bar = el("i", value === null ? "gap" : "")
      if (value !== null) {
        bar.style.height = `${Math.max(4, Math.min(100, value / TOP * 100))}%`
        bar.style.background = `rgb(${this.style[level[i]].fill.slice(0, 3)})`
      }
      return bar
    }))
    this.bars.style.setProperty("--limit", `${LIMIT / TOP * 100}%`)
    this.days.replaceChildren(...this.dayMarks())
  }

  /** The days under the slider, each at its midnight. */
  dayMarks() {
    return this.hours.flatMap((iso, i) => {
      if (iso.slice(11) !== "00:00") return []
      const share = (i + 1) / this.hours.length // the stamp 00:00 ends a day, the next hour is the first of the new one
      const mark = el("span")
      mark.textContent = share < 0.92 ? monthDay(iso, this.lang) : "" // at the edge there is room for the mark only
      mark.style.left = `${share * 100}%`
      return [mark]
    })
  }

  destroy() {
    clearInterval(this.timer)
    clearTimeout(this.rest)
  }
}

const LOCALE = { zh: "zh-CN", en: "en-GB" }
const asDate = iso => new Date(iso + "Z") // Beijing's clock read as if it were UTC, so that no browser shifts it

/** The day in words; with its year where that is not this year. */
function dayOf(iso, lang) {
  const past = iso.slice(0, 4) !== String(new Date().getFullYear())
  const brief = past || lang === "en"
  const parts = { month: lang === "zh" ? "long" : "short", day: "numeric", weekday: brief ? "short" : "long", timeZone: "UTC" }
  return asDate(iso).toLocaleDateString(LOCALE[lang], { ...parts, ...(past && { year: "numeric" }) }).replace(/日(?=星期|周)/, "日 ")
}

function monthDay(iso, lang) {
  return asDate(iso).toLocaleDateString(LOCALE[lang], { month: "short", day: "numeric", timeZone: "UTC" })
}

function shifted(iso, hours) {
  return new Date(asDate(iso).getTime() + hours * 3600e3).toISOString().slice(0, 16)
}

function button(icon, onclick) {
  const node = el("button", "tp-button", { type: "button" })
  node.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`
  node.onclick = onclick
  return node
}

function label(node, text) {
  node.title = text
  node.setAttribute("aria-label", text)
}
