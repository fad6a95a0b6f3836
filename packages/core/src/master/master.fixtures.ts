import { dot, type Matrix, matrix, multiply, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { nullSpace } from '../linalg/qr.ts'
import type { Column, MasterProblem } from '../master.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import type { Random } from '../random.ts'
import { atomOf, masterObjective, residual } from './residual.ts'

export function randomMaster(random: Random, n: number, r: number, c: number, beta: number): MasterProblem {
  return { X: randomMatrix(random, n, r), Y: randomMatrix(random, n, c), beta }
}

export function objectiveOf(problem: MasterProblem, columns: readonly Column[]): number {
  return masterObjective(problem, columns, residual(problem, columns))
}

/** A column in general position. */
export function freeColumn(random: Random, { X, Y }: MasterProblem): Column {
  return { u: randomMatrix(random, 1, X.cols).data, v: randomMatrix(random, 1, Y.cols).data, tight: [] }
}

/** A column on the hyperplanes of `count` samples drawn at random. */
export function faceColumn(random: Random, { X, Y }: MasterProblem, count: number): Column {
  const tight: number[] = []
  while (tight.length < count) {
    const i = Math.floor(random() * X.rows)
    if (!tight.includes(i)) tight.push(i)
  }
  const basis = nullSpace(rowsOf(X, tight))
  return {
    u: multiply(basis, randomMatrix(random, basis.cols, 1)).data,
    v: randomMatrix(random, 1, Y.cols).data,
    tight: tight.sort((a, b) => a - b),
  }
}

/** Every extreme ray of the cells of planar data, priced: v = 0. */
export function planarRays({ X, Y }: MasterProblem): Column[] {
  return Array.from({ length: X.rows }, (_, i) => i).flatMap((i) => {
    const [a, b] = row(X, i)
    const size = Math.hypot(a, b)
    return [1, -1].map((sign) => ({
      u: Float64Array.of((-sign * b) / size, (sign * a) / size),
      v: new Float64Array(Y.cols),
      tight: [i],
    }))
  })
}

/** ‖Zᵀ(Xu)₊‖ of the unit direction, Z = Y − F. */
export function pullOf(problem: MasterProblem, rest: Matrix, u: Float64Array): number {
  const a = atomOf(problem.X, u)
  const out = new Float64Array(rest.cols)
  for (let i = 0; i < a.length; i++) for (let k = 0; k < out.length; k++) out[k] += a[i] * rest.data[i * out.length + k]
  return norm2(out) / norm2(u)
}

/**
 * The optimum of ½‖Σ a_j w_jᵀ − Y‖² + β Σ ‖w_j‖ over fixed unit directions, by accelerated proximal gradient with
 * restarts: another algorithm, in a few lines, and slow.
 */
export function groupLasso(problem: MasterProblem, directions: readonly Float64Array[], steps: number): number {
  const { X, Y, beta } = problem
  const c = Y.cols
  const atoms = directions.map((u) => atomOf(X, u.map((value) => value / norm2(u)))) // biome-ignore format: short
  const lipschitz = atoms.reduce((total, a) => total + dot(a, a), 0)
  const m = atoms.length
  let W = new Float64Array(m * c)
  let V = W
  let momentum = 1
  let best = valueAt(W)
  function fit(at: Float64Array): Matrix {
    const rest = matrix(Y.rows, c, Y.data.slice())
    atoms.forEach((a, j) => {
      for (let i = 0; i < a.length; i++) for (let k = 0; k < c; k++) rest.data[i * c + k] -= a[i] * at[j * c + k]
    })
    return rest
  }
  function valueAt(at: Float64Array): number {
    const rest = fit(at)
    let cost = 0
    for (let j = 0; j < m; j++) cost += norm2(at.subarray(j * c, (j + 1) * c))
    return dot(rest.data, rest.data) / 2 + beta * cost
  }
  for (let step = 0; step < steps; step++) {
    const rest = fit(V)
    const next = V.slice()
    atoms.forEach((a, j) => {
      const w = next.subarray(j * c, (j + 1) * c)
      for (let i = 0; i < a.length; i++) for (let k = 0; k < c; k++) w[k] += (a[i] * rest.data[i * c + k]) / lipschitz
      const shrink = Math.max(0, 1 - beta / lipschitz / norm2(w))
      for (let k = 0; k < c; k++) w[k] *= shrink || 0
    })
    const value = valueAt(next)
    if (value > best) momentum = 1
    const faster = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2
    V = next.map((entry, k) => entry + ((momentum - 1) / faster) * (entry - W[k]))
    momentum = faster
    W = next
    best = Math.min(best, value)
  }
  return best
}

export function rowsOf(X: Matrix, indices: readonly number[]): Matrix {
  const out = matrix(indices.length, X.cols)
  indices.forEach((i, at) => out.data.set(row(X, i), at * X.cols))
  return out
}
