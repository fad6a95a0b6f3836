import { describe, expect, test } from 'vitest'
import { dot, type Matrix, matrix, multiplyVector, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem } from '../master.ts'
import { createPacer } from '../pacer.ts'
import { type Random, seededRandom } from '../random.ts'
import { assemble, type CellModel, cellModel, coordinates, faceBasis, fromCoordinates } from './cell-model.ts'
import { faceColumn, freeColumn, randomMaster } from './master.fixtures.ts'
import { atomOf, residual } from './residual.ts'

const n = 9

/** Outputs, and hyperplanes per column: a whole cell, a face, a ray. */
const shapes: readonly [what: string, c: number, r: number, onHyperplanes: readonly number[]][] = [
  ['both factors free, in whole cells', 2, 3, [0, 0]],
  ['both factors free, on faces', 3, 4, [1, 2]],
  ['rays: only the outputs free', 2, 3, [2, 2]],
  ['rays in the plane', 3, 2, [1, 1, 1]],
  ['a single output: only the direction free', 1, 3, [0, 1]],
  ['a single output, rays', 1, 2, [1, 1]],
  ['all kinds together', 2, 4, [0, 1, 2, 3, 3]],
  ['all kinds together, a single output', 1, 4, [0, 1, 2, 3]],
  ['one input: every column is a ray', 2, 1, [0, 0]],
]

describe.each(shapes)('%s', (_what, c, r, onHyperplanes) => {
  const setting = (seed: number): { problem: MasterProblem; columns: Column[]; model: CellModel; random: Random } => {
    const random = seededRandom(seed)
    const problem = randomMaster(random, n, r, c, 0.7)
    const columns = onHyperplanes.map((count) =>
      count > 0 ? faceColumn(random, problem, count) : freeColumn(random, problem),
    )
    return { problem, columns, model: cellModel(problem, columns, residual(problem, columns)), random }
  }

  test('the model has the outputs and the cost of the columns', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { problem, columns, model } = setting(seed)
      const fit = residual(problem, columns)
      const [x] = [unknowns(model)]
      let cost = 0
      for (const { u, v } of columns) cost += norm2(u) * norm2(v)
      expect(valueAt(model, x)).toBeCloseTo(dot(fit.data, fit.data) / 2 + problem.beta * cost, 10)
    }
  })

  test('the gradient is that of finite differences', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { model } = setting(seed)
      const x = unknowns(model)
      expect(model.gradient).toHaveLength(model.size)
      for (let k = 0; k < model.size; k++) {
        const step = 1e-5
        const slope = (valueAt(model, shifted(x, k, step)) - valueAt(model, shifted(x, k, -step))) / (2 * step)
        expect(Math.abs(model.gradient[k] - slope)).toBeLessThan(1e-7 * (1 + Math.abs(slope)))
      }
    }
  })

  test('the Hessian is that of finite differences: its lower triangle', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const { model } = setting(seed)
      const x = unknowns(model)
      const H = await assemble(model, createPacer())
      const step = 1e-4
      for (let p = 0; p < model.size; p++) {
        for (let q = 0; q <= p; q++) {
          const mixed =
            (valueAt(model, shifted(shifted(x, p, step), q, step)) -
              valueAt(model, shifted(shifted(x, p, step), q, -step)) -
              valueAt(model, shifted(shifted(x, p, -step), q, step)) +
              valueAt(model, shifted(shifted(x, p, -step), q, -step))) /
            (4 * step * step)
          expect(Math.abs(H[p * model.size + q] - mixed)).toBeLessThan(1e-3 * (1 + Math.abs(mixed)))
        }
      }
    }
  })

  test('directions and outputs are scaled against each other, and nothing else is changed', () => {
    const { columns, model } = setting(3)
    model.cells.forEach(({ theta, v, basis, thetaAt, vAt }, j) => {
      const u = fromCoordinates(basis, theta)
      const outer = (a: Float64Array, b: Float64Array): number[] =>
        Array.from(a).flatMap((x) => Array.from(b, (y) => x * y))
      const [before, after] = [outer(columns[j].u, columns[j].v), outer(u, v)]
      before.forEach((value, k) => expect(after[k]).toBeCloseTo(value, 11))
      if (thetaAt >= 0 && vAt >= 0) expect(norm2(theta)).toBeCloseTo(norm2(v), 11)
      else expect(thetaAt >= 0 ? norm2(v) : norm2(theta)).toBeCloseTo(1, 11)
    })
  })
})

