import { defaultBackend, type Matrix, matrix, seededRandom, sgd } from '@relucent/core'
import { logPlaces } from '../curves.ts'
import type { Context } from '../experiment.ts'
import { cpuClock } from '../solving.ts'
import type { Coordinates } from './coordinates.ts'
import { type Shape, split, whitenedLandscape } from './landscape.ts'

export interface Descent {
  readonly objective: number
  readonly epochs: number
  readonly seconds: number
  readonly history: readonly { readonly epoch: number; readonly seconds: number; readonly objective: number }[]
  /** Shares of the test images that are recognised, at some of the epochs. */
  readonly accuracies: readonly { readonly epoch: number; readonly seconds: number; readonly accuracy: number }[]
}

export interface DescentOptions {
  readonly neurons: number
  readonly epochs: number
  readonly learningRate: number
  readonly seed: number
  /** Columns of the images: the fan-in of the start. */
  readonly inputs: number
  readonly beta: number
}

interface Tests {
  /** Test rows in the basis of the training rows. */
  readonly X: Matrix
  readonly labels: readonly number[]
}

/** How often the test images are looked at on the way. */
const looks = 12

/** Gradient descent with momentum on whitened rows; its clock stands still while test images are looked at. */
export async function descend(
  coordinates: Coordinates,
  Y: Matrix,
  tests: Tests,
  options: DescentOptions,
  { signal, progress }: Pick<Context, 'signal' | 'progress'>,
): Promise<Descent> {
  const { epochs, learningRate } = options
  const shape = { places: coordinates.basis.rows, neurons: options.neurons, outputs: Y.cols }
  const landscape = whitenedLandscape(coordinates, Y, options.beta, shape, signal)
  const looked = new Set([0, ...logPlaces(epochs + 1, looks)])
  const clock = cpuClock()
  let paused = 0
  const seconds = (): number => clock() - paused
  const state = await sgd({ learningRate }).begin(landscape, startOf(shape, options))
  const history = [{ epoch: 0, seconds: seconds(), objective: state.objective }]
  const accuracies: { epoch: number; seconds: number; accuracy: number }[] = []
  for (let epoch = 0; ; ) {
    if (looked.has(epoch)) {
      const before = clock()
      accuracies.push({ epoch, seconds: seconds(), accuracy: accuracyOf(state.weights, shape, tests) })
      paused += clock() - before
    }
    if (epoch === epochs || !(await state.step()) || signal.aborted) break
    epoch++
    history.push({ epoch, seconds: seconds(), objective: state.objective })
    progress({ iteration: epoch, objective: state.objective, neurons: options.neurons, elapsedSeconds: seconds() })
  }
  const objective = Math.min(...history.map((one) => one.objective))
  return { objective, epochs: history.length - 1, seconds: seconds(), history, accuracies }
}

/** Uniform within ±√(6 / fan-in) in each layer (He, Zhang, Ren, Sun 2015), drawn in the coordinates of the rows. */
export function startOf(shape: Shape, { inputs, seed }: Pick<DescentOptions, 'inputs' | 'seed'>): Float64Array {
  const random = seededRandom(seed)
  const weights = new Float64Array(shape.places * shape.neurons + shape.neurons * shape.outputs)
  const { W, V } = split(weights, shape)
  for (const [{ data }, fan] of [
    [W, inputs],
    [V, shape.neurons],
  ] as const) {
    for (let k = 0; k < data.length; k++) data[k] = Math.sqrt(6 / fan) * (2 * random() - 1)
  }
  return weights
}

function accuracyOf(weights: Float64Array, shape: Shape, { X, labels }: Tests): number {
  const { W, V } = split(weights, shape)
  const A = defaultBackend().gemm(X, W)
  for (let k = 0; k < A.data.length; k++) A.data[k] = Math.max(0, A.data[k])
  return shareRight(defaultBackend().gemm(A, V), labels)
}

/** The share of rows whose largest output is that of their class. */
export function shareRight({ rows, cols, data }: Matrix, labels: readonly number[]): number {
  let right = 0
  for (let i = 0; i < rows; i++) {
    const outputs = data.subarray(i * cols, (i + 1) * cols)
    if (outputs.indexOf(Math.max(...outputs)) === labels[i]) right++
  }
  return rows > 0 ? right / rows : Number.NaN
}

export function oneHot(labels: readonly number[], classes: number): Matrix {
  const Y = matrix(labels.length, classes)
  labels.forEach((label, i) => (Y.data[i * classes + label] = 1))
  return Y
}
