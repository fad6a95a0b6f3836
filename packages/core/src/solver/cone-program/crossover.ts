import { newtonStep, restOf, type SmoothBlock } from '../../interior-point/newton.ts'
import { dot, type Matrix, matrix, multiply, multiplyVector, row } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import { nullSpace } from '../../linalg/qr.ts'

/** One w_i or v_i that is not zero: it adds sign · (Xw)₊, and stays in its closed cell. */
export interface Piece {
  readonly w: Float64Array
  readonly sign: 1 | -1
}

/** Sines of the angle below which a piece of an interior-point solution is taken to lie on a hyperplane, one after the other. */
const angles = [1e-3, 1e-5, 1e-7]

const maxSteps = 60

/** Pieces below this share of the largest go: a step has brought them to zero. */
const negligible = 1e-9

/**
 * From the interior to the vertex: Newton's method on the faces that the pieces lie on.
 *
 * An interior-point solution is off its walls by about the square root of what rounding allows. Which walls are met can
 * be read off it, though; on the faces w = Nθ the objective ½‖Σ ±DXNθ − y‖² + β Σ ‖θ‖ is smooth, and no constraint is
 * left that binds. No piece leaves its closed cell. Returns the best that was found, possibly what was given.
 */
export function crossover(X: Matrix, y: Float64Array, beta: number, pieces: readonly Piece[]): readonly Piece[] {
  let best = pieces
  let least = valueOf(X, y, beta, pieces)
  for (const angle of angles) {
    const settled = settle(X, y, beta, pieces, angle)
    const value = valueOf(X, y, beta, settled)
    if (value < least) [best, least] = [settled, value]
  }
  return best
}

/** ½‖Σ ±(Xw)₊ − y‖² + β Σ ‖w‖. */
function valueOf(X: Matrix, y: Float64Array, beta: number, pieces: readonly Piece[]): number {
  const rest = y.slice()
  let cost = 0
  for (const { w, sign } of pieces) {
    multiplyVector(X, w).forEach((value, i) => (rest[i] -= value > 0 ? sign * value : 0))
    cost += norm2(w)
  }
  return dot(rest, rest) / 2 + beta * cost
}

/** A piece on its face. */
interface Facet extends SmoothBlock {
  /** N, orthonormal, r × k; J = DXN. */
  readonly basis: Matrix
  /** Rows of XN that must keep their sign: +1 active, −1 inactive, 0 on the face. */
  readonly sides: Int8Array
  readonly onFace: Matrix
}

function settle(X: Matrix, y: Float64Array, beta: number, pieces: readonly Piece[], angle: number): Piece[] {
  let facets = merged(pieces.flatMap((piece) => facetOf(X, piece, angle)))
  let value = objectiveOf(facets, y, beta)
  for (let step = 0; step < maxSteps && facets.length > 0; step++) {
    const newton = newtonStep(facets, y, beta)
    if (!newton) break
    const { direction } = newton
    const reach = longest(facets, direction)
    let improved = false
    for (let length = Math.min(1, reach); length > 1e-6 * Math.min(1, reach) && !improved; length /= 2) {
      const trial = facets.map((facet, j) => ({
        ...facet,
        theta: facet.theta.map((entry, q) => entry + length * direction[j][q]),
      }))
      const next = objectiveOf(trial, y, beta)
      if (!(next < value)) continue
      ;[facets, value, improved] = [trial, next, true]
    }
    if (!improved) break
    const largest = facets.reduce((most, { theta }) => Math.max(most, norm2(theta)), 0)
    facets = facets.filter(({ theta }) => norm2(theta) > negligible * largest)
    value = objectiveOf(facets, y, beta)
  }
  return facets.map(({ basis, theta, sign }) => ({ w: multiplyVector(basis, theta), sign }))
}

function facetOf(X: Matrix, { w, sign }: Piece, angle: number): Facet[] {
  const size = norm2(w)
  const heights = multiplyVector(X, w)
  const sides = Int8Array.from(heights, (height, i) => {
    return Math.abs(height) <= angle * size * norm2(row(X, i)) ? 0 : height > 0 ? 1 : -1
  })
  const tight: number[] = []
  sides.forEach((side, i) => side === 0 && norm2(row(X, i)) > 0 && tight.push(i))
  const normals = matrix(tight.length, X.cols)
  tight.forEach((i, k) => row(normals, k).set(row(X, i)))
  const basis = nullSpace(normals)
  if (basis.cols === 0) return []
  const onFace = multiply(X, basis)
  const J = matrix(X.rows, basis.cols)
  sides.forEach((side, i) => side > 0 && row(J, i).set(row(onFace, i)))
  const theta = Float64Array.from({ length: basis.cols }, (_, q) => {
    let total = 0
    for (let p = 0; p < X.cols; p++) total += basis.data[p * basis.cols + q] * w[p]
    return total
  })
  return [{ sign, basis, J, sides, onFace, theta }]
}

/** Pieces of one face and sign are one piece. */
function merged(facets: readonly Facet[]): Facet[] {
  const byFace = new Map<string, Facet>()
  for (const facet of facets) {
    const key = `${facet.sign} ${facet.sides.join('')}`
    const twin = byFace.get(key)
    const theta = twin ? twin.theta.map((entry, q) => entry + facet.theta[q]) : facet.theta
    byFace.set(key, { ...facet, theta })
  }
  return [...byFace.values()]
}

function objectiveOf(facets: readonly Facet[], y: Float64Array, beta: number): number {
  const rest = restOf(facets, y)
  return dot(rest, rest) / 2 + beta * facets.reduce((total, { theta }) => total + norm2(theta), 0)
}

/** As far as every row keeps its side. */
function longest(facets: readonly Facet[], direction: readonly Float64Array[]): number {
  let most = Number.POSITIVE_INFINITY
  facets.forEach(({ onFace, sides, theta }, j) => {
    const heights = multiplyVector(onFace, theta)
    const slopes = multiplyVector(onFace, direction[j])
    for (let i = 0; i < sides.length; i++) {
      const leaving = -sides[i] * slopes[i]
      if (leaving > 0) most = Math.min(most, (sides[i] * heights[i]) / leaving)
    }
  })
  return most
}
