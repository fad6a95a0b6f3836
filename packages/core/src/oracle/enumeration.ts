import { type Arrangement, enumerationSteps } from '../arrangement/enumerate.ts'
import { wallsOf } from '../arrangement/facets.ts'
import { type Cell, cellCount, isActive } from '../arrangement.ts'
import { proveBound } from '../bound.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { addScaledInto, type Matrix, matrix, row } from '../linalg/matrix.ts'
import { norm2, spectralUpper } from '../linalg/norms.ts'
import type { Candidate, Priced, PriceOptions, PricingOracle } from '../oracle.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import { conePca } from './cone-pca.ts'
import { polarValue } from './evaluate.ts'
import { standardForm } from './standard-form.ts'

export interface EnumerationOptions {
  /** Data whose hyperplanes in general position would make more cells than this are refused. */
  readonly maxCells?: number
}

/**
 * Exact pricing for small problems of any rank, the plain way: list all cells of the arrangement {x_iᵀu = 0}; on the
 * closed cell of a pattern D, Zᵀ(Xu)₊ = ZᵀDX u, whose largest length there is a cone-constrained principal component
 * (`conePca`). A cell with ‖ZᵀDX‖₂ at or below the best value found cannot matter, so the most promising go first.
 *
 * The independent reference for the sweep and for branch and bound. The cells are listed once, on the first call.
 *
 * @throws UnsupportedProblemError when there could be more than `maxCells` cells.
 */
export function enumerationOracle(problem: Problem, { maxCells = 20_000 }: EnumerationOptions = {}): PricingOracle {
  const { Xr, rank } = problem.reduction
  const samples = Array.from({ length: Xr.rows }, (_, i) => norm2(row(Xr, i))).filter((size) => size > 0).length
  const most = cellCount(samples, rank)
  if (most > maxCells) {
    throw new UnsupportedProblemError(`enumerationOracle: at most ${maxCells} cells (maxCells), got up to ${most}`)
  }
  let listing: Generator<void, Arrangement> | undefined
  let arrangement: Arrangement | undefined

  /** Undefined when time ran out; the next call goes on from there. */
  async function list(pacer: Pacer): Promise<Arrangement | undefined> {
    listing ??= enumerationSteps(Xr, { maxCells })
    while (!arrangement && !pacer.expired()) {
      const step = listing.next()
      if (step.done) arrangement = step.value
      const turn = pacer.breathe()
      if (turn) await turn
    }
    return arrangement
  }

  return {
    name: 'enumeration',
    family: 'enumeration',
    async price(dual, options = {}) {
      const pacer = options.pacer ?? createPacer()
      const known = dual.data.every(Number.isFinite) ? await list(pacer) : undefined
      if (known) return search(problem, dual, known, pacer, options)
      return { candidates: [], bound: proveBound(problem, dual, spectralUpper(Xr) * spectralUpper(dual), 'trivial') }
    },
  }
}

/** ZᵀDX on one cell. */
interface CellMatrix {
  readonly cell: Cell
  readonly A: Matrix
  /** An upper bound on ‖ZᵀDX‖₂, hence on the whole cell. */
  readonly size: number
}

async function search(
  problem: Problem,
  dual: Matrix,
  { cells, overlooked }: Arrangement,
  pacer: Pacer,
  { target, relativeTolerance = 0, maxCandidates = cells.length }: PriceOptions,
): Promise<Priced> {
  const { Xr } = problem.reduction
  const { X, Z, unit } = standardForm(Xr, dual)
  const queue: CellMatrix[] = []
  for (const cell of cells) {
    queue.push(cellMatrix(X, Z, cell))
    const turn = pacer.breathe()
    if (turn) await turn
  }
  queue.sort((a, b) => b.size - a.size)
  const candidates: Candidate[] = []
  let best = 0
  let at = 0
  for (; at < queue.length && !pacer.expired(); at++) {
    const { cell, A, size } = queue[at]
    if (size <= best * (1 + relativeTolerance)) break
    if (target !== undefined && (size * unit <= target || candidates.some(({ value }) => value > target))) break
    const { bound, peaks } = conePca(A, wallsOf(X, cell.pattern), best)
    best = bound
    for (const weights of peaks) candidates.push({ weights, value: polarValue(Xr, dual, weights) })
    const turn = pacer.breathe()
    if (turn) await turn
  }
  const open = at < queue.length ? queue[at].size : 0
  const trivial = spectralUpper(X) * spectralUpper(Z)
  const bound = Math.min(Math.max(best, open) + arrangementAllowance(X, Z, overlooked), trivial) * unit
  return {
    candidates: candidates
      .filter(({ value }) => value > 0)
      .sort((a, b) => b.value - a.value)
      .slice(0, maxCandidates),
    bound: proveBound(problem, dual, bound, 'enumeration'),
    nodes: at,
  }
}

function cellMatrix(X: Matrix, Z: Matrix, cell: Cell): CellMatrix {
  const A = matrix(Z.cols, X.cols)
  for (let i = 0; i < X.rows; i++) {
    if (!isActive(cell.pattern, i)) continue
    for (let p = 0; p < Z.cols; p++) addScaledInto(Z.data[i * Z.cols + p], row(X, i), row(A, p))
  }
  return { cell, A, size: spectralUpper(A) }
}

/**
 * Rounding: A is a sum of up to n products, then multiplied, squared and decomposed, each with errors below ε times
 * Σ ‖z_i‖‖x_i‖, which also bounds ‖A‖. And the directions in no listed cell: all lie within `overlooked` of one of n
 * hyperplanes. A ball of radius ρ = n · overlooked · √(r+1) about one of them has more volume than n such slabs can fill,
 * so it meets a listed cell; from there the value has grown by 2ρ min(Σ ‖z_i‖‖x_i‖, ‖Z‖₂‖X‖₂) at most.
 */
export function arrangementAllowance(X: Matrix, Z: Matrix, overlooked: number): number {
  let mass = 0
  for (let i = 0; i < X.rows; i++) mass += norm2(row(X, i)) * norm2(row(Z, i))
  const rounding = 2 * (X.rows + 4 * X.cols + 2 * Z.cols + 16) * Number.EPSILON
  const astray = 2 * X.rows * overlooked * Math.sqrt(X.cols + 1)
  return rounding * mass + astray * Math.min(mass, spectralUpper(X) * spectralUpper(Z))
}
