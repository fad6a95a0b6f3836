import { choleskyInto } from '../linalg/cholesky.ts'
import { type Matrix, matrix, multiply, transpose } from '../linalg/matrix.ts'
import { qr } from '../linalg/qr.ts'
import { randomMatrix, umbrellaFixture } from '../problem.fixtures.ts'
import type { Random } from '../random.ts'
import type { ConicProgram } from '../relaxation.ts'
import { identity } from './relaxation.fixtures.ts'

/** n × d with orthonormal rows. */
export function whitenedRows(random: Random, n: number, d: number): Matrix {
  return transpose(qr(randomMatrix(random, d, n)).Q)
}

/** Each sample one of `classes`, in turn. */
export function oneHotTargets(n: number, classes: number): Matrix {
  const Y = matrix(n, classes)
  for (let i = 0; i < n; i++) Y.data[i * classes + (i % classes)] = 1
  return Y
}

/** (16) of Sahiner et al. for one-hot targets with these numbers of samples. */
export function oneHotOptimum(counts: readonly number[], beta: number): number {
  return counts.reduce((total, n) => total + (Math.sqrt(n) > beta ? beta * Math.sqrt(n) - beta ** 2 / 2 : n / 2), 0)
}

/** (20) in the form of conic programs: Γ = [P V; Vᵀ G] of order n + c, 2βS = P. */
export function spikeFreeProgram(Y: Matrix, beta: number): ConicProgram {
  const [n, order] = [Y.rows, Y.rows + Y.cols]
  const cost = matrix(order, order)
  for (let k = 0; k < order; k++) cost.data[k * (order + 1)] = beta / 2
  const nonnegative = Array.from({ length: n }, (_, i) => i).flatMap((i) =>
    Array.from({ length: i }, (_, j): [number, number] => [i, j]),
  )
  const couplings = Array.from(Y.data, (_, k) => ({
    constraint: k,
    left: Math.floor(k / Y.cols),
    right: n + (k % Y.cols),
  }))
  const square = Y.data.reduce((total, value) => total + value ** 2, 0)
  return {
    blocks: [{ cost, vectors: identity(order), nonnegative, couplings }],
    targets: Y.data,
    curvatures: new Float64Array(Y.data.length).fill(1),
    trace: square / beta,
    magnitude: square,
    start: new Float64Array(Y.data.length),
  }
}

/**
 * Targets for which (20) is solved by the Gram matrix of the umbrella: doubly nonnegative, not completely positive. With
 * ν small enough, N is ν where that is zero, Z a root of β²I − N, Y = (I + 2S)Z.
 */
export function umbrellaTargets(beta: number): { Y: Matrix; optimum: number } {
  const S = multiply(umbrellaFixture.X, transpose(umbrellaFixture.X))
  const ZZ = matrix(5, 5)
  for (let k = 0; k < 25; k++) {
    ZZ.data[k] = (k % 6 === 0 ? beta ** 2 : 0) - (Math.abs(S.data[k]) < 1e-12 ? 0.2 * beta ** 2 : 0)
  }
  const Z = matrix(5, 5)
  choleskyInto(ZZ, Z.data)
  const Y = multiply(S, Z)
  let optimum = 0
  for (let k = 0; k < 25; k++) {
    Y.data[k] = 2 * Y.data[k] + Z.data[k]
    optimum += (Y.data[k] * Z.data[k]) / 2 + (k % 6 === 0 ? beta ** 2 * S.data[k] : 0)
  }
  return { Y, optimum }
}
