import { createPacer, defaultBackend, type Landscape, type Matrix, matrix } from '@relucent/core'
import type { Coordinates } from './coordinates.ts'

/** Weights of a network on whitened rows, in one vector: W (places × neurons), then V (neurons × outputs). */
export interface Shape {
  readonly places: number
  readonly neurons: number
  readonly outputs: number
}

/** Rows at a time: a few milliseconds of work. */
const tileRows = 64

/**
 * The objective ½‖(XU)₊V − Y‖² + β/2 (‖U‖² + ‖V‖²) where the rows of X are orthonormal, and its gradient.
 *
 * With W = QU for the orthonormal basis Q of the rows, XU has row i = scale_i · W[place_i]: no product with X is left, in the
 * objective as in its gradient. Q is a rotation, which neither gradient descent nor weight decay sees, so that the steps are
 * those in pixels. What U has outside the rows changes nothing but decays; it is left out.
 */
export function whitenedLandscape(
  { place, scale }: Pick<Coordinates, 'place' | 'scale'>,
  Y: Matrix,
  beta: number,
  shape: Shape,
  signal: AbortSignal,
): Landscape {
  const { places, neurons, outputs } = shape
  const backend = defaultBackend()
  const pacer = createPacer({ signal })
  const size = places * neurons + neurons * outputs
  return {
    size,
    async evaluate(weights, gradient) {
      const { W, V } = split(weights, shape)
      const slope = split(gradient, shape)
      for (let i = 0; i < size; i++) gradient[i] = beta * weights[i]
      const Vt = transposed(V)
      let value = (beta / 2) * squares(weights)
      for (let first = 0; first < Y.rows; first += tileRows) {
        const rows = Math.min(tileRows, Y.rows - first)
        const A = matrix(rows, neurons)
        for (let i = 0; i < rows; i++) activate(W, place[first + i], scale[first + i], A, i)
        const Z = backend.gemm(A, V)
        for (let k = 0; k < Z.data.length; k++) Z.data[k] -= Y.data[first * outputs + k]
        value += squares(Z.data) / 2
        const forV = backend.gemmTransposed(A, Z).data
        for (let k = 0; k < forV.length; k++) slope.V.data[k] += forV[k]
        const back = backend.gemm(Z, Vt)
        for (let i = 0; i < rows; i++) propagate(back, A, i, scale[first + i], slope.W, place[first + i])
        const turn = pacer.breathe()
        if (turn) await turn
        if (pacer.expired()) return Number.NaN
      }
      return value
    },
  }
}

export function split(vector: Float64Array, { places, neurons, outputs }: Shape): { W: Matrix; V: Matrix } {
  const middle = places * neurons
  return {
    W: matrix(places, neurons, vector.subarray(0, middle)),
    V: matrix(neurons, outputs, vector.subarray(middle)),
  }
}

/** Row i of A: the activations of scale · W[k]. */
function activate(W: Matrix, k: number, scale: number, A: Matrix, i: number): void {
  for (let j = 0; j < W.cols; j++) {
    const value = scale * W.data[k * W.cols + j]
    A.data[i * W.cols + j] = value <= 0 ? 0 : value // NaN stays visible
  }
}

function propagate(back: Matrix, A: Matrix, i: number, scale: number, slope: Matrix, k: number): void {
  for (let j = 0; j < A.cols; j++) {
    if (A.data[i * A.cols + j] !== 0) slope.data[k * A.cols + j] += scale * back.data[i * A.cols + j]
  }
}

function transposed(V: Matrix): Matrix {
  const T = matrix(V.cols, V.rows)
  for (let j = 0; j < V.rows; j++) for (let k = 0; k < V.cols; k++) T.data[k * V.rows + j] = V.data[j * V.cols + k]
  return T
}

function squares(values: Float64Array): number {
  let total = 0
  for (const value of values) total += value * value
  return total
}
