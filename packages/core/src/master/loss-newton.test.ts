import { describe, expect, test } from 'vitest'
import { dot, type Matrix, matrix, multiplyTransposed, scaled } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { problemFor } from '../loss/problems.fixtures.ts'
import type { Column, MasterProblem } from '../master.ts'
import { createPacer } from '../pacer.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { cellModel } from './cell-model.ts'
import { assembleWeighted } from './loss-hessian.ts'
import { lossNewton } from './loss-newton.ts'
import { freeColumn, planarRays, pullOf } from './master.fixtures.ts'
import { evaluate } from './state.ts'

const smooth = ['squared', 'huber:0.5', 'poisson', 'logistic', 'squared-hinge', 'softmax']

function masterFor(name: string, seed: number, outputBias = false): MasterProblem {
  const { reduction, Y, beta, loss, free } = problemFor(name, seed, { outputBias, n: 15 })
  return { X: reduction.Xr, Y, beta, loss, free: free ?? undefined }
}

const none = (problem: MasterProblem): Matrix => matrix(problem.free?.cols ?? 0, problem.Y.cols)

describe.each(smooth)('%s', (name) => {
  test.each([false, true])(
    'stationary at the end: ‖Zᵀa_j‖ = β for columns in use, at most β for rays that stay out; WᵀZ = 0',
    async (outputBias) => {
      for (let seed = 0; seed < 3; seed++) {
        const problem = masterFor(name, seed, outputBias)
        const rays = planarRays(problem)
        let state = await lossNewton(problem, rays, none(problem))
        for (let round = 0; round < 5; round++) {
          const wanted = rays.filter(({ u }) => pullOf(problem, state.rest, u) > problem.beta * (1 + 1e-9))
          if (wanted.length === 0) break
          state = await lossNewton(problem, [...state.columns, ...wanted], state.coefficients)
        }
        const { columns, rest } = state
        for (const { u } of columns) expect(Math.abs(pullOf(problem, rest, u) / problem.beta - 1)).toBeLessThan(1e-6)
        for (const { u } of rays) expect(pullOf(problem, rest, u)).toBeLessThan(problem.beta * (1 + 1e-6))
        if (problem.free) expect(norm2(multiplyTransposed(problem.free, rest).data)).toBeLessThan(1e-7)
      }
    },
  )

  test('the Hessian is that of differences of the gradient', async () => {
    const problem = masterFor(name, 4, true)
    const random = seededRandom(1)
    const columns = Array.from({ length: 3 }, () => freeColumn(random, problem))
    const state = evaluate(problem, columns, scaled(randomMatrix(random, 1, problem.Y.cols), 0.3))
    const model = cellModel(problem, state.columns, state.rest)
    const H = await assembleWeighted(model, state, createPacer())
    const h = 1e-6
    for (const k of [0, 1, model.cells[0].vAt, model.freeAt].filter((at) => at >= 0)) {
      const moved = (step: number): Float64Array => {
        const balanced = model.cells.map(({ theta, v, thetaAt, vAt, column }): Column => {
          const at = (x: Float64Array, from: number): Float64Array => x.map((value, q) => value + (from >= 0 && from + q === k ? step : 0)) // biome-ignore format: short
          return { u: at(theta, thetaAt), v: at(v, vAt), tight: column.tight }
        })
        const B = matrix(1, problem.Y.cols, state.coefficients.data.map((b, q) => b + (model.freeAt + q === k ? step : 0))) // biome-ignore format: short
        const next = evaluate(problem, balanced, B)
        return gradientAt(problem, balanced, next.rest, model.cells.some(({ vAt }) => vAt < 0)) // biome-ignore format: short
      }
      const [ahead, behind] = [moved(h), moved(-h)]
      for (let q = 0; q < model.size; q++) {
        const entry = q > k ? H[q * model.size + k] : H[k * model.size + q]
        expect(Math.abs((ahead[q] - behind[q]) / (2 * h) - entry)).toBeLessThan(1e-4 * (1 + Math.abs(entry)))
      }
    }
  })
})

/** The gradient in the unknowns as they are, not rebalanced: by hand, from its definition. */
function gradientAt(problem: MasterProblem, columns: readonly Column[], rest: Matrix, single: boolean): Float64Array {
  const { X, beta, free } = problem
  const parts = columns.flatMap(({ u, v }) => {
    const active = Array.from({ length: X.rows }, (_, i) => (dot(X.data.subarray(i * 2, i * 2 + 2), u) > 0 ? 1 : 0))
    const pull = matrix(2, v.length)
    for (let i = 0; i < X.rows; i++) {
      for (let a = 0; a < 2; a++) {
        for (let k = 0; k < v.length; k++)
          pull.data[a * v.length + k] += active[i] * X.data[i * 2 + a] * rest.data[i * v.length + k]
      }
    }
    const byU = u.map(
      (value, a) =>
        (single ? beta / norm2(u) : beta) * value - dot(pull.data.subarray(a * v.length, (a + 1) * v.length), v),
    )
    if (single) return [...byU]
    const byV = v.map(
      (value, k) => beta * value - u.reduce((total, entry, a) => total + entry * pull.data[a * v.length + k], 0),
    )
    return [...byU, ...byV]
  })
  return Float64Array.of(...parts, ...multiplyTransposed(free!, rest).data.map((value) => -value))
}

test('never worse than it was given, whenever it is stopped', async () => {
  for (const name of smooth) {
    const problem = masterFor(name, 2, true)
    const random = seededRandom(2)
    const columns = Array.from({ length: 4 }, () => freeColumn(random, problem))
    const before = evaluate(problem, columns).objective
    for (const timeLimitSeconds of [0, 10]) {
      const pacer = createPacer({ timeLimitSeconds })
      const { objective } = await lossNewton(problem, columns, none(problem), { pacer })
      expect(objective).toBeLessThanOrEqual(before)
    }
  }
})
