import fc from 'fast-check'
import { type Matrix, matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import { createProblem, type Problem } from '../problem.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { gaussian, type Random, seededRandom } from '../random.ts'
import { polarValue } from './evaluate.ts'

/** A pricing question: maximise ‖Zᵀ(Xu)₊‖ for the X of the problem. */
export interface Question {
  readonly problem: Problem
  readonly Z: Matrix
}

export function question(X: Matrix, Z: Matrix): Question {
  return { problem: createProblem({ X, Y: matrix(Z.rows, Z.cols), beta: 1 }), Z }
}

export function randomQuestion(seed: number, n: number, r: number, c: number): Question {
  const random = seededRandom(seed)
  return question(randomMatrix(random, n, r), randomMatrix(random, n, c))
}

/** What data look like when they are not random: each kind is a way in which hyperplanes coincide, nearly or exactly. */
export const kinds = [
  'random',
  'integers',
  'duplicates',
  'antiparallel',
  'collinear',
  'zero rows',
  'on hyperplanes',
  'correlated columns',
  'graded rows',
  'graded outputs',
] as const

export type Kind = (typeof kinds)[number]

/** n × r data of one kind, and n × c duals. */
export function questionOfKind(kind: Kind, random: Random, n: number, r: number, c: number): Question {
  const X = randomMatrix(random, n, r)
  const Z = randomMatrix(random, n, c)
  if (kind === 'integers') X.data.forEach((value, k) => (X.data[k] = Math.round(1.5 * value)))
  if (kind === 'correlated columns') {
    const share = 10 ** -(3 + 6 * random())
    X.data.forEach((value, k) => {
      if (k % r > 0) X.data[k] = X.data[k - (k % r)] + share * value
    })
  }
  for (let i = 0; i < n; i++) {
    const x = row(X, i)
    const other = row(X, Math.floor(random() * Math.max(1, i)))
    if (kind === 'duplicates' && random() < 0.5) x.set(other)
    if (kind === 'antiparallel' && random() < 0.5) x.set(other.map((value) => (random() < 0.5 ? -1 : -2.5) * value))
    if (kind === 'collinear' && i > 0) {
      const factor = gaussian(random)
      x.set(row(X, 0).map((value) => factor * value))
      if (random() < 0.3) x[0] += 1
    }
    if (kind === 'zero rows' && random() < 0.3) x.fill(0)
    if (kind === 'on hyperplanes') x.forEach((value, k) => (x[k] = random() < 0.5 ? 0 : value))
    if (kind === 'graded rows') scaleInPlace(x, 10 ** (18 * random() - 9))
    if (kind === 'graded outputs') scaleInPlace(row(Z, i), 10 ** (18 * random() - 9))
  }
  return question(X, Z)
}

export interface Limits {
  readonly n: number
  readonly ranks: readonly number[]
  readonly c: number
}

/** Questions of every kind; fast-check shrinks the sizes and keeps the seed in its report. */
export function questions({ n, ranks, c }: Limits): fc.Arbitrary<Question> {
  return fc
    .record({
      kind: fc.constantFrom(...kinds),
      seed: fc.integer(),
      n: fc.integer({ min: 1, max: n }),
      r: fc.constantFrom(...ranks),
      c: fc.integer({ min: 1, max: c }),
    })
    .map((spec) => ({
      ...questionOfKind(spec.kind, seededRandom(spec.seed), spec.n, spec.r, spec.c),
      [fc.toStringMethod]: () => JSON.stringify(spec),
    }))
}

/** Σ ‖z_i‖‖x_i‖: no value exceeds it, and rounding errors are proportional to it. */
export function massOf({ problem: { X }, Z }: Question): number {
  let total = 0
  for (let i = 0; i < Z.rows; i++) total += norm2(row(Z, i)) * norm2(row(X, i))
  return total
}

/** The largest ‖Zᵀ(Xu)₊‖ over random unit u and over the samples and their opposites: no bound may be below it. */
export function sampledPolar({ problem: { X }, Z }: Question, random: Random, count: number): number {
  let best = 0
  const visit = (u: Float64Array): void => {
    if (!(norm2(u) > 0)) return
    best = Math.max(best, polarValue(X, Z, u), polarValue(X, Z, u.map((value) => -value))) // biome-ignore format: a pair
  }
  for (let k = 0; k < count; k++) visit(randomMatrix(random, 1, X.cols).data)
  for (let i = 0; i < X.rows; i++) visit(row(X, i))
  return best
}

/** Runs out after `turns` looks at the clock: an abort at any moment, and the same one on every machine. */
export function pacerOfTurns(turns: number): Pacer {
  let left = turns
  const base = createPacer()
  return { ...base, expired: () => left-- <= 0, aborted: () => left <= 0, within: () => pacerOfTurns(left) }
}

function scaleInPlace(x: Float64Array, factor: number): void {
  for (let k = 0; k < x.length; k++) x[k] *= factor
}
