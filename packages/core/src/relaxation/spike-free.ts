import { proveBound, type ProvenBound } from '../bound.ts'
import { certify } from '../certificate.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { type Matrix, matrix, scaled } from '../linalg/matrix.ts'
import { spectralUpper } from '../linalg/norms.ts'
import { powerOfTwoNear } from '../linalg/scale.ts'
import { isometrySize } from '../linalg/whiteness.ts'
import { zeroNetwork } from '../network.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import { type Problem, withBeta } from '../problem.ts'
import { reducedTargets, requireOrthonormalRows } from './orthonormal-rows.ts'
import { requirePlainProblem } from './plain-problem.ts'
import { estimatedGap, feasibleValue, nonnegativePolarUpper, relativeGapOf } from './spike-free-bound.ts'
import { type SpikeFreeIterate, spikeFreeIterates, type SplittingState } from './spike-free-splitting.ts'

export interface SpikeFreeOptions {
  /** Done when (value − lowerBound)/value is at most this. */
  readonly tolerance?: number
  /** Take data that are not whitened too: the bound holds all the same, but is that of no program about them. */
  readonly anyData?: boolean
  /** n + min(n, c), the order of the largest matrix; more throws UnsupportedProblemError. */
  readonly maxOrder?: number
  /** Where to start: the answer at another β for the same data. */
  readonly start?: SpikeFreeValue | undefined
  readonly pacer?: Pacer
}

export interface SpikeFreeValue {
  readonly beta: number
  /** Proven: no network, of whatever width, has an objective below this. */
  readonly lowerBound: number
  /** Of (20) at S, rounded up: the optimum of (20) is at least `lowerBound` and at most this. A network may cost more. With `anyData` of no program. */
  readonly value: number
  /** (value − lowerBound)/value, 0 where both are 0; what is left of (20), not of the network. */
  readonly gap: number
  /** XUXᵀ, n × n: positive semidefinite, no entry negative. */
  readonly S: Matrix
  /** Z with the bound on its polar that the multipliers prove. */
  readonly dual: Matrix
  readonly bound: ProvenBound
  readonly steps: number
  /** For a run at another β; null where there was nothing to solve. */
  readonly state: SplittingState | null
}

/**
 * The spike-free relaxation (20) of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021) for whitened rows, XXᵀ = I, as a proven
 * lower bound on all networks. With S = XUXᵀ it is of order n however many columns X and Y have:
 *
 *     min ½ tr(Yᵀ(I + 2S)⁻¹Y) + β² tr S   over positive semidefinite S with no entry negative.
 *
 * A network gives the completely positive S = Σ wwᵀ/(2β), w = (Xu)₊ ≥ 0, so (20) is exact for n ≤ 4, where doubly
 * nonnegative matrices are completely positive, and wherever its S happens to be; otherwise it may lie below all networks.
 *
 * *Why the bound is true.* With N ≥ 0, wᵀZZᵀw ≤ λmax(ZZᵀ + N) for unit w ≥ 0. And w = (Xu)₊ is nonnegative with
 * ‖w‖ ≤ ‖Xu‖ ≤ ‖X‖₂‖u‖, so ω(Z) ≤ ‖X‖₂ √λmax(ZZᵀ + N), for every X: no whiteness is used, and no exactness claimed. That
 * is a `ProvenBound`, and `certify` scales Z with it. Z = (I + 2S)⁻¹Y is computed from the Y that is given; the reduction of
 * Y to its rank only serves the method.
 *
 * @throws UnsupportedProblemError for a loss that is not squared, an architecture that is not dense, sample weights, an
 *   unpenalised part, data whose rows are not orthonormal (unless `anyData`), and sizes beyond `maxOrder`.
 */
export async function spikeFreeValue(problem: Problem, options: SpikeFreeOptions = {}): Promise<SpikeFreeValue> {
  return solve(prepare(problem, options), problem, options)
}

/**
 * The same at one β after the other, each started where the last one ended.
 *
 * @param betas positive, in any order.
 * @throws InvalidProblemError for a β that is not positive and finite, when its turn comes.
 */
export async function* spikeFreePath(
  problem: Problem,
  betas: Iterable<number>,
  options: SpikeFreeOptions = {},
): AsyncGenerator<SpikeFreeValue> {
  const prepared = prepare(problem, options)
  let { start } = options
  for (const beta of betas) {
    start = await solve(prepared, withBeta(problem, beta), { ...options, start })
    yield start
  }
}

