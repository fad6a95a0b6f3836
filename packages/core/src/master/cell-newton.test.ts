import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dot, fromRows, matrix, multiplyTransposedVector, multiplyVector, row, scaled } from '../linalg/matrix.ts'
import { norm2, spectralUpper } from '../linalg/norms.ts'
import type { Column, MasterProblem } from '../master.ts'
import { tightSamples } from '../oracle/ascent.ts'
import { createPacer } from '../pacer.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { blockDescent } from './block-descent.ts'
import { assemble, cellModel } from './cell-model.ts'
import { cellNewton } from './cell-newton.ts'
import { wholeStep } from './cell-step.ts'
import { mergeColumns } from './merge.ts'
import { atomOf, masterObjective, residual } from './residual.ts'

const recipes = fc.record({
  seed: fc.integer(),
  n: fc.integer({ min: 2, max: 9 }),
  r: fc.integer({ min: 1, max: 3 }),
  c: fc.integer({ min: 1, max: 3 }),
  width: fc.integer({ min: 1, max: 6 }),
})

type Recipe = typeof recipes extends fc.Arbitrary<infer T> ? T : never

function follow({ seed, n, r, c, width }: Recipe): { problem: MasterProblem; columns: Column[] } {
  const random = seededRandom(seed)
  const problem = { X: randomMatrix(random, n, r), Y: randomMatrix(random, n, c), beta: 0.2 }
  const columns = Array.from({ length: width }, () => ({
    u: randomMatrix(random, 1, r).data,
    v: randomMatrix(random, 1, c).data,
    tight: [],
  }))
  return { problem, columns }
}

function objectiveOf(problem: MasterProblem, columns: readonly Column[]): number {
  return masterObjective(problem, columns, residual(problem, columns))
}

