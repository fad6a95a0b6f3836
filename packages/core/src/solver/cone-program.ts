import { type Arrangement, enumerationSteps } from '../arrangement/enumerate.ts'
import { projectOntoCone } from '../arrangement/cone-projection.ts'
import { activeCount, isActive, type Pattern } from '../arrangement.ts'
import { InvalidProblemError, UnsupportedProblemError } from '../errors.ts'
import { type ConeBlock, type ConeSolution, coneLeastSquaresIterates } from '../interior-point.ts'
import { addScaledInto, dot, type Matrix, matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { atomOf } from '../master/residual.ts'
import { type Neuron, objective } from '../network.ts'
import type { OracleFactory } from '../oracle.ts'
import { exactOracle } from '../oracle/exact.ts'
import { normalsOf } from '../oracle/scalar-cell.ts'
import { trivialOracle } from '../oracle/trivial.ts'
import type { Problem } from '../problem.ts'
import type { Solver, SolverClaim, SolverContext } from '../solver.ts'
import { crossover, type Piece } from './cone-program/crossover.ts'
import { givenPatternsOracle } from './cone-program/given-patterns.ts'
import { claimOf, lifted, pricingFor, requireSquaredDense, unit } from './parts.ts'

export interface ConeProgramOptions {
  /**
   * Activation patterns on the rows of `problem.reduction.Xr`; all those of the arrangement when absent. The single
   * pattern of all ones is program (10), which is exact for spike-free data.
   */
  readonly patterns?: readonly Pattern[]
  /** Over what the lower bound is to hold: by default all networks unless patterns are given. */
  readonly scope?: 'all-networks' | 'given-patterns'
  /** More cells than this are refused where all are listed. */
  readonly maxCells?: number
  /** Prices over all networks; by default the oracle for the rank. */
  readonly exact?: OracleFactory
}

/** A cell of the arrangement as the program sees it. */
interface OpenCell {
  readonly pattern: Pattern
  readonly interior: Float64Array
}

/** Weights below these shares of the largest are left out, if that is no loss: zeros of an interior-point method are small. */
const negligible = [1e-5, 1e-7, 1e-9, 0]

/** Where the interior-point method hands over: which pieces and walls count is plain by then, and rounding is not yet felt. */
const interiorTolerance = 1e-8

/** Interior points this close to a wall (sine of the angle) are rounding. */
const thinnest = 1e-9

/**
 * The finite convex program of a network with one output, over all activation patterns or over those given:
 *
 *     min ½‖Σ_i D_iX(w_i − v_i) − y‖² + β Σ_i (‖w_i‖ + ‖v_i‖),  (2D_i − I)Xw_i ≥ 0, (2D_i − I)Xv_i ≥ 0
 *
 * by the interior-point method of `solveConeLeastSquares` and a crossover to the faces it ends on, and from it the network of neurons (w_i/√‖w_i‖, √‖w_i‖) and
 * (v_i/√‖v_i‖, −√‖v_i‖): Pilanci and Ergen (ICML 2020), equation (9) of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021).
 * An independent check of column generation where all cells can be listed. The dual is priced over all networks in the
 * end, so that nothing rests on the list being complete; over given patterns the bound claims only those.
 *
 * UnsupportedProblemError for more than one output, where the gauge is no longer the norm of a vector; its claims also throw it for
 * more cells than `maxCells`, and InvalidProblemError for a pattern that no open cell has.
 */
export function coneProgram(options: ConeProgramOptions = {}): Solver {
  const { exact = exactOracle, patterns, scope = patterns ? 'given-patterns' : 'all-networks' } = options
  return {
    name: 'cone-program',
    oracleName: (problem) => (scope === 'given-patterns' ? 'given-patterns' : exact(problem).name),
    check: requireScalar,
    claims(problem, context) {
      requireScalar(problem)
      return claims(problem, context, { ...options, scope })
    },
  }
}

async function* claims(
  problem: Problem,
  context: SolverContext,
  options: ConeProgramOptions,
): AsyncGenerator<SolverClaim> {
  const trivial = trivialOracle(problem)
  yield claimOf(problem, [], problem.Y, (await trivial.price(problem.Y)).bound, 'start')
  const cells = await context.timed('master', () => cellsFor(problem, context, options))
  if (!cells) return
  const blocks = cells.flatMap((cell) => blocksOf(problem.reduction.Xr, cell))
  const program = { blocks, target: problem.Y.data, beta: problem.beta }
  const iterates = coneLeastSquaresIterates(program, { tolerance: interiorTolerance, pacer: context.pacer })
  let pieces: readonly Piece[] = []
  for (;;) {
    const { done, value } = await context.timed('master', () => iterates.next())
    if (done) break
    pieces = piecesOf(problem, blocks, value)
    const dual = residualOf(problem, pieces)
    yield claimOf(problem, neuronsOf(pieces), dual, (await trivial.price(dual)).bound, 'interior-point')
  }
  pieces = await context.timed('master', async () =>
    crossover(problem.reduction.Xr, problem.Y.data, problem.beta, pieces),
  )
  const dual = residualOf(problem, pieces)
  const patterns = cells.map(({ pattern }) => pattern)
  const given = options.scope === 'given-patterns'
  const oracle = given ? givenPatternsOracle(problem, patterns) : pricingFor(problem, context, options.exact)
  const settings = { relativeTolerance: 0.1 * context.tolerance, pacer: context.pacer }
  const { bound } = await context.timed('pricing', () => oracle.price(dual, settings))
  yield claimOf(problem, neuronsOf(pieces), dual, bound, oracle.name)
}

function requireScalar(problem: Problem): void {
  requireSquaredDense('cone-program', problem)
  if (problem.Y.cols === 1) return
  throw new UnsupportedProblemError(
    `cone-program: the finite convex program is for one output, got ${problem.Y.cols}; use column-generation, ` +
      'frank-wolfe or cutting-plane',
  )
}

/** Undefined when time ran out. Cells in which no sample is active add nothing. */
async function cellsFor(
  problem: Problem,
  context: SolverContext,
  { patterns, maxCells = 20_000 }: ConeProgramOptions,
): Promise<readonly OpenCell[] | undefined> {
  const { Xr } = problem.reduction
  const cells = patterns ? patterns.map((pattern) => opened(Xr, pattern)) : await listCells(Xr, context, maxCells)
  return cells?.filter(({ pattern }) => activeCount(pattern) > 0)
}

async function listCells(
  X: Matrix,
  { pacer }: SolverContext,
  maxCells: number,
): Promise<Arrangement['cells'] | undefined> {
  const listing = enumerationSteps(X, { maxCells })
  while (!pacer.expired()) {
    const { done, value } = listing.next()
    if (done) return value.cells
    const turn = pacer.breathe()
    if (turn) await turn
  }
  return undefined
}

/** The pattern with a direction inside its cell: the average of the directions that go farthest from each wall. */
function opened(X: Matrix, pattern: Pattern): OpenCell {
  if (pattern.size !== X.rows) {
    throw new InvalidProblemError(
      `coneProgram: patterns must be of the ${X.rows} samples, got one of ${pattern.size} samples`,
    )
  }
  const normals = normalsOf(X, pattern)
  const total = new Float64Array(X.cols)
  for (const normal of normals) {
    const { point } = projectOntoCone(normals, normal)
    const size = norm2(point)
    if (size > 0) for (let q = 0; q < total.length; q++) total[q] += point[q] / size
  }
  const interior = norm2(total) > 0 ? unit(total) : total
  if (normals.every((normal) => dot(normal, interior) > thinnest)) return { pattern, interior }
  throw new InvalidProblemError(
    'coneProgram: every pattern must be that of an open cell, got one whose closed cell has no interior; take patterns ' +
      'from enumerateCells, or patternOf directions off all hyperplanes',
  )
}

/** w_i and v_i of one pattern. */
function blocksOf(X: Matrix, { pattern, interior }: OpenCell): ConeBlock[] {
  const A = matrix(X.rows, X.cols)
  for (let i = 0; i < X.rows; i++) if (isActive(pattern, i)) row(A, i).set(row(X, i))
  const normals = normalsOf(X, pattern)
  const walls = matrix(normals.length, X.cols)
  normals.forEach((normal, i) => row(walls, i).set(normal))
  return [
    { A, sign: 1, walls, interior },
    { A, sign: -1, walls, interior },
  ]
}

/** The weights that are not zero, without as many of the smallest as lowers the objective most. */
function piecesOf(problem: Problem, blocks: readonly ConeBlock[], { weights }: ConeSolution): Piece[] {
  const largest = weights.reduce((most, w) => Math.max(most, norm2(w)), 0)
  let best: { readonly pieces: Piece[]; readonly value: number } | undefined
  for (const share of negligible) {
    const pieces = weights.flatMap((w, b) => (norm2(w) > share * largest ? [{ w, sign: blocks[b].sign }] : []))
    const value = objective(problem, lifted(problem, neuronsOf(pieces)))
    if (!best || value < best.value) best = { pieces, value }
  }
  return best?.pieces ?? []
}

/** (w/√‖w‖, ±√‖w‖). */
function neuronsOf(pieces: readonly Piece[]): Neuron[] {
  return pieces.map(({ w, sign }) => {
    const root = Math.sqrt(norm2(w))
    return { u: w.map((value) => value / root), v: Float64Array.of(sign * root) }
  })
}

/** z = y − F, optimal for (8) when the network is for (9). */
function residualOf({ reduction, Y }: Problem, pieces: readonly Piece[]): Matrix {
  const out = matrix(Y.rows, 1, Y.data.slice())
  for (const { w, sign } of pieces) addScaledInto(-sign, atomOf(reduction.Xr, w), out.data)
  return out
}
