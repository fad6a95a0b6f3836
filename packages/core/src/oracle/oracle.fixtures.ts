import fc from 'fast-check'
import { fromRows, type Matrix, matrix, multiply, multiplyTransposed, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { qr } from '../linalg/qr.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { createProblem, type Problem } from '../problem.ts'
import { gaussian, seededRandom } from '../random.ts'
import { reduce } from '../reduction.ts'

/** A pricing question: maximise ‖Zᵀ(Xu)₊‖ for the X of the problem. */
export interface Instance {
  readonly problem: Problem
  readonly Z: Matrix
}

export function instanceOf(X: Matrix, Z: Matrix): Instance {
  return { problem: createProblem({ X, Y: matrix(Z.rows, Z.cols), beta: 1 }), Z }
}

export function randomInstance(seed: number, n: number, d: number, c: number): Instance {
  const next = seededRandom(seed)
  return instanceOf(randomMatrix(next, n, d), randomMatrix(next, n, c))
}

/** Σ ‖z_i‖‖x_i‖: what rounding errors are proportional to. */
export function massOf({ problem, Z }: Instance): number {
  let total = 0
  for (let i = 0; i < Z.rows; i++) total += norm2(row(Z, i)) * norm2(row(problem.X, i))
  return total
}

/** The special cases of the geometry, by name. */
export function degenerateCases(): [what: string, instance: Instance][] {
  const next = seededRandom(31)
  const X = randomMatrix(next, 6, 2)
  const Z = randomMatrix(next, 6, 2)
  const solid = randomMatrix(next, 7, 3)
  const [x1, x2] = [Array.from(row(X, 1)), Array.from(row(X, 2))]
  const kinked = fromRows([[1, 0], [0, 1], [-1, 1], [1, 1], [-1, 0], [0, -1]]) // biome-ignore format: a matrix
  const nearly = multiply(randomMatrix(next, 7, 2), randomMatrix(next, 2, 4))
  nearly.data.forEach((value, k) => (nearly.data[k] = value + 1e-16 * gaussian(next)))
  return [
    ['one sample', instanceOf(fromRows([x1]), fromRows([[1, 2]]))],
    ['one sample in R¹', instanceOf(fromRows([[-2]]), fromRows([[3]]))],
    ['rank one', instanceOf(fromRows([[1], [-2], [0], [3]]), randomMatrix(next, 4, 2))],
    ['collinear rows', instanceOf(multiply(randomMatrix(next, 6, 1), fromRows([x1])), Z)],
    ['zero rows', instanceOf(fromRows([[0, 0], x1, [0, 0], x2, [0, 0], [1, 0]]), Z)],
    ['zero rows of Z', instanceOf(X, matrix(6, 2, Z.data.map((value, k) => (k < 6 ? value : 0))))], // biome-ignore format: short
    ['duplicate rows', instanceOf(fromRows([x1, x1, x2, x2, x1, [1, 0]]), Z)],
    ['opposite rows', instanceOf(fromRows([x1, x1.map((v) => -v), x2, x2.map((v) => -3 * v), [1, 0], [-1, 0]]), Z)],
    ['samples on the hyperplanes of others', instanceOf(kinked, Z)],
    ['samples that cancel', instanceOf(fromRows([x1, x1, x2, x2, x1, x2]), fromRows([[1, 2], [-1, -2], [1, 1], [-1, -1], [2, 4], [3, 3]]))], // biome-ignore format: long
    ['one output', instanceOf(X, randomMatrix(next, 6, 1))],
    ['more outputs than inputs', instanceOf(X, randomMatrix(next, 6, 5))],
    ['proportional outputs', instanceOf(X, multiply(randomMatrix(next, 6, 1), fromRows([[1, -2, 0.5]])))],
    ['wide data', instanceOf(randomMatrix(next, 2, 5), randomMatrix(next, 2, 2))],
    ['rank three', instanceOf(solid, randomMatrix(next, 7, 2))],
    ['coordinate planes', instanceOf(fromRows([[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, 0, 0], [0, -1, 0], [0, 0, -1]]), Z)], // biome-ignore format: long
    ['a pencil of planes', instanceOf(multiply(randomMatrix(next, 6, 2), randomMatrix(next, 2, 3)), Z)],
    ['nearly rank-deficient data', instanceOf(nearly, randomMatrix(next, 7, 2))],
    ['data truncated to rank two', truncated(solid, randomMatrix(next, 7, 2))],
    ['rank four', instanceOf(randomMatrix(next, 7, 4), randomMatrix(next, 7, 3))],
  ]
}

/** The third principal component, of size 1e-3 here, is dropped: the bound must speak about the data as given. */
function truncated(solid: Matrix, Z: Matrix): Instance {
  const { Q } = qr(solid)
  const stretch = matrix(3, 3, Float64Array.of(1, 0, 0, 0, 0.5, 0, 0, 0, 1e-3))
  const instance = instanceOf(multiply(multiply(Q, stretch), qr(multiplyTransposed(solid, solid)).Q), Z)
  return { ...instance, problem: { ...instance.problem, reduction: reduce(instance.problem.X, { tolerance: 1e-2 }) } }
}

/** How to make an instance: what a failing test prints. */
export interface Recipe {
  readonly seed: number
  readonly n: number
  readonly d: number
  readonly c: number
  readonly kind: 'random' | 'integers' | 'repeated' | 'close' | 'graded' | 'residual'
}

export function recipesUpTo(maxRank: number): fc.Arbitrary<Recipe> {
  return fc.record({
    seed: fc.integer(),
    n: fc.integer({ min: 1, max: 8 }),
    d: fc.integer({ min: 1, max: Math.min(4, maxRank) }),
    c: fc.integer({ min: 1, max: 4 }),
    kind: fc.constantFrom('random', 'integers', 'repeated', 'close', 'graded', 'residual'),
  })
}

export function follow({ seed, n, d, c, kind }: Recipe): Instance {
  const next = seededRandom(seed)
  const X = randomMatrix(next, n, d)
  const Z = randomMatrix(next, n, c)
  for (let i = 0; i < n; i++) {
    const x = row(X, i)
    const repeats = i > 0 && next() < 0.5
    if (kind === 'integers') x.set(x.map(Math.round))
    if (kind === 'repeated' && repeats) x.set(row(X, 0).map((value) => value * Math.round(gaussian(next))))
    if (kind === 'close' && repeats) x.set(row(X, 0).map((value) => -value + 1e-3 * gaussian(next)))
    const grade = 10 ** Math.round(9 * (2 * next() - 1))
    if (kind === 'graded') x.set(x.map((value) => value * grade))
    // Large on few samples, next to nothing on the others: as residuals are near the optimum.
    if (kind === 'residual') row(Z, i).set(row(Z, i).map((value) => value * 10 ** (-8 * next())))
  }
  return instanceOf(X, Z)
}

export function withRowScaled(A: Matrix, i: number, factor: number): Matrix {
  return matrix(
    A.rows,
    A.cols,
    A.data.map((value, at) => (Math.floor(at / A.cols) === i ? value * factor : value)),
  )
}

export function pickRows(A: Matrix, rows: readonly number[]): Matrix {
  return matrix(rows.length, A.cols, Float64Array.from(rows.flatMap((i) => Array.from(row(A, i)))))
}