describe('the restricted master', () => {
  test('never returns worse than it was given', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const { problem, columns } = follow(recipe)
        const solved = await cellNewton.solve(problem, columns)
        expect(objectiveOf(problem, solved)).toBeLessThanOrEqual(objectiveOf(problem, columns) * (1 + 1e-12))
      }),
      { numRuns: 60 },
    )
  })

  test('ends where the optimality conditions of its columns hold: Zᵀa = β v̂ for unit atoms a', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const { problem, columns } = follow(recipe)
        const solved = await cellNewton.solve(problem, columns, { tolerance: 1e-12 })
        const Z = residual(problem, solved)
        for (const { u, v } of solved) {
          const atom = atomOf(problem.X, u).map((value) => value / norm2(u))
          const pull = multiplyTransposedVector(Z, atom)
          for (let k = 0; k < v.length; k++) expect(pull[k]).toBeCloseTo((problem.beta * v[k]) / norm2(v), 7)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('tight samples are zero to rounding, for columns that met a hyperplane on the way too', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const { problem, columns } = follow(recipe)
        for (const { u, tight } of await cellNewton.solve(problem, columns)) {
          for (const i of tight) {
            const x = row(problem.X, i)
            expect(Math.abs(dot(x, u))).toBeLessThanOrEqual(1e-12 * norm2(x) * norm2(u))
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('on rays it does at least as well as the group lasso over them, which a slow proximal gradient confirms', async () => {
    const random = seededRandom(7)
    const problem = { X: randomMatrix(random, 8, 2), Y: randomMatrix(random, 8, 2), beta: 0.3 }
    const rays = Array.from({ length: 8 }, (_, i) => {
      const [a, b] = row(problem.X, i)
      const size = Math.hypot(a, b)
      return Float64Array.of(-b / size, a / size)
    })
    const columns = rays.map((u): Column => ({ u, v: new Float64Array(2), tight: tightSamples(problem.X, u) }))
    const lasso = proximalGradient(problem, rays, 60_000)
    expect(objectiveOf(problem, await blockDescent(problem, columns, 40_000, createPacer()))).toBeCloseTo(lasso, 6)
    // Two rays of one cell may be merged into a direction between them, so it can be better.
    expect(objectiveOf(problem, await cellNewton.solve(problem, columns))).toBeLessThanOrEqual(lasso)
  })

  test('stops at once, with what it has, when there is no time', async () => {
    const { problem, columns } = follow({ seed: 3, n: 9, r: 3, c: 2, width: 6 })
    const pacer = createPacer({ timeLimitSeconds: 0 })
    const solved = await cellNewton.solve(problem, columns, { pacer })
    expect(objectiveOf(problem, solved)).toBeLessThanOrEqual(objectiveOf(problem, columns))
  })

  test('no columns, and columns without weight that are not wanted, leave the zero network', async () => {
    const problem = { X: matrix(2, 1, Float64Array.of(1, 2)), Y: matrix(2, 1, Float64Array.of(1, 1)), beta: 100 }
    expect(await cellNewton.solve(problem, [])).toEqual([])
    expect(await cellNewton.solve(problem, [{ u: Float64Array.of(1), v: Float64Array.of(0), tight: [] }])).toEqual([])
  })
})

describe('the smooth model of a cell', () => {
  /** f at a step, with the patterns at hand: steps are tiny against the distance to any hyperplane. */
  function derivatives(problem: MasterProblem, columns: readonly Column[]): void {
    const model = cellModel(problem, columns, residual(problem, columns))
    const H = assemble(model)
    const size = model.size
    const at = (step: Float64Array): number => objectiveOf(problem, wholeStep(model, step))
    const gradientAt = (step: Float64Array): Float64Array => {
      const moved = wholeStep(model, step)
      return cellModel(problem, moved, residual(problem, moved)).gradient
    }
    const h = 1e-6
    for (let k = 0; k < size; k++) {
      const [ahead, back] = [new Float64Array(size), new Float64Array(size)]
      ahead[k] = h
      back[k] = -h
      expect((at(ahead) - at(back)) / (2 * h)).toBeCloseTo(model.gradient[k], 5)
      if (columns.some(({ tight }) => tight.length === 0) && problem.Y.cols > 1) continue // rebalanced between steps
      const slope = gradientAt(ahead).map((value, q) => (value - gradientAt(back)[q]) / (2 * h))
      for (let q = 0; q < size; q++) expect(slope[q]).toBeCloseTo(H[Math.max(k, q) * size + Math.min(k, q)], 3)
    }
  }

  test('several outputs inside cells: the gradient is that of ½‖F − Y‖² + β Σ‖u‖‖v‖', () => {
    const { problem, columns } = follow({ seed: 11, n: 6, r: 3, c: 2, width: 3 })
    // Between balanced θ and v the cost β/2 (‖θ‖² + ‖v‖²) has the gradient of β‖θ‖‖v‖.
    derivatives(problem, columns)
  })

  test('one output: θ alone is free, gradient and Hessian', () => {
    const { problem, columns } = follow({ seed: 12, n: 6, r: 3, c: 1, width: 3 })
    derivatives(problem, columns)
  })

  test('on rays: v alone is free, gradient and Hessian', () => {
    const { problem } = follow({ seed: 13, n: 6, r: 2, c: 3, width: 1 })
    const columns = [0, 1, 2].map((i): Column => {
      const [a, b] = row(problem.X, i)
      return { u: Float64Array.of(-b, a), v: Float64Array.of(1, -0.5, 0.3 + i), tight: [i] }
    })
    derivatives(problem, columns)
  })

  test('several outputs: the Hessian is that of β/2 (‖θ‖² + ‖v‖²) + ½‖F − Y‖²', () => {
    const { problem, columns } = follow({ seed: 14, n: 6, r: 2, c: 2, width: 2 })
    const model = cellModel(problem, columns, residual(problem, columns))
    const H = assemble(model)
    const value = (step: Float64Array): number => {
      const rest = matrix(6, 2, problem.Y.data.slice())
      let cost = 0
      for (const { theta, v, active, thetaAt, vAt } of model.cells) {
        const u = theta.map((entry, k) => entry + step[thetaAt + k])
        const w = v.map((entry, k) => entry + step[vAt + k])
        cost += (dot(u, u) + dot(w, w)) / 2
        multiplyVector(problem.X, u).forEach((a, i) => {
          for (let k = 0; active[i] && k < 2; k++) rest.data[2 * i + k] -= a * w[k]
        })
      }
      return dot(rest.data, rest.data) / 2 + problem.beta * cost
    }
    const h = 1e-4
    const shifted = (...moves: [number, number][]): number => {
      const step = new Float64Array(model.size)
      for (const [k, by] of moves) step[k] += by
      return value(step)
    }
    for (let k = 0; k < model.size; k++) {
      for (let q = 0; q <= k; q++) {
        const second =
          (shifted([k, h], [q, h]) - shifted([k, h], [q, -h]) - shifted([k, -h], [q, h]) + shifted([k, -h], [q, -h])) /
          (4 * h * h)
        expect(H[k * model.size + q]).toBeCloseTo(second, 4)
      }
    }
  })
})

describe('the parts', () => {
  test('block descent never raises the objective and drops what it sets to zero', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, fc.integer({ min: 1, max: 20 }), async (recipe, sweeps) => {
        const { problem, columns } = follow(recipe)
        const after = await blockDescent(problem, columns, sweeps, createPacer())
        expect(objectiveOf(problem, after)).toBeLessThanOrEqual(objectiveOf(problem, columns) * (1 + 1e-12))
        for (const { v } of after) expect(norm2(v)).toBeGreaterThan(0)
      }),
      { numRuns: 60 },
    )
  })

  test('merging copies of neurons reunites them and never raises the objective', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { problem, columns } = follow(recipe)
        const copies = columns.map(({ u, v, tight }) => ({ u: u.map((x) => 2 * x), v: v.map((x) => x / 3), tight }))
        const merged = mergeColumns(problem, [...columns, ...copies])
        expect(merged.length).toBeLessThanOrEqual(columns.length)
        const before = objectiveOf(problem, [...columns, ...copies])
        expect(objectiveOf(problem, merged)).toBeLessThanOrEqual(before * (1 + 1e-12))
      }),
    )
  })

  test('neurons of different cells are not merged', () => {
    const problem = { X: matrix(2, 1, Float64Array.of(1, -1)), Y: matrix(2, 1), beta: 1 }
    const columns = [1, -1].map((u) => ({ u: Float64Array.of(u), v: Float64Array.of(1), tight: [] }))
    expect(mergeColumns(problem, columns)).toHaveLength(2)
  })
})

