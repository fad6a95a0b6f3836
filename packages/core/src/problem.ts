import type { Architecture } from './architecture.ts'
import { dense } from './architecture/dense.ts'
import { InvalidProblemError } from './errors.ts'
import { type Matrix, matrix } from './linalg/matrix.ts'
import type { Loss } from './loss.ts'
import { squaredLoss } from './loss/squared.ts'
import { type Reduction, reduce } from './reduction.ts'

/**
 * min over m, u_j, v_j of ℓ(Σ_j φ(u_j) v_jᵀ, Y) + β/2 Σ_j (‖u_j‖² + ‖v_j‖²): data, loss, architecture and β, validated.
 * With an output bias or a skip connection, F also has an unpenalised part 1bᵀ or XA, over which is minimised as well.
 *
 * The one object every solver, oracle and certificate is about. Its matrices are its own and are never written to.
 */
export interface Problem {
  /** n × d, with a last column of ones when `bias` is true. */
  readonly X: Matrix
  /** n × c. */
  readonly Y: Matrix
  readonly beta: number
  readonly bias: boolean
  /** With the weights of the samples inside it, where there are any. */
  readonly loss: Loss
  readonly architecture: Architecture
  readonly reduction: Reduction
  /** One positive number per sample; null where all count once. */
  readonly weights: Float64Array | null
  /** F has a constant of its own per output, outside the weight decay. */
  readonly outputBias: boolean
  /** F has a linear part X A of the given features, outside the weight decay. */
  readonly skip: boolean
  /** n × q: what the unpenalised coefficients multiply, a column of ones and the features as asked for; null for neither. */
  readonly free: Matrix | null
}

/** A matrix as callers have it: rows of numbers, or row-major numbers with their shape. */
export type MatrixLike =
  | readonly (readonly number[])[]
  | { readonly data: ArrayLike<number>; readonly rows: number; readonly cols: number }

export interface ProblemSpec {
  X: MatrixLike
  /** A plain list of numbers is one output. */
  Y: MatrixLike | readonly number[]
  beta: number
  /** Appends a column of ones to X, inside the weight decay. */
  bias?: boolean
  loss?: Loss
  architecture?: Architecture
  /** How often each sample counts: one positive finite number per row. */
  weights?: ArrayLike<number>
  /** A constant per output outside the weight decay. */
  outputBias?: boolean
  /** A linear part X A of the features (without the column of ones) outside the weight decay. */
  skip?: boolean
}

/** Validates and copies. Throws `InvalidProblemError` naming the rule, and the row and column where there is one. */
export function createProblem(spec: ProblemSpec): Problem {
  const { beta, bias = false, loss = squaredLoss, architecture = dense, outputBias = false, skip = false } = spec
  checkBeta('createProblem', beta)
  const given = toMatrix('createProblem', 'X', spec.X)
  const Y = toTargets('createProblem', 'Y', spec.Y)
  if (Y.rows !== given.rows) {
    throw new InvalidProblemError(`createProblem: X and Y must have equally many rows, got ${given.rows} and ${Y.rows}`)
  }
  loss.validateTargets(Y)
  const X = bias ? withOnes(given) : given
  const weights = spec.weights === undefined ? null : checkedWeights(spec.weights, Y.rows)
  const free = freeDesign(given, outputBias, skip)
  if (free !== null) checkIndependent(free, outputBias)
  const weighted = weights === null ? loss : loss.weighted(weights)
  const parts = { weights, outputBias, skip, free }
  return { X, Y, beta, bias, loss: weighted, architecture, reduction: reduce(X), ...parts }
}

/** The same problem at another β; shares the data, hence also the bounds proven on them. */
export function withBeta(problem: Problem, beta: number): Problem {
  checkBeta('withBeta', beta)
  return { ...problem, beta }
}

/** A copy of `value` as a matrix of finite numbers; `caller` and `name` appear in the error. */
export function toMatrix(caller: string, name: string, value: MatrixLike): Matrix {
  const out = isRows(value) ? copyRows(caller, name, value) : copyFlat(caller, name, value)
  if (out.rows === 0 || out.cols === 0) {
    throw new InvalidProblemError(`${caller}: ${name} must have rows and columns, got ${out.rows} × ${out.cols}`)
  }
  return out
}

/** As `toMatrix`; a plain list of numbers is one column. */
export function toTargets(caller: string, name: string, value: MatrixLike | readonly number[]): Matrix {
  return toMatrix(caller, name, isList(value) ? value.map((entry) => [entry]) : value)
}

function checkedWeights(given: ArrayLike<number>, rows: number): Float64Array {
  if (given.length !== rows) {
    throw new InvalidProblemError(`createProblem: weights must be ${rows} numbers, one per row, got ${given.length}`)
  }
  return Float64Array.from(given, (weight, i) => {
    if (weight > 0 && weight < Number.POSITIVE_INFINITY) return weight
    const advice = weight === 0 ? ': leave that row out' : ''
    throw new InvalidProblemError(
      `createProblem: weights must be positive finite numbers, got ${weight} in row ${i}${advice}`,
    )
  })
}

