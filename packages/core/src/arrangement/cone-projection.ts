import { dot } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { compensatedDot } from '../linalg/sum.ts'

/** The point w = v + Σ μ_i a_i of the cone {u : a_iᵀu ≥ 0} nearest to v, up to rounding. */
export interface ConeProjection {
  readonly point: Float64Array
  /** The walls that the point lies on, and their μ ≥ 0. */
  readonly walls: readonly number[]
  readonly multipliers: Float64Array
}

/**
 * Walls that w violates by less than this, relative to its length, are left alone: to satisfy them as well would take
 * multipliers so large that their rounding spoils more than it mends. A wall violated by more is independent of those
 * that w lies on by at least as much.
 */
const tolerance = 1e-12

/**
 * Projects v onto the cone {u : a_iᵀu ≥ 0 for all i}, the a_i being unit vectors: w = v + Σ μ_i a_i with the μ ≥ 0 that
 * make w shortest, found by the active-set method of Lawson and Hanson ("Solving Least Squares Problems", chapter 23).
 */
export function projectOntoCone(normals: readonly Float64Array[], v: Float64Array): ConeProjection {
  const mu = new Float64Array(normals.length)
  const passive: number[] = []
  let point = v
  for (let step = 0; step < 3 * normals.length + 10; step++) {
    const entering = mostViolated(normals, point, passive)
    if (entering < 0) break
    passive.push(entering)
    const solved = solvePassiveInto(normals, v, passive, mu)
    if (!solved) break
    point = solved
  }
  const walls = passive.filter((i) => mu[i] > 0)
  return { point, walls, multipliers: Float64Array.from(walls, (i) => mu[i]) }
}

/**
 * Proves vᵀu ≤ depth for every unit u of the cone: any μ ≥ 0 gives vᵀu = wᵀu − Σ μ_i a_iᵀu ≤ ‖w‖, so this holds however
 * well or badly the projection went.
 *
 * Between walls that are nearly parallel the μ are large and w, nearly zero, is lost in their rounding. So μ gets a
 * correction, as a second array of floats, and w is summed as if in twice the working precision.
 */
export function provenDepth(
  normals: readonly Float64Array[],
  v: Float64Array,
  { walls, multipliers }: ConeProjection,
): number {
  const factors = Float64Array.of(1, ...multipliers)
  const vectors = [v, ...walls.map((i) => normals[i])]
  const depth = lengthOf(factors, vectors)
  const correction = unconstrained(normals, combination(factors, vectors), walls)?.multipliers
  if (!correction?.every((value, k) => multipliers[k] + value >= 0)) return depth
  return Math.min(depth, lengthOf(Float64Array.of(...factors, ...correction), [...vectors, ...vectors.slice(1)]))
}

/** ‖Σ factor_k vector_k‖ for unit vectors, rounded up. */
function lengthOf(factors: Float64Array, vectors: readonly Float64Array[]): number {
  const mass = factors.reduce((total, factor) => total + Math.abs(factor), 0)
  const rounding = 4 * (factors.length * Number.EPSILON) ** 2 * mass
  return norm2(combination(factors, vectors)) * (1 + 8 * Number.EPSILON) + vectors[0].length * rounding
}

/** Σ factor_k vector_k, compensated. */
function combination(factors: Float64Array, vectors: readonly Float64Array[]): Float64Array {
  return Float64Array.from(vectors[0], (_, q) =>
    compensatedDot(
      factors,
      Float64Array.from(vectors, (vector) => vector[q]),
    ),
  )
}

function mostViolated(normals: readonly Float64Array[], w: Float64Array, passive: readonly number[]): number {
  let chosen = -1
  let worst = -Math.max(8 * Number.EPSILON, tolerance * norm2(w))
  for (let i = 0; i < normals.length; i++) {
    const side = dot(normals[i], w)
    if (side < worst && !passive.includes(i)) [chosen, worst] = [i, side]
  }
  return chosen
}

/**
 * Writes the best μ on the passive set and returns its w, after dropping members whose multiplier would be negative as
 * far as needed. Null, with μ as it was, when the newest member depends on the others.
 */
function solvePassiveInto(
  normals: readonly Float64Array[],
  v: Float64Array,
  passive: number[],
  mu: Float64Array,
): Float64Array | null {
  for (;;) {
    const solution = unconstrained(normals, v, passive)
    if (!solution) return null
    const best = solution.multipliers
    if (best.every((value) => value > 0)) {
      mu.fill(0)
      passive.forEach((i, k) => (mu[i] = best[k]))
      return solution.residual
    }
    // Walk towards it until the first multiplier reaches zero, and release that one.
    let [length, blocking] = [Number.POSITIVE_INFINITY, 0]
    best.forEach((value, k) => {
      const held = mu[passive[k]]
      const limit = held > 0 ? held / (held - value) : 0
      if (!(value > 0) && limit < length) [length, blocking] = [limit, k]
    })
    passive.forEach((i, k) => (mu[i] = Math.max(0, mu[i] + length * (best[k] - mu[i]))))
    mu[passive[blocking]] = 0
    passive.splice(blocking, 1)
  }
}

/**
 * The μ on the passive set that minimise ‖v + Σ μ_i a_i‖, signs free, by Gram–Schmidt, twice, and back substitution. The
 * residual is orthogonal to the a_i to rounding even where the μ are large.
 */
function unconstrained(
  normals: readonly Float64Array[],
  v: Float64Array,
  passive: readonly number[],
): { multipliers: Float64Array; residual: Float64Array } | null {
  const m = passive.length
  const basis: Float64Array[] = []
  const R = new Float64Array(m * m)
  const heights = new Float64Array(m)
  for (let k = 0; k < m; k++) {
    const along = new Float64Array(k)
    const rest = cleared(normals[passive[k]], basis, along)
    const size = norm2(rest)
    if (!(size > tolerance / 2)) return null
    for (let j = 0; j < k; j++) R[j * m + k] = along[j]
    R[k * m + k] = size
    basis.push(rest.map((value) => value / size))
  }
  const residual = cleared(v, basis, heights)
  const multipliers = new Float64Array(m)
  for (let k = m - 1; k >= 0; k--) {
    let rest = -heights[k]
    for (let j = k + 1; j < m; j++) rest -= R[k * m + j] * multipliers[j]
    multipliers[k] = rest / R[k * m + k]
  }
  return { multipliers, residual }
}

/** x minus its components along an orthonormal basis, which are added to `along`. */
function cleared(x: Float64Array, basis: readonly Float64Array[], along: Float64Array): Float64Array {
  const out = x.slice()
  for (let pass = 0; pass < 2; pass++) {
    for (let j = 0; j < basis.length; j++) {
      const part = dot(basis[j], out)
      along[j] += part
      for (let k = 0; k < out.length; k++) out[k] -= part * basis[j][k]
    }
  }
  return out
}
