import { dot, type Matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Pacer } from '../pacer.ts'
import type { ConicIterate, ConicProgram } from '../relaxation.ts'
import { conicalRepresentation } from './conical-representation.ts'
import { type ConvexityCut, convexityCut } from './convexity-cuts.ts'

/** Solved anew so many times with more cuts; in the plane once, because all that there is to know is known at first. */
export function cutRounds({ cols }: Matrix): number {
  return cols <= 2 ? 1 : 3
}

/** Relative progress over the last third of the iterates, and the fewest of them, at which more cuts are due. */
const slow = 2.5e-3
const fewest = 12

/** Whether values that are to rise hardly do any more. */
export function stagnant(values: readonly number[]): boolean {
  const before = Math.floor((2 * values.length) / 3)
  const [old, best] = [values.slice(0, before), values].map((all) => Math.max(...all))
  return before >= fewest && best - old <= slow * Math.abs(best)
}

/** An iterate of the program with fewer cuts as a start for the one with more: pairs it did not have count as 0. */
export function extended(iterate: ConicIterate, before: ConicProgram, after: ConicProgram): ConicIterate {
  const count = after.blocks[0].vectors.rows
  const key = ([i, j]: readonly [number, number]): number => i * count + j
  const known = new Map(before.blocks[0].nonnegative.map((pair, e) => [key(pair), iterate.multipliers[0][e]]))
  const multipliers = after.blocks[0].nonnegative.map((pair) => known.get(key(pair)) ?? 0)
  return { ...iterate, multipliers: [Float64Array.from(multipliers)] }
}

/**
 * Cuts worth adding after an iterate with some Θ, at most `most`: in the plane, and where there is no Θ, those of the closest rows; else what Θ
 * violates.
 */
export function freshCuts(
  X: Matrix,
  after: ConicIterate | undefined,
  most: number,
  pacer: Pacer,
): Promise<readonly ConvexityCut[]> {
  const theta = after?.primal?.[0] ?? after?.rough?.U[0]
  return theta && X.cols > 2 ? violatedCuts(X, theta, most, pacer) : closestCuts(X, most, pacer)
}

/**
 * A cut for every sample from the rows closest around it, Σ a_i‖x_i‖ being least: in the plane its neighbours in angle, whose cuts imply
 * all others. Samples that are no combination of others have none.
 */
async function closestCuts(X: Matrix, most: number, pacer: Pacer): Promise<ConvexityCut[]> {
  const costs = Float64Array.from({ length: 2 * X.rows }, (_, i) => norm2(row(X, i % X.rows)))
  const cuts: ConvexityCut[] = []
  for (let k = 0; k < X.rows && cuts.length < most && !pacer.expired(); k++) {
    const terms = conicalRepresentation(X, k, costs)
    const cut = terms && convexityCut(X, k, terms)
    if (cut) cuts.push(cut)
    const turn = pacer.breathe()
    if (turn) await turn
  }
  return cuts
}

/** With so many α_j and γ_j are violations looked for. */
const mostFactors = 24

/** A product below minus this share of the largest entry is worth a cut. */
const violated = 1e-4

/**
 * The cuts that Θ violates most, at most `most` of them and one for each sample: over all j, Σ a_i (Θ_{p_i α_j}) − Θ_{p_k α_j} < 0 is
 * least at a basis that the simplex method finds, and so for γ_j.
 *
 * @param theta Θ_(γu)(γu), or a larger matrix that begins with it.
 */
async function violatedCuts(X: Matrix, theta: Matrix, most: number, pacer: Pacer): Promise<ConvexityCut[]> {
  const found: { readonly cut: ConvexityCut; readonly by: number }[] = []
  const products = leading(
    Array.from({ length: 2 * X.rows }, (_, j) => productsWith(X, theta, j)),
    X,
  )
  const largest = products.reduce((top, values) => values.reduce((a, b) => Math.max(a, b), top), 0)
  for (let k = 0; k < X.rows && !pacer.expired(); k++) {
    let worst: { cut: ConvexityCut; by: number } | null = null
    for (const values of products) {
      const terms = conicalRepresentation(X, k, costsOf(X, values, largest))
      if (!terms) break
      const cut = convexityCut(X, k, terms)
      const by = cut ? dot(cut.coefficients, values) / norm2(cut.coefficients) : 0
      if (cut && by < (worst?.by ?? -violated * largest)) worst = { cut, by }
    }
    if (worst) found.push(worst)
    const turn = pacer.breathe()
    if (turn) await turn
  }
  return found
    .toSorted((a, b) => a.by - b.by)
    .slice(0, most)
    .map(({ cut }) => cut)
}

/** Those of the α_j and γ_j that Θ has most of. */
function leading(products: readonly Float64Array[], { rows, data, cols }: Matrix): Float64Array[] {
  const square = (values: Float64Array, j: number): number => {
    let total = values[j % rows]
    if (j < rows) for (let p = 0; p < cols; p++) total += data[j * cols + p] * values[rows + p]
    return total
  }
  return products
    .map((values, j) => ({ values, size: square(values, j) }))
    .toSorted((a, b) => b.size - a.size)
    .slice(0, mostFactors)
    .map(({ values }) => values)
}

/** Θ times the functional α_j, or γ_j for j ≥ n: numbers for γ, then for u. */
function productsWith(X: Matrix, theta: Matrix, j: number): Float64Array {
  const [n, r] = [X.rows, X.cols]
  return Float64Array.from({ length: n + r }, (_, q) => {
    let value = theta.data[q * theta.cols + (j % n)]
    if (j < n) for (let p = 0; p < r; p++) value += X.data[j * r + p] * theta.data[q * theta.cols + n + p]
    return value
  })
}

/** Of α_1 … α_n, γ_1 … γ_n, a little more for the farther ones so that the basis is a narrow one where Θ does not mind. */
function costsOf(X: Matrix, values: Float64Array, largest: number): Float64Array {
  const n = X.rows
  const along = values.subarray(n)
  return Float64Array.from({ length: 2 * n }, (_, i) => {
    const x = row(X, i % n)
    const value = values[i % n] + (i < n ? dot(x, along) : 0)
    return Math.max(0, value) + violated * violated * largest * norm2(x)
  })
}
