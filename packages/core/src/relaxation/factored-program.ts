import { defaultBackend } from '../linalg/backend/registry.ts'
import { dot, type Matrix, matrix, multiply, multiplyTransposed, row, transpose } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { gaussian, seededRandom } from '../random.ts'
import type { ConicBlock, ConicProgram } from '../relaxation.ts'
import { positiveRoot } from './positive-root.ts'

/** Columns of a factor: the rank that is expected of a solution, and some more. */
const fewestColumns = 10

/** Of the norm of a factor, for columns that are not needed yet. */
const spare = 1e-3

/** y, of which only the entries of hard constraints are multipliers, and N of every block. */
export interface Multipliers {
  readonly y: Float64Array
  readonly N: readonly Float64Array[]
}

/** What a program says of U = RRᵀ: VR, CR and P = VUVᵀ of every block, t − Σ P, and Σ⟨C, U⟩. */
export interface Reading {
  readonly images: readonly Matrix[]
  readonly priced: readonly Matrix[]
  readonly products: readonly Matrix[]
  readonly rest: Float64Array
  readonly cost: number
}

interface FactoredBlock {
  readonly block: ConicBlock
  readonly columns: number
  /** Where its R, row after row, begins among all factors. */
  readonly offset: number
  /** Places (i, j) and (j, i) of the pairs and of the couplings in P, and the constraint of each coupling. */
  readonly pairs: Int32Array
  readonly mirroredPairs: Int32Array
  readonly coupled: Int32Array
  readonly mirroredCoupled: Int32Array
  readonly constraint: Int32Array
  /** ‖v_i‖. */
  readonly sizes: Float64Array
  /** (‖v_i‖‖v_j‖)⁻² of the pairs: violations count relative to the size of their vectors. */
  readonly weights: Float64Array
}

/**
 * A conic program in the factors of U_b = R_bR_bᵀ, and its augmented Lagrangian
 *
 *     Σ⟨C, U⟩ + Σ_soft r²/(2q) + Σ_hard (y r + ρw r²/2) + Σ_pairs ((N − ρw P)₊² − N²)/(2ρw),   r = t − Σ P.
 *
 * Soft constraints, q > 0, are terms of the objective; their y is r/q.
 */
export class FactoredProgram {
  readonly length: number
  readonly #program: ConicProgram
  readonly #blocks: readonly FactoredBlock[]
  /** The same weights for hard constraints. */
  readonly #weights: Float64Array
  /** Of the penalty: the mean curvature of the soft constraints, or of the objective over the trace. */
  readonly #unit: number

