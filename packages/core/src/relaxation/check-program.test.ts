import { describe, expect, test } from 'vitest'
import { UnsupportedProblemError } from '../errors.ts'
import { fromRows, matrix } from '../linalg/matrix.ts'
import { planarFixture, randomMatrix } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import type { ConicBlock, ConicOptions, ConicProgram, DoublyNonnegativeSolver } from '../relaxation.ts'
import { activePairs } from './active-pairs.ts'
import { augmentedLagrangian } from './augmented-lagrangian.ts'
import { coneMaximumProgram } from './cone-maximum.ts'
import { copositiveProgram } from './copositive-program.ts'
import { entrywiseSplitting } from './entrywise-splitting.ts'
import { interiorPoint } from './interior-point.ts'
import { semidefiniteProgram } from './semidefinite-program.ts'
import { semidefiniteValue } from './semidefinite.ts'

const good = coneMaximumProgram(fromRows([[2, 1], [1, 0]]), fromRows([[1, 0], [0, 1]])) // biome-ignore format: matrices
const [block] = good.blocks
const withBlock = (changed: Partial<ConicBlock>): ConicProgram => ({ ...good, blocks: [{ ...block, ...changed }] })

function first(solver: DoublyNonnegativeSolver, program: ConicProgram, options?: ConicOptions): Promise<unknown> {
  return solver.iterates(program, options)[Symbol.asyncIterator]().next()
}

const broken: readonly [string, ConicProgram, string][] = [
  ['NaN in the cost', withBlock({ cost: fromRows([[1, Number.NaN], [0, 1]]) }), 'cost must be finite in block 0, got NaN at (0, 1)'], // biome-ignore format: a table
  ['Infinity in a vector', withBlock({ vectors: matrix(4, 2, new Float64Array(8).fill(Number.POSITIVE_INFINITY)) }), 'vectors must be finite in block 0, got Infinity at (0, 0)'], // biome-ignore format: a table
  ['an asymmetric cost', withBlock({ cost: fromRows([[1, 2], [3, 1]]) }), 'the cost must be symmetric in block 0, got 3 and 2 at (1, 0)'], // biome-ignore format: a table
  ['a cost that is not square', withBlock({ cost: matrix(2, 3) }), 'the cost must be square in block 0, got 2 × 3'],
  ['vectors of another length', withBlock({ vectors: matrix(4, 3) }), 'vectors must be as long as the order of the cost, 2 in block 0, got 3'],
  ['a pair out of range', withBlock({ nonnegative: [[0, 4]] }), 'pairs must be of the 4 vectors, 0 to 3 in block 0, got (0, 4)'],
  ['a pair that is no index', withBlock({ nonnegative: [[0, 0.5]] }), 'pairs must be of the 4 vectors'],
  ['a coupling out of range', withBlock({ couplings: [{ constraint: 0, left: -1, right: 0 }] }), 'couplings must be of the 4 vectors'],
  ['a constraint that is not there', withBlock({ couplings: [{ constraint: 1, left: 0, right: 0 }] }), 'couplings must be of the 1 constraints, 0 to 0 in block 0, got 1'],
  ['NaN in the targets', { ...good, targets: Float64Array.of(Number.NaN) }, 'targets must be finite numbers, got NaN at 0'],
  ['a negative curvature', { ...good, curvatures: Float64Array.of(-1) }, 'curvatures must be at least 0, got -1 at 0'],
  ['a start of another length', { ...good, start: new Float64Array(2) }, 'start must be as many as the 1 targets, got 2'],
  ['a trace that is not a number', { ...good, trace: Number.NaN }, 'trace must be at least 0, got NaN'],
  ['a start that is not dual feasible', { ...good, start: Float64Array.of(1) }, 'must be positive definite at the start y'],
  ['an indefinite cost, unbounded', withBlock({ cost: fromRows([[0, 1], [1, 0]]), couplings: [] }), 'the program has none and may be unbounded, got an eigenvalue of -1.00'], // biome-ignore format: a table
] // biome-ignore format: a table

describe.each([interiorPoint, entrywiseSplitting, augmentedLagrangian, activePairs])('$name refuses', (solver) => {
  test.each(broken)('%s', async (_what, program, message) => {
    await expect(first(solver, program)).rejects.toThrow(RangeError)
    await expect(first(solver, program)).rejects.toThrow(message)
  })

  test('nothing of a program that is one', async () => {
    await expect(first(solver, good)).resolves.toMatchObject({ done: false })
  })

  test('what takes more memory than it may, with the estimate', async () => {
    const X = randomMatrix(seededRandom(1), 90, 2)
    const program = semidefiniteProgram({ X, Y: matrix(90, 1, new Float64Array(90).fill(1)), beta: 1 }, 1)
    const refused = first(solver, program, { maxMegabytes: 1 })
    await expect(refused).rejects.toThrow(UnsupportedProblemError)
    await expect(refused).rejects.toThrow('at most 1 MiB (maxMegabytes), got a program that takes about')
  })
})

test('interior points of many pairs are refused by default, and say which method takes them', async () => {
  const X = randomMatrix(seededRandom(1), 130, 2)
  const problem = createProblem({ X, Y: matrix(130, 1, new Float64Array(130).fill(1)), beta: 1 })
  const refused = semidefiniteValue(problem, { solver: interiorPoint })
  await expect(refused).rejects.toThrow(UnsupportedProblemError)
  await expect(refused).rejects.toThrow(/its 33540 pairs of one block make a dense matrix; entrywiseSplitting/)
})

test('and so are interior points of many constraints: samples times outputs of the program over cells', async () => {
  const [n, c] = [3000, 10]
  const X = randomMatrix(seededRandom(1), n, 1)
  const program = copositiveProgram({ X, Y: matrix(n, c, new Float64Array(n * c).fill(1)), beta: 1 }, [], 'gated')
  const refused = first(interiorPoint, program)
  await expect(refused).rejects.toThrow(UnsupportedProblemError)
  await expect(refused).rejects.toThrow('its 30000 constraints make a dense matrix; take fewer samples or outputs')
})

test('β must be greater than 0, in programs made by hand as in problems', () => {
  for (const beta of [0, -1, Number.NaN]) {
    expect(() => semidefiniteProgram({ ...planarFixture, beta }, 1)).toThrow(`beta must be greater than 0, got ${beta}`)
    expect(() => copositiveProgram({ ...planarFixture, beta }, [], 'gated')).toThrow('copositiveProgram: beta must be')
    expect(() => createProblem({ ...planarFixture, beta })).toThrow(/beta/)
  }
})