/** min ½‖AW − Y‖² + β Σ‖w_j‖ by ISTA: slow, and nothing in common with the master but the problem. */
function proximalGradient({ X, Y, beta }: MasterProblem, rays: readonly Float64Array[], steps: number): number {
  const atoms = rays.map((u) => atomOf(X, u))
  const weights = rays.map(() => new Float64Array(Y.cols))
  const rate = 1 / spectralUpper(fromRows(atoms.map((a) => Array.from(a)))) ** 2
  const rest = (): ReturnType<typeof scaled> => {
    const out = scaled(Y, 1)
    atoms.forEach((a, j) => {
      for (let i = 0; i < a.length; i++) {
        for (let k = 0; k < Y.cols; k++) out.data[i * Y.cols + k] -= a[i] * weights[j][k]
      }
    })
    return out
  }
  for (let step = 0; step < steps; step++) {
    const Z = rest()
    atoms.forEach((a, j) => {
      const next = multiplyTransposedVector(Z, a).map((value, k) => weights[j][k] + rate * value)
      const size = norm2(next)
      const shrink = size > rate * beta ? 1 - (rate * beta) / size : 0
      weights[j].set(next.map((value) => shrink * value))
    })
  }
  return dot(rest().data, rest().data) / 2 + beta * weights.reduce((total, w) => total + norm2(w), 0)
}
