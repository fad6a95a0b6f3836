import { projectOntoCone } from '../arrangement/cone-projection.ts'
import { type Matrix, matrix, row, transpose } from '../linalg/matrix.ts'
import { frobeniusUpper, norm2 } from '../linalg/norms.ts'
import { conePca } from '../oracle/cone-pca.ts'
import type { ConicBlock, ConicIterate, ConicOptions, ConicProgram, DoublyNonnegativeSolver } from '../relaxation.ts'
import { interiorPoint } from './interior-point.ts'

export interface Factor {
  /** In the cone, W h ≥ 0 up to rounding. */
  readonly h: Float64Array
  /** Of length one. */
  readonly g: Float64Array
}

export interface SemiNmf {
  readonly factors: readonly Factor[]
  /** ‖V − Σ h_j g_jᵀ‖_F. */
  readonly error: number
  /** Σ ‖h_j‖. */
  readonly cost: number
  /** No factorisation in the cone costs less, up to the rounding of the arithmetic and the share `slack` of ‖V‖. */
  readonly leastCost: number
}

export interface SemiNmfOptions extends ConicOptions {
  readonly solver?: DoublyNonnegativeSolver
  readonly maxRounds?: number
  /** What may remain of V, relative to it; only this much is left over when V can be factored at all. */
  readonly slack?: number
}

/** A priced direction whose ‖Λᵀu‖ exceeds 1 by less than this would not lower the cost. */
const priced = 1e-7

/** Factors that carry less than this share of the cost are what the interior point method leaves of zero. */
const negligible = 1e-6

/**
 * Semi-nonnegative factorisation in a cone, V = Σ_j h_j g_jᵀ with W h_j ≥ 0 and ‖g_j‖ = 1, at the least Σ ‖h_j‖: equation
 * (49) of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021), exactly. The least cost is the gauge ‖V‖_{*,K} of (12), and the
 * neurons (h_j/√‖h_j‖, g_j √‖h_j‖) realise V on the cell whose cone it is.
 *
 * Column generation: the cheapest weights for the directions at hand, then the u of the cone with the largest ‖Λᵀu‖, Λ
 * being the dual, exactly (`conePca`), until none exceeds 1. There can be more factors than V has columns: with one
 * column, a V outside the cone and its negative is the difference of two vectors of the cone.
 */
export async function semiNmf(V: Matrix, W: Matrix, options: SemiNmfOptions = {}): Promise<SemiNmf> {
  const { solver = interiorPoint, maxRounds = 40, slack = 1e-9, ...conic } = options
  const size = norm2(V.data)
  if (!(size > 0)) return { factors: [], error: size, cost: 0, leastCost: 0 }
  const directions = peaksOf(V, W, 0)
  let best: SemiNmf = { factors: [], error: size, cost: 0, leastCost: 0 }
  for (let round = 0; round < maxRounds && directions.length > 0; round++) {
    const last = await finished(solver, weightsProgram(V, directions, slack), conic)
    if (!last) break
    const Lambda = matrix(V.rows, V.cols, last.y)
    const found = peaksOf(Lambda, W, 1 + priced).filter((u) => !directions.some((other) => distance(u, other) < 1e-9))
    const polar = conePca(transpose(Lambda), W, 1).bound
    best = factorsOf(V, directions, last, polar)
    if (found.length === 0) break
    directions.push(...found)
  }
  return best
}

/** The neurons (u, v) = (h/√‖h‖, g √‖h‖) of equal length. */
export function neuronsOf(factors: readonly Factor[]): { u: Float64Array; v: Float64Array }[] {
  return factors.map(({ h, g }) => {
    const root = Math.sqrt(norm2(h))
    return { u: h.map((value) => value / root), v: g.map((value) => value * root) }
  })
}

