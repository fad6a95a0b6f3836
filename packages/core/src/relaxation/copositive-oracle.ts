import type { Arrangement } from '../arrangement/enumerate.ts'
import { isActive } from '../arrangement.ts'
import { proveBound } from '../bound.ts'
import { eigh } from '../linalg/eigh.ts'
import { addScaledInto, type Matrix, matrix, multiplyTransposed, row } from '../linalg/matrix.ts'
import { spectralUpper } from '../linalg/norms.ts'
import type { Candidate, Priced, PriceOptions, PricingOracle } from '../oracle.ts'
import { ascend } from '../oracle/ascent.ts'
import { polarValue } from '../oracle/evaluate.ts'
import { multistartOracle } from '../oracle/multistart.ts'
import { standardForm } from '../oracle/standard-form.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import type { DoublyNonnegativeSolver } from '../relaxation.ts'
import { relaxedConeMaximum } from './cone-maximum.ts'
import { copositivePolarUpper } from './copositive-bound.ts'
import { type CopositiveCell, copositiveCells } from './copositive-program.ts'
import { arrangementOf, requireFewCells } from './copositive.ts'

export interface CopositiveOracleOptions {
  readonly maxCells?: number
  readonly solver?: DoublyNonnegativeSolver
}

/** Relative gap to which the program of a cell is solved. */
const conicTolerance = 1e-9

/** Ascents before any cell is relaxed: cells that cannot beat what they attain need no program. */
const ascents = 8

/**
 * Pricing over the cones of (19), Sahiner, Ergen, Pauly, Pilanci (ICLR 2021): all cells are listed, and on each
 *
 *     max ⟨M_i, U⟩,  M_i = XᵀD_iZZᵀD_iX,  tr U = 1, U positive semidefinite, S_iUS_iᵀ ≥ 0,
 *
 * bounds ‖Zᵀ(Xu)₊‖² (`relaxedConeMaximum`); cells with λmax(M_i) at or below the best square attained are left out. Exact where no cell has
 * more than four facets, always so up to rank 2, but for what the conic method leaves (up to 1e-5 where cells are thin); what is proven is `copositivePolarUpper` of the multipliers found.
 *
 * @throws UnsupportedProblemError when there could be more than `maxCells` cells.
 */
export function copositiveOracle(
  problem: Problem,
  { maxCells = 5000, solver }: CopositiveOracleOptions = {},
): PricingOracle {
  const { Xr } = problem.reduction
  requireFewCells(Xr, maxCells)
  let listed: Listed | null = null
  const list = async (pacer: Pacer): Promise<Listed | null> => {
    if (listed) return listed
    const arrangement = await arrangementOf(Xr, maxCells, pacer)
    const patterns = arrangement?.cells.map(({ pattern }) => pattern)
    const cells = patterns ? await copositiveCells(Xr, patterns, pacer) : null
    if (arrangement && cells) listed = { cells, overlooked: arrangement.overlooked }
    return listed
  }
  return {
    name: 'copositive',
    family: 'relaxation',
    async price(dual, options = {}) {
      const pacer = options.pacer ?? createPacer()
      const known = dual.data.every(Number.isFinite) ? await list(pacer) : null
      if (known) return search(problem, dual, known, { ...(solver && { solver }), pacer }, options)
      return { candidates: [], bound: proveBound(problem, dual, spectralUpper(Xr) * spectralUpper(dual), 'trivial') }
    },
  }
}

interface Listed extends Pick<Arrangement, 'overlooked'> {
  readonly cells: readonly CopositiveCell[]
}

async function search(
  problem: Problem,
  dual: Matrix,
  { cells, overlooked }: Listed,
  means: { readonly solver?: DoublyNonnegativeSolver; readonly pacer: Pacer },
  { target, relativeTolerance = 0, maxCandidates = 64, starts = [] }: PriceOptions,
): Promise<Priced> {
  const { Xr } = problem.reduction
  const { X, Z, unit } = standardForm(Xr, dual)
  const found = await multistartOracle(problem).price(dual, { starts, maxNodes: ascents, pacer: means.pacer })
  const candidates: Candidate[] = [...found.candidates]
  let best = candidates.reduce((most, { value }) => Math.max(most, value), 0)
  const multipliers = cells.map(() => new Float64Array(0))
  const queue = cells
    .map((cell, b) => ({ b, cell, M: quadratic(X, Z, cell) }))
    .map((entry) => ({ ...entry, size: Math.sqrt(Math.max(0, eigh(entry.M).values.at(-1) ?? 0)) * unit }))
    .toSorted((one, other) => other.size - one.size)
  let nodes = 0
  for (const { b, cell, M, size } of queue) {
    const enough = Math.max(best * (1 + relativeTolerance / 2), target ?? 0)
    if (!(size > enough) || (target !== undefined && best > target) || means.pacer.expired()) break
    const relaxed = await relaxedConeMaximum(M, cell.facets, { tolerance: conicTolerance, ...means })
    nodes++
    multipliers[b] = relaxed.multipliers.map((value) => value * unit * unit)
    for (const start of relaxed.U ? leading(relaxed.U) : []) {
      const { weights: top } = ascend(Xr, dual, start)
      const value = polarValue(Xr, dual, top)
      if (value > 0 && value < Number.POSITIVE_INFINITY) candidates.push({ weights: top, value })
      best = Math.max(best, value)
    }
  }
  const bound = copositivePolarUpper(Xr, dual, cells, multipliers, overlooked)
  return {
    candidates: candidates.toSorted((a, b) => b.value - a.value).slice(0, maxCandidates),
    bound: proveBound(problem, dual, bound, 'relaxation'),
    nodes,
  }
}

/** M = AᵀA with A = ZᵀDX. */
function quadratic(X: Matrix, Z: Matrix, { pattern }: CopositiveCell): Matrix {
  const A = matrix(Z.cols, X.cols)
  for (let i = 0; i < X.rows; i++) {
    if (!isActive(pattern, i)) continue
    for (let p = 0; p < Z.cols; p++) addScaledInto(Z.data[i * Z.cols + p], row(X, i), row(A, p))
  }
  return multiplyTransposed(A, A)
}

/** The leading eigenvector, either way: its sign says nothing. */
function leading(U: Matrix): Float64Array[] {
  const { vectors } = eigh(U)
  const last = U.cols - 1
  const u = Float64Array.from({ length: U.rows }, (_, p) => vectors.data[p * U.cols + last])
  return [u, u.map((value) => -value)]
}
