import type { Landscape } from '../baseline.ts'
import type { Backend } from '../linalg/backend.ts'
import { defaultBackend } from '../linalg/backend/registry.ts'
import { dot, type Matrix, matrix, transpose } from '../linalg/matrix.ts'
import type { Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import { type Layout, weightsOf } from './weights.ts'

/** Multiplications in one product at most, so that the event loop gets its turns: a few milliseconds. */
const productSize = 2 ** 24

export interface CountedLandscape extends Landscape {
  /** So far. */
  readonly evaluations: number
}

/**
 * The objective of a problem and its gradient over the weights of a network of fixed width:
 *
 *     F = A V,  A = (X U)₊,  ∂V = −Aᵀ Z + β V,  ∂U = −Xᵀ ((Z Vᵀ) ∘ 1[A > 0]) + β U,  Z = −∇ℓ(F)
 *
 * in tiles of rows and neurons, of which each is a few dense products of the backend. Other work gets its turn between tiles.
 */
export function createLandscape(problem: Problem, layout: Layout, pacer: Pacer): CountedLandscape {
  const tiles = createTiles(problem, layout)
  const backend = defaultBackend()
  let evaluations = 0
  return {
    size: layout.size,
    get evaluations() {
      return evaluations
    },
    async evaluate(weights, gradient) {
      evaluations++
      const F = matrix(problem.X.rows, layout.outputs)
      if (!(await forward(tiles, layout, weights, F, backend, pacer))) return Number.NaN
      const value = problem.loss.value(F, problem.Y) + (problem.beta / 2) * dot(weights, weights)
      for (let i = 0; i < gradient.length; i++) gradient[i] = problem.beta * weights[i]
      const Z = problem.loss.dual(F, problem.Y)
      return (await backward(tiles, layout, { weights, gradient, Z }, backend, pacer)) ? value : Number.NaN
    },
  }
}

/** Rows first … first + X.rows, and for each block of neurons their activations there. */
interface Tile {
  readonly first: number
  readonly X: Matrix
  readonly activations: readonly Matrix[]
}

function createTiles({ X }: Problem, { blocks, outputs }: Layout): readonly Tile[] {
  const width = blocks[0].width
  const height = Math.max(1, Math.min(X.rows, Math.floor(productSize / (width * Math.max(X.cols, outputs)))))
  return Array.from({ length: Math.ceil(X.rows / height) }, (_, k) => {
    const first = k * height
    const rows = rowsOf(X, first, Math.min(height, X.rows - first))
    return { first, X: rows, activations: blocks.map((block) => matrix(rows.rows, block.width)) }
  })
}

/** False when time was up before the end. */
async function forward(
  tiles: readonly Tile[],
  layout: Layout,
  weights: Float64Array,
  F: Matrix,
  backend: Backend,
  pacer: Pacer,
): Promise<boolean> {
  for (const { first, X, activations } of tiles) {
    const outputs = rowsOf(F, first, X.rows)
    for (const [k, A] of activations.entries()) {
      const { U, V } = weightsOf(layout, weights, k)
      const { data } = backend.gemm(X, U, A)
      for (let i = 0; i < data.length; i++) if (data[i] <= 0) data[i] = 0 // NaN stays visible
      addInto(1, backend.gemm(A, V), outputs)
      if (!(await goesOn(pacer))) return false
    }
  }
  return true
}

async function backward(
  tiles: readonly Tile[],
  layout: Layout,
  { weights, gradient, Z }: { weights: Float64Array; gradient: Float64Array; Z: Matrix },
  backend: Backend,
  pacer: Pacer,
): Promise<boolean> {
  for (const { first, X, activations } of tiles) {
    const duals = rowsOf(Z, first, X.rows)
    for (const [k, A] of activations.entries()) {
      const slope = weightsOf(layout, gradient, k)
      addInto(-1, backend.gemmTransposed(A, duals), slope.V)
      const back = backend.gemm(duals, transpose(weightsOf(layout, weights, k).V))
      for (let i = 0; i < back.data.length; i++) if (A.data[i] === 0) back.data[i] = 0
      addInto(-1, backend.gemmTransposed(X, back), slope.U)
      if (!(await goesOn(pacer))) return false
    }
  }
  return true
}

async function goesOn(pacer: Pacer): Promise<boolean> {
  const turn = pacer.breathe()
  if (turn) await turn
  return !pacer.expired()
}

function addInto(factor: number, source: Matrix, target: Matrix): void {
  for (let i = 0; i < source.data.length; i++) target.data[i] += factor * source.data[i]
}

function rowsOf({ cols, data }: Matrix, first: number, rows: number): Matrix {
  return matrix(rows, cols, data.subarray(first * cols, (first + rows) * cols))
}
