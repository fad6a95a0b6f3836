import fc from 'fast-check'
import { expect, test } from 'vitest'
import { certify } from '../certificate.ts'
import { type Matrix, scaled } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { zeroNetwork } from '../network.ts'
import type { OracleFactory } from '../oracle.ts'
import { polarValue } from '../oracle/evaluate.ts'
import { multistartOracle } from '../oracle/multistart.ts'
import { type Kind, kinds, questionOfKind } from '../oracle/pricing.fixtures.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { createProblem, type Problem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import type { ConicProgram, DoublyNonnegativeSolver } from '../relaxation.ts'
import { train } from '../train.ts'
import { copositiveOracle } from './copositive-oracle.ts'
import { copositiveProgram } from './copositive-program.ts'
import { copositiveValues, relaxCopositively } from './copositive.ts'
import { entrywiseSplitting } from './entrywise-splitting.ts'
import { interiorPoint } from './interior-point.ts'
import { provenDualValue } from './proven-dual-value.ts'
import { semidefiniteOracle } from './semidefinite-oracle.ts'
import { semidefiniteProgram } from './semidefinite-program.ts'
import { semidefiniteValues } from './semidefinite.ts'

/** A method that ends after so many iterates: bounds must hold at any. */
function brief(solver: DoublyNonnegativeSolver, most: number): DoublyNonnegativeSolver {
  return {
    name: `${solver.name}, cut short`,
    async *iterates(program, options) {
      let left = most
      for await (const iterate of solver.iterates(program, options)) {
        yield iterate
        if (--left <= 0) return
      }
    },
  }
}

interface Recipe {
  readonly kind: Kind
  readonly seed: number
  readonly n: number
  readonly r: number
  readonly c: number
  /** Of β, in units of ‖X‖‖Y‖. */
  readonly share: number
  readonly x: number
  readonly y: number
}

const recipes: fc.Arbitrary<Recipe> = fc.record({
  kind: fc.constantFrom(...kinds),
  seed: fc.integer(),
  n: fc.integer({ min: 1, max: 5 }),
  r: fc.integer({ min: 1, max: 3 }),
  c: fc.integer({ min: 1, max: 2 }),
  share: fc.constantFrom(1e-8, 3e-3, 0.05, 0.3, 1, 1e8),
  x: fc.constantFrom(1, 1, 1e8, 1e-8),
  y: fc.constantFrom(1, 1, 1e8, 1e-8, 0),
})

function follow({ kind, seed, n, r, c, share, x, y }: Recipe): Problem {
  const random = seededRandom(seed)
  const { problem, Z } = questionOfKind(kind, random, n, r, c)
  const X = scaled(problem.X, x)
  const Y = scaled(Z, y)
  const unit = norm2(X.data) * norm2(Y.data) || 1
  return createProblem({ X, Y, beta: share * unit })
}

/** A bound and the objective of a network are each right to this share. */
const rounding = 1e-12

/** Where directions of X below rounding are left out, a program over the rest is that of nearly the same problem. */
const reducedRounding = 1e-9

test('no bound of any relaxation, at any iterate, is above what a network attains: 200 problems of every kind and scale', async () => {
  const seen = { semidefinite: 0, cuts: 0, cells: 0, oracle: 0, program: 0 }
  await fc.assert(
    fc.asyncProperty(recipes, async (recipe) => {
      const problem = follow(recipe)
      const { certificate, dual } = await train(problem, { tolerance: 1e-7, timeLimitSeconds: 0.5 })
      const limit = certificate.objective * (1 + rounding)
      expect(certificate.crossed).toBe(false)
      const half = problem.Y.data.reduce((sum, value) => sum + value ** 2 / 2, 0)
      const below = (bound: number, what: keyof typeof seen): void => {
        expect(bound, what).toBeLessThanOrEqual(limit)
        if (bound > 0.5 * certificate.objective && certificate.objective < 0.99 * half) seen[what]++
      }
      const solver = brief(entrywiseSplitting, 3)
      for (const inequalities of ['none', 'conic'] as const) {
        for await (const { lowerBound } of semidefiniteValues(problem, { solver, inequalities })) {
          below(lowerBound, inequalities === 'none' ? 'semidefinite' : 'cuts')
        }
      }
      const relaxation = await relaxCopositively(problem)
      expect(relaxation).not.toBeNull()
      if (!relaxation) return
      for await (const { lowerBound } of copositiveValues(problem, relaxation, { tolerance: 1e-3 })) {
        below(lowerBound ?? Number.NaN, 'cells')
      }
      const other = randomMatrix(seededRandom(recipe.seed), problem.Y.rows, problem.Y.cols)
      for (const Z of [dual, other]) {
        for (const create of [cellOracle, patternFreeOracle]) below(await bounded(problem, create, Z), 'oracle')
      }
      const data = { X: problem.reduction.Xr, Y: problem.Y, beta: problem.beta }
      const cells = copositiveProgram(data, relaxation.cells, 'doubly-nonnegative')
      for (const bound of [
        ...(await proven(semidefiniteProgram(data, 1), entrywiseSplitting)),
        ...(relaxation.cells.length > 0 && half > 0 ? await proven(cells, interiorPoint) : []),
      ]) {
        expect(bound).toBeLessThanOrEqual(certificate.objective * (1 + reducedRounding))
        if (bound > 0.5 * certificate.objective && certificate.objective > 0) seen.program++
      }
    }),
    { numRuns: 200 },
  )
  // Bounds that are all trivial would prove nothing about bounds.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(25)
}, 240_000)

const cellOracle: OracleFactory = (problem) => copositiveOracle(problem)
const patternFreeOracle: OracleFactory = (problem) =>
  semidefiniteOracle(problem, { solver: brief(entrywiseSplitting, 2) })

/** The lower bound that an oracle’s answer on Z gives; no direction may attain more than its bound on the polar. */
async function bounded(problem: Problem, create: OracleFactory, Z: Matrix): Promise<number> {
  const { bound, candidates } = await create(problem).price(Z, { maxNodes: 6 })
  const found = await multistartOracle(problem).price(Z, { maxNodes: 6 })
  const { Xr } = problem.reduction
  const mass = norm2(Xr.data) * norm2(Z.data)
  for (const { weights } of [...candidates, ...found.candidates]) {
    expect(polarValue(Xr, Z, weights)).toBeLessThanOrEqual(bound.value + 8 * Number.EPSILON * mass)
  }
  const network = zeroNetwork(problem.X.cols, problem.Y.cols)
  return certify(problem, { network, dual: Z, bound }).lowerBound
}

async function proven(program: ConicProgram, solver: DoublyNonnegativeSolver): Promise<number[]> {
  const bounds: number[] = []
  for await (const iterate of brief(solver, 4).iterates(program)) bounds.push(provenDualValue(program, iterate))
  return bounds
}
