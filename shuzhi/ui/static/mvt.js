// Reads points of a Mapbox Vector Tile 2.1 as maps/tiles.py makes them: one layer, one point a feature, whole numbers,
// texts and doubles. Pure; no deck.gl, no page.

const FEATURE = 2, KEY = 3, VALUE = 4, TAGS = 2, GEOMETRY = 4

/** Features of the first layer: objects with their properties, and x and y in steps of the tile (0 … 4095, y down). */
export function readPoints(buffer) {
  const features = [], keys = [], values = []
  for (const [field, layer] of fields(new Reader(buffer))) {
    if (field !== 3) continue
    for (const [part, value] of fields(layer)) {
      if (part === FEATURE) features.push(value)
      else if (part === KEY) keys.push(value.text())
      else if (part === VALUE) values.push(valueOf(value))
    }
    break
  }
  return features.map(feature => pointOf(feature, keys, values))
}

function pointOf(feature, keys, values) {
  const point = { x: 0, y: 0 }
  for (const [field, content] of fields(feature)) {
    if (field === TAGS) {
      while (content.more) point[keys[content.varint()]] = values[content.varint()]
    } else if (field === GEOMETRY) {
      content.varint() // "move to", once
      point.x = content.signed()
      point.y = content.signed()
    }
  }
  return point
}

/** text, float, double, int, uint, sint, bool */
function valueOf(reader) {
  const [[field, value]] = fields(reader)
  if (field === 1) return value.text()
  if (field === 2) return value.float()
  if (field === 3) return value.double()
  if (field === 6) return (value >>> 1) ^ -(value & 1)
  return field === 7 ? Boolean(value) : value
}

/** Numbers and contents of a message, in order; a content is a number or a reader of its bytes. */
function* fields(reader) {
  while (reader.more) {
    const tag = reader.varint()
    yield [tag >>> 3, reader.content(tag & 7)]
  }
}

class Reader {
  constructor(buffer, start = 0, end = buffer.byteLength) {
    Object.assign(this, { buffer, at: start, end })
    this.bytes = new Uint8Array(buffer)
  }

  get more() {
    return this.at < this.end
  }

  varint() {
    let value = 0, weight = 1, byte
    do {
      byte = this.bytes[this.at++]
      value += (byte & 0x7f) * weight
      weight *= 128
    } while (byte & 0x80)
    return value
  }

  signed() {
    const value = this.varint()
    return value % 2 ? -(value + 1) / 2 : value / 2
  }

  content(type) {
    if (type === 0) return this.varint()
    const length = type === 2 ? this.varint() : type === 1 ? 8 : 4
    const start = this.at
    this.at += length
    return new Reader(this.buffer, start, this.at)
  }

  text() {
    return new TextDecoder().decode(this.bytes.subarray(this.at, this.end))
  }

  float() {
    return new DataView(this.buffer, this.at, 4).getFloat32(0, true)
  }

  double() {
    return new DataView(this.buffer, this.at, 8).getFloat64(0, true)
  }
}
