import { defaultBackend } from '../linalg/backend/registry.ts'
import { choleskySolveInto } from '../linalg/cholesky.ts'
import { dot, type Matrix, matrix, multiplyTransposedVector, multiplyVector, row } from '../linalg/matrix.ts'
import type { Pacer } from '../pacer.ts'
import { type BlockState, factorBlock } from './blocks.ts'

/** Rows that are collected before one product with all of them: large enough for the kernels, small enough to take turns. */
const batch = 512

/**
 * (ÂᵀÂ + B) d = g, B block diagonal and Â the N rows of the fit plus, under a budget, one row of weights on every τ:
 *
 *     d = B⁻¹ (g − Âᵀ M⁻¹ Â B⁻¹ g),  M = I + Â B⁻¹ Âᵀ.
 *
 * So the work is linear in the number of blocks, and only a matrix of the order of the fit is factored.
 */
export interface System {
  solve(g: readonly Float64Array[]): Float64Array[]
}

/** Null when a matrix is no longer positive definite: rounding has used up the accuracy there is. */
export async function factorSystem(
  states: readonly BlockState[],
  size: number,
  budgetWeight: number,
  pacer: Pacer,
): Promise<System | null> {
  const M = matrix(size + 1, size + 1)
  for (let i = 0; i <= size; i++) M.data[i * (size + 2)] = 1
  const factors: Float64Array[] = []
  let rows: Float64Array[] = []
  for (const state of states) {
    const factor = factorBlock(state)
    if (!factor) return null
    factors.push(factor)
    rows.push(...spread(state, factor, size, budgetWeight))
    if (rows.length < batch) continue
    addRows(M, rows)
    rows = []
    const turn = pacer.breathe()
    if (turn) await turn
  }
  addRows(M, rows)
  const L = defaultBackend().cholesky(M)
  return L && { solve: (g) => refined(states, factors, L, size, budgetWeight, g) }
}

/** The rows of L⁻¹ Âᵀ for one block: their Gram matrix is its share of Â B⁻¹ Âᵀ. */
function spread({ block, x }: BlockState, L: Float64Array, size: number, budgetWeight: number): Float64Array[] {
  const order = x.length
  const { A } = block
  const rows = Array.from({ length: order }, () => new Float64Array(size + 1))
  const column = new Float64Array(order)
  for (let i = 0; i <= size; i++) {
    column.fill(0)
    if (i < size) for (let q = 0; q < A.cols; q++) column[q + 1] = A.data[i * A.cols + q]
    else column[0] = budgetWeight
    for (let p = 0; p < order; p++) {
      let rest = column[p]
      for (let q = 0; q < p; q++) rest -= L[p * order + q] * rows[q][i]
      rows[p][i] = rest / L[p * order + p]
    }
  }
  return block.sign < 0 ? rows.map((values) => values.map((value, i) => (i < size ? -value : value))) : rows
}

function addRows(M: Matrix, rows: readonly Float64Array[]): void {
  if (rows.length === 0) return
  const stacked = matrix(rows.length, M.cols)
  rows.forEach((values, p) => stacked.data.set(values, p * M.cols))
  defaultBackend().rankUpdate(M, stacked, 1)
}

/** One step of iterative refinement: near the end B spans many orders of magnitude. */
function refined(
  states: readonly BlockState[],
  factors: readonly Float64Array[],
  L: Matrix,
  size: number,
  budgetWeight: number,
  g: readonly Float64Array[],
): Float64Array[] {
  const once = solveOnce(states, factors, L, size, budgetWeight, g)
  const fit = forward(states, size, budgetWeight, once)
  const rest = states.map((state, b) => {
    const order = state.x.length
    const back = backward(state, budgetWeight, fit)
    const product = multiplyFactored(factors[b], order, once[b])
    return g[b].map((value, p) => value - product[p] - back[p])
  })
  const correction = solveOnce(states, factors, L, size, budgetWeight, rest)
  return once.map((values, b) => values.map((value, p) => value + correction[b][p]))
}

function solveOnce(
  states: readonly BlockState[],
  factors: readonly Float64Array[],
  L: Matrix,
  size: number,
  budgetWeight: number,
  g: readonly Float64Array[],
): Float64Array[] {
  const local = g.map((values, b) => solveBlock(factors[b], values))
  const fit = forward(states, size, budgetWeight, local)
  choleskySolveInto(L.data, size + 1, fit, fit)
  return states.map((state, b) => {
    const back = solveBlock(factors[b], backward(state, budgetWeight, fit))
    return local[b].map((value, p) => value - back[p])
  })
}

/** L Lᵀ d. */
function multiplyFactored(L: Float64Array, order: number, d: Float64Array): Float64Array {
  const factor = matrix(order, order, L)
  return multiplyVector(factor, multiplyTransposedVector(factor, d))
}

function solveBlock(L: Float64Array, g: Float64Array): Float64Array {
  const out = new Float64Array(g.length)
  choleskySolveInto(L, g.length, g, out)
  return out
}

/** Â d. */
function forward(
  states: readonly BlockState[],
  size: number,
  budgetWeight: number,
  d: readonly Float64Array[],
): Float64Array {
  const out = new Float64Array(size + 1)
  states.forEach(({ block }, b) => {
    const { A, sign } = block
    const w = d[b].subarray(1)
    for (let i = 0; i < size; i++) out[i] += sign * dot(row(A, i), w)
    out[size] += budgetWeight * d[b][0]
  })
  return out
}

/** The block's share of Âᵀ f. */
function backward({ block, x }: BlockState, budgetWeight: number, f: Float64Array): Float64Array {
  const out = new Float64Array(x.length)
  out[0] = budgetWeight * f[f.length - 1]
  multiplyTransposedVector(block.A, f.subarray(0, f.length - 1)).forEach(
    (value, q) => (out[q + 1] = block.sign * value),
  )
  return out
}

/** Σ_b ± A_b w_b. */
export function fitOf(states: readonly BlockState[], size: number): Float64Array {
  const out = new Float64Array(size)
  for (const { block, x } of states) {
    multiplyVector(block.A, x.subarray(1)).forEach((value, i) => (out[i] += block.sign * value))
  }
  return out
}
