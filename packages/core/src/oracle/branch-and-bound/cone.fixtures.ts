import { dot, type Matrix, multiply } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import { qr } from '../../linalg/qr.ts'
import { randomMatrix } from '../../problem.fixtures.ts'
import type { Random } from '../../random.ts'

/** Generators of cones as a search meets them: unit rows inside one orthant of some rotated axes, ever closer together. */
export function generatorsInOrthant(random: Random, r: number, closeness: number): Float64Array {
  const { Q } = qr(randomMatrix(random, r, r))
  const axes = Array.from({ length: r }, (_, k) => Q.data.slice(k * r, (k + 1) * r))
  const centre = combined(axes, axes.map(() => random())) // biome-ignore format: a call
  const W = new Float64Array(r * r)
  for (let k = 0; k < r; k++) {
    const off = combined(axes, axes.map(() => (random() < 0.4 ? 0 : random()))) // biome-ignore format: a call
    off.forEach((value, q) => (off[q] = closeness * (value + axes[k][q]) + (1 - closeness) * centre[q]))
    const size = norm2(off)
    W.set(
      off.map((value) => value / size),
      k * r,
    )
  }
  return W
}

/** The orthant spanned by the rows of a random rotation, each turned to either side. */
export function orthant(random: Random, r: number): Float64Array {
  const { Q } = qr(randomMatrix(random, r, r))
  for (let k = 0; k < r; k++) if (random() < 0.5) for (let q = 0; q < r; q++) Q.data[k * r + q] *= -1
  return Q.data
}

/** A unit vector Σ λ_k w_k with random λ ≥ 0, many of them zero or small: interior, on faces, near them. */
export function unitIn(random: Random, W: Float64Array, r: number): Float64Array {
  const lambda = Array.from({ length: r }, () => (random() < 0.4 ? 0 : random() < 0.2 ? 1e-6 * random() : random()))
  if (!lambda.some((value) => value > 0)) lambda[Math.floor(random() * r)] = 1
  return unit(combined(rowsOf(W, r), lambda))
}

export function rowsOf(W: Float64Array, r: number): Float64Array[] {
  return Array.from({ length: r }, (_, k) => W.subarray(k * r, (k + 1) * r))
}

export function combined(vectors: readonly Float64Array[], lambda: readonly number[] | Float64Array): Float64Array {
  const out = new Float64Array(vectors[0].length)
  vectors.forEach((w, k) => {
    for (let q = 0; q < out.length; q++) out[q] += lambda[k] * w[q]
  })
  return out
}

export function unit(x: Float64Array): Float64Array {
  const size = norm2(x)
  return x.map((value) => value / size)
}

/**
 * max λᵀB over λ ≥ 0 with ‖Σ λ_k w_k‖ ≤ 1, from below: coordinate descent on the nonnegative least-squares problem
 * max λᵀB − ½‖Σ λ_k w_k‖², and what its λ, scaled to the sphere, attains. Slow, simple, and never too high.
 */
export function attainedHeight(W: Float64Array, B: ArrayLike<number>, r: number, sweeps: number): number {
  const rows = rowsOf(W, r)
  const lambda = new Float64Array(r)
  const u = new Float64Array(r)
  let best = 0
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let k = 0; k < r; k++) {
      const change = Math.max(-lambda[k], (B[k] - dot(rows[k], u)) / dot(rows[k], rows[k]))
      lambda[k] += change
      for (let q = 0; q < r; q++) u[q] += change * rows[k][q]
    }
    const size = norm2(combined(rows, lambda))
    if (size > 0) best = Math.max(best, lambda.reduce((total, value, k) => total + value * B[k], 0) / size)
  }
  for (let k = 0; k < r; k++) best = Math.max(best, B[k] / norm2(rows[k]))
  return best
}

/** The projection of v onto cone(w_1 … w_r), up to what the sweeps leave. */
export function projectedOnto(W: Float64Array, v: Float64Array, r: number, sweeps: number): Float64Array {
  const rows = rowsOf(W, r)
  const lambda = new Float64Array(r)
  const rest = v.slice()
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let k = 0; k < r; k++) {
      const change = Math.max(-lambda[k], dot(rows[k], rest) / dot(rows[k], rows[k]))
      lambda[k] += change
      for (let q = 0; q < r; q++) rest[q] -= change * rows[k][q]
    }
  }
  return combined(rows, lambda)
}

export function rotated(A: Matrix, random: Random): Matrix {
  return multiply(A, qr(randomMatrix(random, A.cols, A.cols)).Q)
}