/** What does not depend on β. */
interface Prepared {
  /** ‖X_r‖₂, proven from above: one but for rounding where the data are whitened. */
  readonly size: number
  /** What β is divided by: 1 for (20) as it stands, ‖X_r‖₂ where no program is meant and only the bound counts. */
  readonly stretch: number
  /** A power of two; Y/unit is of order one. */
  readonly unit: number
  /** Y/unit, n × c, and the same in r columns: an orthonormal basis of its rows, up to rounding. */
  readonly Y: Matrix
  readonly reduced: Matrix
}

function prepare(problem: Problem, { anyData = false, maxOrder = 1500 }: SpikeFreeOptions): Prepared {
  requireSupported(problem, maxOrder)
  const { Xr } = problem.reduction
  if (!anyData) requireOrthonormalRows('spikeFreeValue', problem.X)
  const isometry = isometrySize(Xr)
  const unit = powerOfTwoNear(Float64Array.of(spectralUpper(problem.Y))) || 1 // any will do for zero targets
  const Y = scaled(problem.Y, 1 / unit)
  const size = isometry < Number.POSITIVE_INFINITY ? isometry : spectralUpper(Xr)
  return { size, stretch: anyData ? size : 1, unit, Y, reduced: reducedTargets(Y) }
}

function requireSupported(problem: Problem, maxOrder: number): void {
  requirePlainProblem('spikeFreeValue', problem)
  const { rows, cols } = problem.Y
  const order = rows + Math.min(rows, cols)
  if (order <= maxOrder) return
  const megabytes = Math.ceil((8 * (matrices * order ** 2 + 4 * rows * cols)) / 2 ** 20)
  throw new UnsupportedProblemError(
    `spikeFreeValue: at most n + min(n, c) = ${maxOrder} (maxOrder), got ${order}, which takes about ${megabytes} MiB; use fewer samples, or raise maxOrder`,
  )
}

/** Dense matrices of the full order at once. */
const matrices = 10

async function solve(
  prepared: Prepared,
  problem: Problem,
  { tolerance = 1e-5, start, pacer = createPacer() }: SpikeFreeOptions,
): Promise<SpikeFreeValue> {
  const share = problem.beta / prepared.stretch / prepared.unit
  const zero = matrix(problem.Y.rows, problem.Y.rows)
  let best = valueOf(prepared, problem, share, { S: zero, N: zero, steps: 0, state: start?.state ?? null })
  // Beyond these β floats do not reach the program, or the zero network is the optimum and proven above.
  if (!(best.gap > tolerance && share > 0 && share < 4)) return best
  const state = start?.state ?? undefined
  let promising: { readonly iterate: SpikeFreeIterate; readonly gap: number } | null = null
  for await (const iterate of spikeFreeIterates(prepared.reduced, share, { start: state, pacer })) {
    // A proof looks at all columns of Y, which can take longer than a hundred steps: only where it is likely to be the last.
    const gap = estimatedGap(prepared.reduced, share, iterate)
    if (!(promising && promising.gap <= gap)) promising = { iterate, gap }
    if (!(gap <= tolerance)) continue
    best = better(best, valueOf(prepared, problem, share, iterate))
    promising = null
    if (best.gap <= tolerance) break
  }
  return promising ? better(best, valueOf(prepared, problem, share, promising.iterate)) : best
}

interface Point {
  readonly S: Matrix
  readonly N: Matrix
  readonly steps: number
  readonly state: SplittingState | null
}

function valueOf({ size, unit, Y }: Prepared, problem: Problem, share: number, point: Point): SpikeFreeValue {
  const { S, Z, value } = feasibleValue(Y, share, point.S)
  const dual = scaled(Z, unit)
  // Powers of two are exact but where they underflow: that loses a denormal number an entry.
  const polar = nonnegativePolarUpper(Z, point.N) + Z.data.length * Number.MIN_VALUE
  const bound = proveBound(problem, dual, polar * unit * size * (1 + 4 * Number.EPSILON), 'relaxation', 'all-networks')
  const { lowerBound } = certify(problem, { network: zeroNetwork(problem.X.cols, Y.cols), dual, bound })
  const { steps, state } = point
  // The share of β is rounded, and enters squared.
  const above = value * unit * unit * (1 + 16 * Number.EPSILON) + (value > 0 ? Number.MIN_VALUE : 0)
  return {
    beta: problem.beta,
    lowerBound,
    value: above,
    gap: relativeGapOf(above, lowerBound),
    S,
    dual,
    bound,
    steps,
    state,
  }
}

/** The lower of the values, and the higher of the bounds: they need not come from the same step. */
function better(a: SpikeFreeValue, b: SpikeFreeValue): SpikeFreeValue {
  const low = b.value < a.value ? b : a
  const high = b.lowerBound > a.lowerBound ? b : a
  const { lowerBound, dual, bound } = high
  return { ...b, value: low.value, S: low.S, lowerBound, dual, bound, gap: relativeGapOf(low.value, lowerBound) }
}