test('at a column on hyperplanes, samples there are inactive, whatever the sign of the rounding', () => {
  const random = seededRandom(1)
  const problem = randomMaster(random, n, 3, 2, 1)
  const column = faceColumn(random, problem, 2)
  const { cells } = cellModel(problem, [column], residual(problem, [column]))
  for (const i of column.tight) expect(cells[0].active[i]).toBe(0)
  multiplyVector(problem.X, column.u).forEach((height, i) => {
    if (!column.tight.includes(i)) expect(cells[0].active[i]).toBe(height > 0 ? 1 : 0)
  })
})

test('faceBasis: orthonormal, orthogonal to the samples, one dimension less for each independent one', () => {
  const random = seededRandom(2)
  const { X } = randomMaster(random, n, 4, 1, 1)
  for (const tight of [[0], [0, 1], [2, 5, 7]]) {
    // biome-ignore format: lists
    const basis = faceBasis(X, tight)
    expect(basis.cols).toBe(4 - tight.length)
    for (let k = 0; k < basis.cols; k++) {
      const direction = fromCoordinates(
        basis,
        Float64Array.from({ length: basis.cols }, (_, q) => (q === k ? 1 : 0)),
      )
      expect(norm2(direction)).toBeCloseTo(1, 13)
      for (const i of tight) expect(Math.abs(dot(row(X, i), direction))).toBeLessThan(1e-14 * norm2(row(X, i)))
      expect(coordinates(basis, direction)[k]).toBeCloseTo(1, 13)
    }
  }
})

/** θ and v of every column, where they are free. */
function unknowns({ size, cells }: CellModel): Float64Array {
  const x = new Float64Array(size)
  for (const { theta, v, thetaAt, vAt } of cells) {
    if (thetaAt >= 0) x.set(theta, thetaAt)
    if (vAt >= 0) x.set(v, vAt)
  }
  return x
}

function shifted(x: Float64Array, k: number, step: number): Float64Array {
  const out = x.slice()
  out[k] += step
  return out
}

/** The smooth function itself, from its definition: ½‖Σ D X N θ_j v_jᵀ − Y‖² + the cost of each kind of column. */
function valueAt({ problem, cells }: CellModel, x: Float64Array): number {
  const { X, Y, beta } = problem
  const rest: Matrix = matrix(Y.rows, Y.cols, Y.data.slice())
  let cost = 0
  for (const { theta: held, v: kept, basis, active, thetaAt, vAt } of cells) {
    const theta = thetaAt >= 0 ? x.slice(thetaAt, thetaAt + held.length) : held
    const v = vAt >= 0 ? x.slice(vAt, vAt + kept.length) : kept
    const heights = multiplyVector(X, fromCoordinates(basis, theta))
    for (let i = 0; i < Y.rows; i++) {
      if (active[i]) for (let k = 0; k < Y.cols; k++) rest.data[i * Y.cols + k] -= heights[i] * v[k]
    }
    if (thetaAt >= 0 && vAt >= 0) cost += (norm2(theta) ** 2 + norm2(v) ** 2) / 2
    else cost += norm2(thetaAt >= 0 ? theta : v)
  }
  return dot(rest.data, rest.data) / 2 + beta * cost
}

test('the atom of a column is its cell’s linear map: G θ = (Xu)₊', () => {
  const random = seededRandom(4)
  const problem = randomMaster(random, n, 3, 2, 1)
  const columns = [freeColumn(random, problem), faceColumn(random, problem, 1)]
  const { joint, cells } = cellModel(problem, columns, residual(problem, columns))
  cells.forEach(({ theta, jointAt, basis }) => {
    const atom = atomOf(problem.X, fromCoordinates(basis, theta))
    for (let i = 0; i < n; i++) {
      expect(
        dot(joint.data.subarray(i * joint.cols + jointAt, i * joint.cols + jointAt + theta.length), theta),
      ).toBeCloseTo(atom[i], 12)
    }
  })
})