/** Unit vectors of the cone with ‖Aᵀu‖ above the floor, each maximal on its face. */
function peaksOf(A: Matrix, W: Matrix, floor: number): Float64Array[] {
  return [...conePca(transpose(A), W, floor).peaks]
}

/**
 * min Σ_k ‖g_k‖ + ‖r‖²/(2q)  s.t. Σ u_k g_kᵀ + r = V: a block [a, gᵀ; g, B] for each direction, at the cost ½(a + tr B). The
 * dual is max ⟨Λ, V⟩ − ½ q‖Λ‖² with ‖Λᵀu_k‖ ≤ 1.
 */
function weightsProgram(V: Matrix, directions: readonly Float64Array[], slack: number): ConicProgram {
  const [r, c] = [V.rows, V.cols]
  const size = frobeniusUpper(V)
  const q = slack * size
  const blocks = directions.map((u): ConicBlock => {
    const cost = matrix(1 + c, 1 + c)
    for (let k = 0; k <= c; k++) cost.data[k * (c + 2)] = 0.5
    const vectors = matrix(r + c, 1 + c)
    for (let p = 0; p < r; p++) row(vectors, p)[0] = u[p]
    for (let t = 0; t < c; t++) row(vectors, r + t)[1 + t] = 1
    const couplings = Array.from({ length: r * c }, (_, k) => ({
      constraint: k,
      left: Math.floor(k / c),
      right: r + (k % c),
    }))
    return { cost, vectors, nonnegative: [], couplings }
  })
  return {
    blocks,
    targets: V.data,
    curvatures: new Float64Array(r * c).fill(q),
    trace: size / slack,
    magnitude: size / (2 * slack),
    start: new Float64Array(r * c),
  }
}

async function finished(
  solver: DoublyNonnegativeSolver,
  program: ConicProgram,
  options: ConicOptions,
): Promise<ConicIterate | null> {
  let last: ConicIterate | null = null
  for await (const iterate of solver.iterates(program, options)) if (iterate.primal) last = iterate
  return last
}

function factorsOf(
  V: Matrix,
  directions: readonly Float64Array[],
  { primal, y }: ConicIterate,
  polar: number,
): SemiNmf {
  const parts = directions.map((u, k) => {
    const weights = primal ? row(primal[k], 0).slice(1) : new Float64Array(V.cols)
    return { u, g: weights, length: norm2(weights) }
  })
  const total = parts.reduce((sum, { length }) => sum + length, 0)
  const { factors, error } = fewest(
    V,
    parts.filter(({ length }) => length > negligible * total),
  )
  let aligned = 0
  for (let k = 0; k < y.length; k++) aligned += y[k] * V.data[k]
  const cost = factors.reduce((sum, { h }) => sum + norm2(h), 0)
  return { factors, error, cost, leastCost: Math.max(0, aligned / Math.max(1, polar)) }
}

/**
 * At most r c of the products u gᵀ, with new weights: the interior point method shares V among directions that are nearly
 * the same, least squares with weights λ ≥ 0 keeps independent ones. The cost stays what it is, ⟨Λ, V⟩, because
 * ⟨Λ, u gᵀ⟩ = ‖g‖ for all that carry weight.
 */
function fewest(
  V: Matrix,
  parts: readonly { u: Float64Array; g: Float64Array; length: number }[],
): { factors: Factor[]; error: number } {
  const outputs = parts.map(({ g, length }) => g.map((value) => value / length))
  const negatives = parts.map(({ u }, k) =>
    Float64Array.from(V.data, (_, at) => -u[Math.floor(at / V.cols)] * outputs[k][at % V.cols]),
  )
  const { point, walls, multipliers } = projectOntoCone(negatives, V.data)
  const factors = walls.map((j, k) => ({ h: parts[j].u.map((value) => multipliers[k] * value), g: outputs[j] }))
  return { factors, error: norm2(point) }
}

function distance(u: Float64Array, other: Float64Array): number {
  return norm2(u.map((value, k) => value - other[k]))
}
