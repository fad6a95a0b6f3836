// Small seeded problems for every loss, of rank 3 at most.
import { matrix } from '../linalg/matrix.ts'
import { createProblem, type Problem } from '../problem.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { lossFrom, targetKind } from './named.ts'

export interface ProblemOptions {
  readonly n?: number
  readonly d?: number
  readonly beta?: number
  readonly outputBias?: boolean
  readonly skip?: boolean
  readonly weighted?: boolean
  /** Signs: as many of either. */
  readonly balanced?: boolean
  /** Classes: the first one is separated by a feature. */
  readonly separable?: boolean
}

/** Targets that a small network of the features explains in part. */
export function problemFor(name: string, seed: number, options: ProblemOptions = {}): Problem {
  const { n = 12, d = 2, beta = 0.3, outputBias = false, skip = false } = options
  const random = seededRandom(seed)
  const X = randomMatrix(random, n, d)
  const noise = randomMatrix(random, n, 3)
  const signal = noise.data.map((value, k) => {
    const i = Math.floor(k / 3)
    return 0.4 * value + Math.max(0, X.data[i * d] + (k % 3) * X.data[i * d + (d - 1)]) - 0.5
  })
  const weights = Float64Array.from({ length: n }, () => 0.5 + random())
  const spec = { X, Y: targets(name, n, signal, options, X.data), beta, loss: lossFrom(name), outputBias, skip }
  return createProblem(options.weighted ? { ...spec, weights } : spec)
}

function targets(
  name: string,
  n: number,
  signal: Float64Array,
  { balanced, separable, d = 2 }: ProblemOptions,
  X: Float64Array,
): { rows: number; cols: number; data: Float64Array } {
  const first = (i: number): number => signal[3 * i]
  switch (targetKind(name)) {
    case 'real':
      return matrix(
        n,
        1,
        Float64Array.from({ length: n }, (_, i) => first(i)),
      )
    case 'count':
      return matrix(
        n,
        1,
        Float64Array.from({ length: n }, (_, i) => Math.max(0, Math.round(2 * first(i) + 1))),
      )
    case 'sign':
      return matrix(
        n,
        1,
        Float64Array.from({ length: n }, (_, i) => ((balanced ? i % 2 === 0 : first(i) > 0) ? 1 : -1)),
      )
    case 'one-hot': {
      const Y = matrix(n, 3)
      for (let i = 0; i < n; i++) {
        const scores = signal.slice(3 * i, 3 * i + 3)
        const best = scores.indexOf(Math.max(...scores))
        const chosen = separable ? (X[i * d] > 0.2 ? 0 : 1 + (best % 2)) : best
        Y.data[3 * i + chosen] = 1
      }
      return Y
    }
  }
}
