import { type Arrangement, enumerationSteps } from '../arrangement/enumerate.ts'
import { projectOntoCone } from '../arrangement/cone-projection.ts'
import { wallsOf } from '../arrangement/facets.ts'
import { cellCount, type Pattern } from '../arrangement.ts'
import { proveBound, type ProvenBound, type Scope } from '../bound.ts'
import { certify } from '../certificate.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { type Matrix, matrix, row, scaled } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { zeroNetwork } from '../network.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import type { ConicIterate, DoublyNonnegativeSolver } from '../relaxation.ts'
import { copositivePolarUpper } from './copositive-bound.ts'
import {
  type CopositiveCell,
  copositiveCells,
  copositiveProgram,
  type CopositiveVariant,
} from './copositive-program.ts'
import { interiorPoint } from './interior-point.ts'

/** Doubly nonnegative matrices up to this order are completely positive (Maxfield and Minc, 1962). */
export const completelyPositiveOrder = 4

export interface CopositiveOptions {
  /** Patterns D_i to stay within; without them all cells of the arrangement are listed. */
  readonly patterns?: readonly Pattern[]
  readonly variant?: CopositiveVariant
  /** More cells than this throw UnsupportedProblemError. */
  readonly maxCells?: number
  readonly solver?: DoublyNonnegativeSolver
  /** Relative duality gap of the conic program. */
  readonly tolerance?: number
  readonly pacer?: Pacer
}

/** The relaxation of a problem before anything is solved: its cells, and what is known of them. */
export interface CopositiveRelaxation {
  readonly cells: readonly CopositiveCell[]
  /** All cells were listed here; a given set of patterns never counts as complete. */
  readonly complete: boolean
  readonly overlooked: number
  readonly variant: CopositiveVariant
  /** The largest number of facets of a cell. */
  readonly facets: number
  /** Relaxation and problem have the same optimum: the set is complete and every cell has at most four facets. */
  readonly exact: boolean
}

export interface CopositiveValue {
  /** No network over the patterns of the relaxation has an objective below this; proven. */
  readonly value: number
  /** The same as a bound on all networks, where the patterns are complete; null where they are not. */
  readonly lowerBound: number | null
  readonly scope: Scope
  readonly relaxation: CopositiveRelaxation
  /** Z, with the bound on its polar that the multipliers prove. */
  readonly dual: Matrix
  readonly bound: ProvenBound
  /**
   * Where the conic method got to; its primal value is an estimate of the optimum of the relaxation, never a bound. Null
   * before its first step: the dual is Y itself then.
   */
  readonly iterate: ConicIterate | null
}

/**
 * Lists cells and facets of the arrangement, or the facets of the given patterns. Null when time ran out.
 *
 * @throws UnsupportedProblemError for a loss that is not squared, weights or an unpenalised part, and when there could be more cells than `maxCells`.
 * @throws RangeError for patterns of another number of samples, and for those that no u ≠ 0 has.
 */
export async function relaxCopositively(
  problem: Problem,
  options: CopositiveOptions = {},
): Promise<CopositiveRelaxation | null> {
  const { patterns, variant = 'doubly-nonnegative', maxCells = 5000, pacer = createPacer() } = options
  const { Xr } = problem.reduction
  const loss: string = problem.loss.name
  if (loss !== 'squared') {
    throw new UnsupportedProblemError(
      `copositive: the loss must be squared, got ${loss}; column generation may take it`,
    )
  }
  if (problem.weights !== null || problem.free !== null) {
    const what = problem.free === null ? 'weights' : 'an output bias or a skip connection'
    throw new UnsupportedProblemError(
      `copositive: the loss must be squared without ${what}; column generation takes it`,
    )
  }
  const strange = patterns?.find(({ size }) => size !== Xr.rows)
  if (strange) throw new RangeError(`copositive: patterns must be of ${Xr.rows} samples, got one of ${strange.size}`)
  patterns?.forEach((pattern) => requireAttained(Xr, pattern))
  const listed = patterns ? null : await arrangementOf(Xr, maxCells, pacer)
  const known = patterns ?? listed?.cells.map(({ pattern }) => pattern)
  const cells = known ? await copositiveCells(Xr, known, pacer) : null
  if (!cells) return null
  const facets = cells.reduce((most, cell) => Math.max(most, cell.facets.rows), 0)
  const complete = listed !== null
  const exact = complete && variant === 'doubly-nonnegative' && facets <= completelyPositiveOrder
  const overlooked = listed?.overlooked ?? 0
  const relaxation = Object.freeze({ cells: Object.freeze(cells), complete, overlooked, variant, facets, exact })
  origins.set(relaxation, Xr)
  return relaxation
}

/** The data whose cells were listed: only what was made here, for these data, makes bounds. */
const origins = new WeakMap<CopositiveRelaxation, Matrix>()

