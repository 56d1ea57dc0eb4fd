// Lengths and areas on the earth, as a sphere. Pure.

const RADIUS = 6371008.8 // m, mean
const TILE = 512
const rad = degrees => degrees * Math.PI / 180

/** Length [m] along positions. */
export function lengthOf(positions) {
  return positions.slice(1).reduce((sum, to, i) => sum + distance(positions[i], to), 0)
}

function distance([lonA, latA], [lonB, latB]) {
  const a = Math.sin(rad(latB - latA) / 2) ** 2 + Math.cos(rad(latA)) * Math.cos(rad(latB)) * Math.sin(rad(lonB - lonA) / 2) ** 2
  return 2 * RADIUS * Math.asin(Math.sqrt(a))
}

/** Area [m²] of a polygon whose last corner is joined to the first. */
export function areaOf(corners) {
  const sum = corners.reduce((total, [lon, lat], i) => {
    const [next, nextLat] = corners[(i + 1) % corners.length]
    return total + rad(next - lon) * (2 + Math.sin(rad(lat)) + Math.sin(rad(nextLat)))
  }, 0)
  return Math.abs(sum) * RADIUS ** 2 / 2
}

export function lengthText(metres) {
  return metres < 1000 ? `${Math.round(metres)} m` : `${digits(metres / 1000)} km`
}

export function areaText(squareMetres) {
  return squareMetres < 1e5 ? `${Math.round(squareMetres).toLocaleString("en")} m²` : `${digits(squareMetres / 1e6)} km²`
}

/** The largest of 1, 2, 5, 10, 20 … m that is not longer. */
export function niceLength(metres) {
  const ten = 10 ** Math.floor(Math.log10(metres))
  return [5, 2, 1].find(step => step * ten <= metres) * ten
}

export function metresPerPixel(latitude, zoom) {
  return 2 * Math.PI * RADIUS * Math.cos(rad(latitude)) / (TILE * 2 ** zoom)
}

function digits(value) {
  return value >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)))
}
