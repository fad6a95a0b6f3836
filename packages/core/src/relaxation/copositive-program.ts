import { facetsOf, wallsOf } from '../arrangement/facets.ts'
import { activeCount, isActive, type Pattern } from '../arrangement.ts'
import { type Matrix, matrix, row } from '../linalg/matrix.ts'
import { frobeniusUpper, spectralUpper } from '../linalg/norms.ts'
import type { Pacer } from '../pacer.ts'
import type { ConicBlock, ConicProgram, Coupling } from '../relaxation.ts'

/**
 * Which U count: `doubly-nonnegative`, those with S U Sᵀ ≥ 0 for the facets S of the cell; `gated`, all positive
 * semidefinite ones, which forgets that neurons have to lie in their cell.
 */
export type CopositiveVariant = 'doubly-nonnegative' | 'gated'

/** A cell as the program sees it. */
export interface CopositiveCell {
  readonly pattern: Pattern
  /** S: unit normals of the facets, turned inwards, one a row. */
  readonly facets: Matrix
}

/** The cells that contribute, those whose pattern activates a sample, each with its facets; null when time ran out. */
export async function copositiveCells(
  X: Matrix,
  patterns: readonly Pattern[],
  pacer: Pacer,
): Promise<CopositiveCell[] | null> {
  const cells: CopositiveCell[] = []
  for (const pattern of patterns) {
    if (pacer.expired()) return null
    if (activeCount(pattern) > 0) cells.push({ pattern, facets: wallsOf(X, pattern, facetsOf(X, pattern)) })
    const turn = pacer.breathe()
    if (turn) await turn
  }
  return cells
}

/** The conic form of (19) needs no more than this of a problem. */
export interface SquaredData {
  readonly X: Matrix
  readonly Y: Matrix
  readonly beta: number
}

/**
 * Program (19) of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021), a block [U_i, V_i; V_iᵀ, G_i] of order r + c for each cell:
 *
 *     min ½‖Σ_i D_iXV_i − Y‖² + β/2 Σ_i (tr U_i + tr G_i)   s.t. blocks positive semidefinite, S_i U_i S_iᵀ ≥ 0.
 *
 * Minimising over V and G leaves (19), in which U_i is 2β times smaller; minimising over U and G leaves (12) with a gauge
 * in the place of the nuclear norm. Its dual is (11): the y are Z, and the constraint of a cell says
 *
 *     β² I − Xᵀ D_i Z Zᵀ D_i X − 2β S_iᵀ N_i S_i positive semidefinite for some N_i ≥ 0, hence ‖ZᵀD_iXu‖ ≤ β on the cell.
 *
 * Networks worth considering cost no more than the zero network, ½‖Y‖²: so Σ tr U_i + tr G_i ≤ ‖Y‖²/β.
 */
export function copositiveProgram(
  { X, Y, beta }: SquaredData,
  cells: readonly CopositiveCell[],
  variant: CopositiveVariant,
): ConicProgram {
  requirePositive('copositiveProgram', beta)
  const square = frobeniusUpper(Y) ** 2 * (1 + 4 * Number.EPSILON)
  const size = spectralUpper(X) * spectralUpper(Y)
  const share = Math.min(0.5, (0.5 * beta) / size)
  return {
    blocks: cells.map((cell) => blockOf(X, Y.cols, beta, cell, variant)),
    targets: Y.data,
    curvatures: new Float64Array(Y.data.length).fill(1),
    trace: (square / beta) * (1 + 4 * Number.EPSILON),
    magnitude: square / 2,
    start: Y.data.map((value) => share * value),
  }
}

function blockOf(X: Matrix, c: number, beta: number, cell: CopositiveCell, variant: CopositiveVariant): ConicBlock {
  const { pattern, facets } = cell
  const r = X.cols
  const active: number[] = []
  for (let i = 0; i < X.rows; i++) if (isActive(pattern, i)) active.push(i)
  const walls = variant === 'gated' ? 0 : facets.rows
  const vectors = matrix(walls + active.length + c, r + c)
  const cost = matrix(r + c, r + c)
  for (let k = 0; k < r + c; k++) cost.data[k * (r + c) + k] = beta / 2
  for (let k = 0; k < walls; k++) row(vectors, k).set(row(facets, k))
  active.forEach((i, k) => row(vectors, walls + k).set(row(X, i)))
  const outputs = walls + active.length
  for (let t = 0; t < c; t++) row(vectors, outputs + t)[r + t] = 1
  const couplings: Coupling[] = active.flatMap((i, k) =>
    Array.from({ length: c }, (_, t) => ({ constraint: i * c + t, left: walls + k, right: outputs + t })),
  )
  return { cost, vectors, nonnegative: pairsOf(walls), couplings }
}

/** All i < j < count. The diagonal of S U Sᵀ is nonnegative by itself. */
export function pairsOf(count: number): [number, number][] {
  const pairs: [number, number][] = []
  for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) pairs.push([i, j])
  return pairs
}

/** @throws RangeError unless β > 0. */
export function requirePositive(who: string, beta: number): void {
  if (!(beta > 0)) throw new RangeError(`${who}: beta must be greater than 0, got ${beta}`)
}
