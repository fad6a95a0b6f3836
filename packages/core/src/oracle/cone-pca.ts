import { eigh } from '../linalg/eigh.ts'
import { dot, type Matrix, matrix, multiply, multiplyTransposed, row, transpose } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { nullSpace } from '../linalg/qr.ts'

export interface ConePca {
  /** The larger of `floor` and max ‖A u‖₂ over unit u with W u ≥ 0, up to rounding of the size of ε‖A‖. */
  readonly bound: number
  /** Unit vectors of the cone that are maximal on their face; each improved on those before. */
  readonly peaks: readonly Float64Array[]
}

/** Walls that a face meets at a smaller angle (sine) than this are left out there: the cone only grows, the bound holds. */
const grazing = 1e-7

/** Outside a wall by less than this counts as inside. */
const onWall = 1e-12

/**
 * Cone-constrained principal component: max ‖A u‖₂ over unit u with W u ≥ 0, for A c × r and unit rows of W.
 *
 * A maximiser in the relative interior of a face is a leading eigenvector of AᵀA on the span of that face; where the one
 * computed lies outside the cone, some maximiser has another wall active. So recurse over sets of walls, each set once
 * (Asteris, Papailiopoulos, Dimakis, "Nonnegative sparse PCA with provable guarantees", ICML 2014, Algorithm 5).
 *
 * @param floor faces that cannot exceed it are skipped.
 */
export function conePca(A: Matrix, W: Matrix, floor: number): ConePca {
  const peaks: Float64Array[] = []
  const slope = norm2(A.data)
  let bound = floor
  // `drift` bounds how far a unit vector of the exact face can be from the span of `basis`.
  const visit = (basis: Matrix, drift: number, from: number): void => {
    const { size, weights } = leading(A, basis)
    const reach = size + slope * drift
    if (Number.isNaN(reach)) bound = Number.POSITIVE_INFINITY
    if (reach <= bound) return
    const walls = multiply(W, basis)
    const angles = Float64Array.from({ length: W.rows }, (_, i) => norm2(row(walls, i)))
    const side = sideOf(W, weights, angles)
    if (side !== 0) {
      bound = reach
      peaks.push(weights.map((value) => side * value))
    } else if (basis.cols > 1) {
      for (let i = from; i < W.rows; i++) {
        if (!(angles[i] > grazing)) continue
        const within = nullSpace(matrix(1, basis.cols, row(walls, i)))
        visit(multiply(basis, within), drift + (drift + 4 * A.cols * Number.EPSILON) / angles[i], i + 1)
      }
    }
  }
  visit(identity(A.cols), 0, 0)
  return { bound, peaks }
}

export interface ConeQuadraticMaximum {
  /** Proven: uᵀRu is at most this for every unit u of the cone. −Infinity when the cone is {0}, Infinity for NaN. */
  readonly bound: number
  /** Unit vectors of the cone, each maximal on its face and better than those before. */
  readonly peaks: readonly Float64Array[]
}

/**
 * max uᵀRu over unit u with W u ≥ 0, exactly, for a symmetric R that need not be semidefinite and unit rows of W: program
 * (2) of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021), by `conePca` for a square root of R + 2‖R‖I.
 *
 * Rounding, of the square root and of the search, is below a small multiple of ε‖R‖ and added to the bound.
 */
export function coneQuadraticMaximum(R: Matrix, W: Matrix): ConeQuadraticMaximum {
  const r = R.rows
  const size = norm2(R.data)
  if (!(size < Number.POSITIVE_INFINITY)) return { bound: Number.POSITIVE_INFINITY, peaks: [] }
  const shift = size > 0 ? 2 * size : 1
  const { values, vectors } = eigh(R)
  const root = matrix(r, r)
  for (let k = 0; k < r; k++) {
    const factor = Math.sqrt(Math.max(0, values[k] + shift))
    for (let q = 0; q < r; q++) root.data[k * r + q] = factor * vectors.data[q * r + k]
  }
  const { bound, peaks } = conePca(root, W, 0)
  if (peaks.length === 0 && bound === 0) return { bound: Number.NEGATIVE_INFINITY, peaks }
  const rounding = 64 * (r + W.rows + 8) * Number.EPSILON * shift
  return { bound: bound * bound - shift + rounding, peaks }
}

/** The largest singular value of A on the span of the basis, and a unit vector that attains it. */
function leading(A: Matrix, basis: Matrix): { size: number; weights: Float64Array } {
  const m = basis.cols
  const onFace = multiply(A, basis)
  const { values, vectors } = eigh(multiplyTransposed(onFace, onFace))
  const coordinates = matrix(m, 1, transpose(vectors).data.slice((m - 1) * m))
  return { size: Math.sqrt(Math.max(0, values[m - 1])), weights: multiply(basis, coordinates).data }
}

/** 1 when u is in the cone, −1 when −u is, 0 when neither is. Walls that contain the face do not count. */
function sideOf(W: Matrix, u: Float64Array, angles: Float64Array): -1 | 0 | 1 {
  let [lowest, highest] = [0, 0]
  for (let i = 0; i < W.rows; i++) {
    if (!(angles[i] > grazing)) continue
    const height = dot(row(W, i), u)
    lowest = Math.min(lowest, height)
    highest = Math.max(highest, height)
  }
  return lowest >= -onWall ? 1 : highest <= onWall ? -1 : 0
}

function identity(n: number): Matrix {
  const out = matrix(n, n)
  for (let k = 0; k < n; k++) out.data[k * n + k] = 1
  return out
}
