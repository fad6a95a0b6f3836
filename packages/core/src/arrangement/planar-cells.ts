import { type Cell, patternOf } from '../arrangement.ts'
import { type Matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'

/**
 * The open cells of lines through the origin of the plane: the sectors between neighbours, once the lines are sorted by
 * angle. O(n log n) and as many patterns.
 *
 * @param thinnest sectors whose angle (sine) is at most this do not count.
 * @returns how far (sine) a direction of a sector that was left out can be from a line.
 */
export function* planarCells(X: Matrix, thinnest: number): Generator<Cell, number> {
  const lines = sortedLines(X)
  if (lines.length === 0) {
    yield { pattern: patternOf(X, Float64Array.of(1, 0)), interior: Float64Array.of(1, 0) }
    return 0
  }
  let overlooked = 0
  for (let k = 0; k < lines.length; k++) {
    const from = lines[k]
    const to = lines[k + 1] ?? lines[0].map((value) => -value)
    const sine = from[0] * to[1] - from[1] * to[0]
    const cosine = from[0] * to[0] + from[1] * to[1]
    if (lines.length > 1 && !(sine > thinnest) && cosine > 0) {
      overlooked = Math.max(overlooked, Math.abs(sine) + 8 * Number.EPSILON)
      continue
    }
    for (const interior of bisectors(from, to)) yield { pattern: patternOf(X, interior), interior }
  }
  return overlooked
}

/** A unit vector along every line, in the upper half-plane, counter-clockwise. */
function sortedLines(X: Matrix): Float64Array[] {
  const lines: Float64Array[] = []
  for (let i = 0; i < X.rows; i++) {
    const [a, b] = row(X, i)
    const size = norm2(row(X, i))
    if (!(size > 0)) continue
    const upper = a > 0 || (a === 0 && b < 0) ? 1 : -1
    lines.push(Float64Array.of((-upper * b) / size, (upper * a) / size))
  }
  return lines.sort((one, other) => Math.atan2(one[1], one[0]) - Math.atan2(other[1], other[0]))
}

/**
 * The middle of the sector from one unit vector counter-clockwise to another, less than π apart or opposite, and its
 * negative: the sum of the two or, where that is short, their difference turned by a right angle.
 */
function bisectors(from: Float64Array, to: Float64Array): Float64Array[] {
  const blunt = from[0] * to[0] + from[1] * to[1] < 0
  const middle = blunt
    ? Float64Array.of(to[1] - from[1], from[0] - to[0])
    : Float64Array.of(from[0] + to[0], from[1] + to[1])
  const size = norm2(middle)
  return [1, -1].map((side) => middle.map((value) => (side * value) / size))
}