function freeDesign(features: Matrix, outputBias: boolean, skip: boolean): Matrix | null {
  if (!outputBias && !skip) return null
  const width = skip ? features.cols : 0
  const ones = outputBias ? 1 : 0
  const out = matrix(features.rows, width + ones)
  for (let i = 0; i < features.rows; i++) {
    if (outputBias) out.data[i * out.cols] = 1
    out.data.set(features.data.subarray(i * features.cols, i * features.cols + width), i * out.cols + ones)
  }
  return out
}

/** Unpenalised coefficients of dependent columns are not determined, and their constraint ZᵀW = 0 cannot be checked. */
function checkIndependent(free: Matrix, outputBias: boolean): void {
  const { rank } = reduce(free)
  if (rank === free.cols) return
  const columns = outputBias && free.cols > 1 ? 'the features and the constant' : 'the features'
  throw new InvalidProblemError(
    `createProblem: a skip connection needs ${columns} to be linearly independent, got rank ${rank} of ${free.cols} columns: leave some out`,
  )
}

/** X with a last column of ones. */
export function withOnes(X: Matrix): Matrix {
  const out = matrix(X.rows, X.cols + 1)
  for (let i = 0; i < X.rows; i++) {
    out.data.set(X.data.subarray(i * X.cols, (i + 1) * X.cols), i * out.cols)
    out.data[(i + 1) * out.cols - 1] = 1
  }
  return out
}

/**
 * 64 bits that tell whether two runs saw the same numbers: two MurmurHash3 streams over the shapes and the float64 bits.
 * For noticing mistakes, not for security. −0 counts as 0.
 */
export function dataHash(X: Matrix, Y: Matrix, weights: Float64Array | null = null): string {
  const known = hashes.get(X)
  if (known?.Y === Y && known.weights === weights) return known.hash
  const seen = weights === null ? [X, Y] : [X, Y, matrix(weights.length, 1, weights)]
  const hash = murmur(0x9747b28c, ...seen) + murmur(0x1b873593, ...seen)
  hashes.set(X, { Y, weights, hash })
  return hash
}

/** A run makes many certificates about the same data, and each carries the hash. */
const hashes = new WeakMap<Matrix, { Y: Matrix; weights: Float64Array | null; hash: string }>()

function murmur(seed: number, ...matrices: readonly Matrix[]): string {
  const bits = new DataView(new ArrayBuffer(8))
  let hash = seed
  let length = 0
  const mix = (word: number): void => {
    const scrambled = Math.imul(word, 0xcc9e2d51)
    hash ^= Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593)
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
    length += 4
  }
  for (const { rows, cols, data } of matrices) {
    mix(rows)
    mix(cols)
    for (const value of data) {
      bits.setFloat64(0, value + 0, true)
      mix(bits.getInt32(0, true))
      mix(bits.getInt32(4, true))
    }
  }
  hash ^= length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, '0')
}

function checkBeta(caller: string, beta: number): void {
  if (!(beta > 0 && beta < Number.POSITIVE_INFINITY)) {
    throw new InvalidProblemError(`${caller}: beta must be a positive finite number, got ${beta}`)
  }
}

function copyRows(caller: string, name: string, rows: readonly (readonly number[])[]): Matrix {
  const cols = rows[0]?.length ?? 0
  const out = matrix(rows.length, cols)
  rows.forEach((values, i) => {
    if (values.length !== cols) {
      throw new InvalidProblemError(
        `${caller}: every row of ${name} must have ${cols} numbers, got ${values.length} in row ${i}`,
      )
    }
    for (let k = 0; k < cols; k++) out.data[i * cols + k] = finite(caller, name, values[k], i, k)
  })
  return out
}

function copyFlat(
  caller: string,
  name: string,
  value: { data: ArrayLike<number>; rows: number; cols: number },
): Matrix {
  const { data, rows, cols } = value
  if (!Number.isInteger(rows) || !Number.isInteger(cols) || data.length !== rows * cols) {
    throw new InvalidProblemError(
      `${caller}: ${name} of ${rows} × ${cols} needs ${rows * cols} numbers, got ${data.length}`,
    )
  }
  const out = matrix(rows, cols)
  for (let k = 0; k < data.length; k++) out.data[k] = finite(caller, name, data[k], Math.floor(k / cols), k % cols)
  return out
}

/** Rows and columns are counted from 0, as the arrays are. */
function finite(caller: string, name: string, value: unknown, i: number, k: number): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  const got = typeof value === 'string' ? `'${value}'` : String(value)
  throw new InvalidProblemError(`${caller}: ${name} must be finite numbers, got ${got} in row ${i}, column ${k}`)
}

function isRows(value: MatrixLike): value is readonly (readonly number[])[] {
  return Array.isArray(value)
}

function isList(value: MatrixLike | readonly number[]): value is readonly number[] {
  return Array.isArray(value) && typeof value[0] !== 'object'
}