/**
 * The optimum of (19), Sahiner, Ergen, Pauly, Pilanci (ICLR 2021), as a proven lower bound:
 *
 *     min ½ tr(Yᵀ(I + 2 Σ_i D_iXU_iXᵀD_i)⁻¹Y) + β² Σ_i tr U_i,   U_i positive semidefinite, S_i U_i S_iᵀ ≥ 0.
 *
 * With U_i in C_i = conv{uuᵀ : (2D_i − I)Xu ≥ 0} this is (17), the training problem itself. The relaxation is (17) where
 * no cell has more than four facets, always so up to rank 2, and else a lower bound that can be strictly lower, in rank 3
 * already: what counts is the order of S_iU_iS_iᵀ, not the dimension that the paper states. The variant `gated` drops
 * S_iU_iS_iᵀ ≥ 0, which leaves (12) with the plain nuclear norm, as printed: a program of gated ReLUs, lower still.
 * With the pattern of all samples as the only one it is (20); over given patterns the value bounds networks on these
 * patterns only, whatever their number.
 *
 * Whatever the conic method returns is only Z and N to the bound: ω(Z) is bounded by eigenvalues (see
 * `copositivePolarUpper`), and Z is scaled into the feasible set of (11).
 *
 * Null when time ran out before the cells were listed.
 *
 * @throws UnsupportedProblemError as `relaxCopositively`.
 */
export async function copositiveValue(
  problem: Problem,
  options: CopositiveOptions = {},
): Promise<CopositiveValue | null> {
  const relaxation = await relaxCopositively(problem, options)
  if (!relaxation) return null
  let last: CopositiveValue | null = null
  for await (const next of copositiveValues(problem, relaxation, options)) {
    if (!last || next.value >= last.value) last = next
  }
  return last
}

/**
 * The same for a relaxation at hand: a value before anything is solved, then one for every iterate of the conic method.
 *
 * @throws RangeError for a relaxation that `relaxCopositively` did not make, or made of other data.
 */
export async function* copositiveValues(
  problem: Problem,
  relaxation: CopositiveRelaxation,
  { solver = interiorPoint, tolerance = 1e-9, pacer = createPacer() }: CopositiveOptions = {},
): AsyncGenerator<CopositiveValue> {
  const { reduction, Y, beta } = problem
  const { cells, variant } = relaxation
  if (origins.get(relaxation) !== reduction.Xr) {
    throw new RangeError(
      'copositiveValues: the relaxation must be one that relaxCopositively made of these data, got a copy or that of others',
    )
  }
  yield valueOf(problem, relaxation, null)
  if (cells.length === 0 || Y.data.every((value) => value === 0)) return
  const program = copositiveProgram({ X: reduction.Xr, Y, beta }, cells, variant)
  for await (const iterate of solver.iterates(program, { tolerance, pacer })) {
    yield valueOf(problem, relaxation, iterate)
  }
}

function valueOf(problem: Problem, relaxation: CopositiveRelaxation, iterate: ConicIterate | null): CopositiveValue {
  const { reduction, X, Y, beta } = problem
  const { cells, overlooked, complete } = relaxation
  const dual = iterate ? matrix(Y.rows, Y.cols, iterate.y) : scaled(Y, 1)
  const multipliers = cells.map(
    (_, b) => iterate?.multipliers[b].map((value) => 2 * beta * value) ?? new Float64Array(0),
  )
  const polar = copositivePolarUpper(reduction.Xr, dual, cells, multipliers, overlooked)
  const scope: Scope = complete ? 'all-networks' : 'given-patterns'
  const bound = proveBound(problem, dual, polar, 'relaxation', scope)
  const { lowerBound: value } = certify(problem, { network: zeroNetwork(X.cols, Y.cols), dual, bound })
  return { value, lowerBound: complete ? value : null, scope, relaxation, dual, bound, iterate }
}

/** All cells; null when time ran out. */
export async function arrangementOf(X: Matrix, maxCells: number, pacer: Pacer): Promise<Arrangement | null> {
  requireFewCells(X, maxCells)
  const steps = enumerationSteps(X, { maxCells })
  while (!pacer.expired()) {
    const { done, value } = steps.next()
    if (done) return value
    const turn = pacer.breathe()
    if (turn) await turn
  }
  return null
}

/** @throws UnsupportedProblemError when there could be more than `maxCells` cells. */
export function requireFewCells(X: Matrix, maxCells: number): void {
  const samples = Array.from({ length: X.rows }, (_, i) => norm2(row(X, i))).filter((size) => size > 0).length
  const most = cellCount(samples, X.cols)
  if (most > maxCells) {
    throw new UnsupportedProblemError(
      `copositive: at most ${maxCells} cells (maxCells), got up to ${most} of ${samples} samples in rank ${X.cols}; column generation has no such limit`,
    )
  }
}

/** How far the closed cell reaches in the best of the 2r directions of the axes, at which it is a point but for rounding. */
const nothing = 1e-9

/** @throws RangeError for a pattern that no u ≠ 0 has, not even with samples on their hyperplanes. */
function requireAttained(X: Matrix, pattern: Pattern): void {
  const walls = wallsOf(X, pattern)
  const normals = Array.from({ length: walls.rows }, (_, k) => row(walls, k))
  for (let axis = 0; axis < X.cols; axis++) {
    for (const side of [1, -1]) {
      const along = new Float64Array(X.cols)
      along[axis] = side
      if (norm2(projectOntoCone(normals, along).point) > nothing) return
    }
  }
  if (X.cols === 0) return
  throw new RangeError(
    'copositive: every pattern must be that of some u ≠ 0, (2D − I)Xu ≥ 0, got one that none has; take patterns from enumerateCells or sampleCells, or patternOf a direction',
  )
}
