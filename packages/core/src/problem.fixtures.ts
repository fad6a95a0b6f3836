import fc from 'fast-check'
import { fromRows, type Matrix, matrix } from './linalg/matrix.ts'
import { type Network, network } from './network.ts'
import { createProblem, type Problem } from './problem.ts'
import { gaussian, type Random, seededRandom } from './random.ts'

export function randomMatrix(random: Random, rows: number, cols: number): Matrix {
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => gaussian(random)),
  )
}

export function randomNetwork(random: Random, inputs: number, outputs: number, width: number): Network {
  const neurons = Array.from({ length: width }, () => ({
    u: randomMatrix(random, 1, inputs).data,
    v: randomMatrix(random, 1, outputs).data,
  }))
  return network(inputs, outputs, neurons)
}

/** Small Gaussian problems of every shape; fast-check shrinks the sizes and keeps the seed in its report. */
export const problems: fc.Arbitrary<Problem> = fc
  .record({
    seed: fc.integer(),
    n: fc.integer({ min: 1, max: 8 }),
    d: fc.integer({ min: 1, max: 4 }),
    c: fc.integer({ min: 1, max: 3 }),
    bias: fc.boolean(),
    beta: fc.constantFrom(0.01, 0.3, 2),
  })
  .map(({ seed, n, d, c, bias, beta }) => {
    const random = seededRandom(seed)
    return createProblem({ X: randomMatrix(random, n, d), Y: randomMatrix(random, n, c), beta, bias })
  })

/** Any network for a problem: `width` neurons of one common magnitude, from nearly nothing to far too large. */
export const rivals: fc.Arbitrary<(problem: Problem) => Network> = fc
  .record({ seed: fc.integer(), width: fc.integer({ min: 0, max: 12 }), size: fc.constantFrom(0.01, 0.3, 1, 5) })
  .map(({ seed, width, size }) => ({ X, Y }) => {
    const drawn = randomNetwork(seededRandom(seed), X.cols, Y.cols, width)
    const neurons = drawn.neurons.map(({ u, v }) => ({ u: u.map((a) => a * size), v: v.map((a) => a * size) }))
    return network(X.cols, Y.cols, neurons)
  })

/** Six samples in the plane with two outputs: optimum 0.65413806 at β = 0.1 and 2.00537741 at β = 0.5, βmax = 2.39703818. */
export const planarFixture = {
  X: fromRows([
    [1.3, -0.2],
    [0.4, 0.9],
    [-0.7, 1.1],
    [-1.2, -0.3],
    [0.1, -1.4],
    [0.8, 0.6],
  ]),
  Y: fromRows([
    [1, -0.5],
    [0.2, 0.8],
    [-0.6, 1.5],
    [0.9, 0.1],
    [-1.1, 0.4],
    [0.3, -0.7],
  ]),
}

/** Five rows on a cone (Lovász umbrella), cells with five facets: optimum 6.259313035 at β = 1.6. */
export const umbrellaFixture = {
  X: fromRows(
    [0, 1, 2, 3, 4].map((k) => {
      const cosine = 5 ** -0.25
      const sine = Math.sqrt(1 - cosine ** 2)
      const angle = (4 * Math.PI * k) / 5
      return [cosine, sine * Math.cos(angle), sine * Math.sin(angle)]
    }),
  ),
  Y: fromRows([
    [1.66, 0],
    [-1.34, 0.98],
    [0.51, -1.58],
    [0.51, 1.58],
    [-1.34, -0.98],
  ]),
}
