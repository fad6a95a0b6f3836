/** A dense matrix, row-major: entry (i, k) is `data[i * cols + k]`. */
export interface Matrix {
  readonly rows: number
  readonly cols: number
  readonly data: Float64Array
}

/** A dense matrix of single precision, row-major: half the memory, twice the rate, seven digits. */
export interface Matrix32 {
  readonly rows: number
  readonly cols: number
  readonly data: Float32Array
}

/** A rows × cols matrix over `data` (not copied), or of zeros. */
export function matrix(rows: number, cols: number, data: Float64Array = new Float64Array(rows * cols)): Matrix {
  if (data.length !== rows * cols) {
    throw new RangeError(`matrix: ${rows} × ${cols} needs ${rows * cols} numbers, got ${data.length}`)
  }
  return { rows, cols, data }
}

/** The matrix with these rows. Throws on ragged or absent rows, since nothing sensible can be meant by them. */
export function fromRows(rows: readonly (readonly number[])[]): Matrix {
  const cols = rows[0]?.length ?? 0
  if (rows.length === 0 || cols === 0) throw new RangeError('fromRows: at least one row and one column, got none')
  const out = matrix(rows.length, cols)
  rows.forEach((values, i) => {
    if (values.length !== cols) {
      throw new RangeError(`fromRows: every row must have ${cols} numbers, got ${values.length} in row ${i}`)
    }
    out.data.set(values, i * cols)
  })
  return out
}

export function toRows(a: Matrix): number[][] {
  return Array.from({ length: a.rows }, (_, i) => Array.from(row(a, i)))
}

/** Row i as a view: writing to it writes to the matrix. */
export function row(a: Matrix, i: number): Float64Array {
  return a.data.subarray(i * a.cols, (i + 1) * a.cols)
}

export function transpose(a: Matrix): Matrix {
  const out = matrix(a.cols, a.rows)
  for (let i = 0; i < a.rows; i++) for (let k = 0; k < a.cols; k++) out.data[k * a.rows + i] = a.data[i * a.cols + k]
  return out
}

/** A B. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  if (a.cols !== b.rows) {
    throw new RangeError(`multiply: inner sizes must agree, got ${a.rows} × ${a.cols} and ${b.rows} × ${b.cols}`)
  }
  const out = matrix(a.rows, b.cols)
  const width = b.cols
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.cols; k++) {
      const factor = a.data[i * a.cols + k]
      if (factor === 0) continue
      for (let q = 0, from = k * width, to = i * width; q < width; q++) out.data[to++] += factor * b.data[from++]
    }
  }
  return out
}

/** Aᵀ B, without forming Aᵀ. */
export function multiplyTransposed(a: Matrix, b: Matrix): Matrix {
  if (a.rows !== b.rows) {
    throw new RangeError(`multiplyTransposed: row counts must agree, got ${a.rows} and ${b.rows}`)
  }
  const out = matrix(a.cols, b.cols)
  const width = b.cols
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.cols; k++) {
      const factor = a.data[i * a.cols + k]
      if (factor === 0) continue
      for (let q = 0, from = i * width, to = k * width; q < width; q++) out.data[to++] += factor * b.data[from++]
    }
  }
  return out
}

export function scaled(a: Matrix, factor: number): Matrix {
  return matrix(
    a.rows,
    a.cols,
    a.data.map((value) => factor * value),
  )
}

export function subtract(a: Matrix, b: Matrix): Matrix {
  if (a.rows !== b.rows || a.cols !== b.cols) {
    throw new RangeError(`subtract: shapes must agree, got ${a.rows} × ${a.cols} and ${b.rows} × ${b.cols}`)
  }
  return matrix(
    a.rows,
    a.cols,
    a.data.map((value, k) => value - b.data[k]),
  )
}

/** target += factor · source, skipping the work for a zero factor (atoms are half zeros). */
export function addScaledInto(factor: number, source: Float64Array, target: Float64Array): void {
  if (factor === 0) return
  for (let k = 0; k < source.length; k++) target[k] += factor * source[k]
}

export function dot(a: Float64Array, b: Float64Array): number {
  let total = 0
  for (let k = 0; k < a.length; k++) total += a[k] * b[k]
  return total
}

/** A x. */
export function multiplyVector(a: Matrix, x: Float64Array): Float64Array {
  const out = new Float64Array(a.rows)
  const { cols, data } = a
  for (let i = 0; i < out.length; i++) {
    let total = 0
    for (let k = 0, at = i * cols; k < cols; k++, at++) total += data[at] * x[k]
    out[i] = total
  }
  return out
}

/** Aᵀ x. */
export function multiplyTransposedVector(a: Matrix, x: Float64Array): Float64Array {
  const out = new Float64Array(a.cols)
  const { cols, data } = a
  for (let i = 0; i < a.rows; i++) {
    const factor = x[i]
    if (factor !== 0) for (let k = 0, at = i * cols; k < cols; k++, at++) out[k] += factor * data[at]
  }
  return out
}

/** The place of the largest number, the first of equals. */
export function indexOfLargest(values: Float64Array): number {
  return values.reduce((best, value, k) => (value > values[best] ? k : best), 0)
}