  constructor(program: ConicProgram) {
    this.#program = program
    let length = 0
    this.#blocks = program.blocks.map((block) => {
      const out = factoredBlock(block, length)
      length += block.cost.rows * out.columns
      return out
    })
    this.length = length
    const largest = new Float64Array(program.targets.length)
    for (const { block, sizes } of this.#blocks) {
      for (const { constraint, left, right } of block.couplings) {
        largest[constraint] = Math.max(largest[constraint], (sizes[left] * sizes[right]) ** 2)
      }
    }
    this.#weights = largest.map((square) => (square > 0 ? 1 / square : 0))
    const soft = Array.from(largest, (square, k) => square / program.curvatures[k]).filter(Number.isFinite)
    this.#unit =
      soft.length > 0
        ? soft.reduce((sum, value) => sum + value, 0) / soft.length
        : program.magnitude / program.trace ** 2
  }

  none(): Multipliers {
    const { targets, blocks } = this.#program
    return { y: targets.map(() => 0), N: blocks.map(({ nonnegative }) => new Float64Array(nonnegative.length)) }
  }

  read(factors: Float64Array): Reading {
    const rest = this.#program.targets.slice()
    let cost = 0
    const all = this.#blocks.map((at) => factorOf(at, factors))
    const images = this.#blocks.map(({ block }, b) => multiply(block.vectors, all[b]))
    const priced = this.#blocks.map(({ block }, b) => multiply(block.cost, all[b]))
    const products = this.#blocks.map((at, b) => {
      cost += dot(priced[b].data, all[b].data)
      const P = defaultBackend().gemm(images[b], transpose(images[b]))
      for (let c = 0; c < at.coupled.length; c++) rest[at.constraint[c]] -= P.data[at.coupled[c]]
      return P
    })
    return { images, priced, products, rest, cost }
  }

  /** ⟨C, U⟩ + Σ_soft r²/(2q): the primal value, as far as the other constraints hold. */
  value({ rest, cost }: Reading): number {
    return this.#program.curvatures.reduce((sum, q, k) => (q > 0 ? sum + rest[k] ** 2 / (2 * q) : sum), cost)
  }

  /** The value of the augmented Lagrangian; its gradient is written. */
  evaluate(factors: Float64Array, multipliers: Multipliers, penalty: number, gradient: Float64Array): number {
    const reading = this.read(factors)
    const { rest, products } = reading
    let value = this.value(reading)
    const slopes = rest.map((r, k) => {
      const q = this.#program.curvatures[k]
      if (q > 0) return -r / q
      const rho = penalty * this.#unit * this.#weights[k]
      value += (multipliers.y[k] + (rho * r) / 2) * r
      return -(multipliers.y[k] + rho * r)
    })
    this.#blocks.forEach((at, b) => {
      const [P, N] = [products[b].data, multipliers.N[b]]
      const T = matrix(at.block.vectors.rows, at.block.vectors.rows)
      for (let e = 0; e < N.length; e++) {
        const rho = penalty * this.#unit * at.weights[e]
        const push = N[e] - rho * P[at.pairs[e]]
        value -= N[e] ** 2 / (2 * rho)
        if (!(push > 0)) continue
        value += push ** 2 / (2 * rho)
        T.data[at.pairs[e]] -= push
        T.data[at.mirroredPairs[e]] -= push
      }
      for (let c = 0; c < at.coupled.length; c++) {
        T.data[at.coupled[c]] += slopes[at.constraint[c]]
        T.data[at.mirroredCoupled[c]] += slopes[at.constraint[c]]
      }
      // (2C + VᵀTV)R
      const pulled = multiplyTransposed(at.block.vectors, defaultBackend().gemm(T, reading.images[b])).data
      const cost = reading.priced[b].data
      for (let k = 0; k < cost.length; k++) gradient[at.offset + k] = 2 * cost[k] + pulled[k]
    })
    return value
  }

  /** The multipliers that the penalty pays at R. */
  update({ y, N }: Multipliers, { rest, products }: Reading, penalty: number): Multipliers {
    return {
      y: rest.map((r, k) => {
        const q = this.#program.curvatures[k]
        return q > 0 ? r / q : y[k] + penalty * this.#unit * this.#weights[k] * r
      }),
      N: this.#blocks.map(({ pairs, weights }, b) =>
        N[b].map((value, e) => Math.max(0, value - penalty * this.#unit * weights[e] * products[b].data[pairs[e]])),
      ),
    }
  }

  /** How far hard constraints and pairs are off, all together, relative to the largest of the P_ii/‖v_i‖². */
  violation({ rest, products }: Reading): number {
    let [square, largest] = [0, Number.MIN_VALUE]
    rest.forEach((r, k) => {
      if (!(this.#program.curvatures[k] > 0)) square += this.#weights[k] * r * r
    })
    this.#blocks.forEach(({ sizes, pairs, weights }, b) => {
      const { data, cols } = products[b]
      for (let e = 0; e < pairs.length; e++) square += weights[e] * Math.min(0, data[pairs[e]]) ** 2
      sizes.forEach((size, i) => {
        if (size > 0) largest = Math.max(largest, data[i * cols + i] / size ** 2)
      })
    })
    return Math.sqrt(square) / largest
  }

  /** The factors that have most of given U; a little of everything in columns that are left, since zero is a stationary point. */
  factors(matrices: readonly Matrix[]): Float64Array {
    const next = seededRandom(2)
    const out = new Float64Array(this.length)
    this.#blocks.forEach((at, b) => {
      const root = positiveRoot(matrices[b])
      const R = factorOf(at, out)
      const little = (spare * norm2(root.data)) / Math.sqrt(Math.max(1, R.data.length))
      for (let i = 0; i < R.rows; i++) {
        for (let k = 0; k < R.cols; k++) {
          const from = root.rows - 1 - k
          R.data[i * R.cols + k] = from >= 0 ? root.data[from * root.cols + i] : little * gaussian(next)
        }
      }
    })
    return out
  }

  /** U of every block. */
  matrices(factors: Float64Array): Matrix[] {
    return this.#blocks.map((at) => defaultBackend().gram(transpose(factorOf(at, factors))))
  }
}

function factoredBlock(block: ConicBlock, offset: number): FactoredBlock {
  const { vectors, nonnegative, couplings, cost } = block
  const m = vectors.rows
  const sizes = Float64Array.from({ length: m }, (_, i) => norm2(row(vectors, i)))
  return {
    block,
    columns: Math.min(cost.rows, fewestColumns + Math.ceil(Math.sqrt(cost.rows))),
    offset,
    sizes,
    pairs: Int32Array.from(nonnegative, ([i, j]) => i * m + j),
    mirroredPairs: Int32Array.from(nonnegative, ([i, j]) => j * m + i),
    coupled: Int32Array.from(couplings, ({ left, right }) => left * m + right),
    mirroredCoupled: Int32Array.from(couplings, ({ left, right }) => right * m + left),
    constraint: Int32Array.from(couplings, ({ constraint }) => constraint),
    weights: Float64Array.from(nonnegative, ([i, j]) => {
      const square = (sizes[i] * sizes[j]) ** 2
      return square > 0 ? 1 / square : 1
    }),
  }
}

function factorOf({ block, columns, offset }: FactoredBlock, factors: Float64Array): Matrix {
  const rows = block.cost.rows
  return matrix(rows, columns, factors.subarray(offset, offset + rows * columns))
}
