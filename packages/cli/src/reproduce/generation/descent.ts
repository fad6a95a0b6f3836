import { defaultBackend, sgd } from '@relucent/core'
import type { Context } from '../experiment.ts'
import { startOf } from '../images/descend.ts'
import { split, whitenedLandscape } from '../images/landscape.ts'
import { cpuClock } from '../solving.ts'
import type { OutputCoordinates } from './coordinates.ts'
import { bytesOf, type Pictures } from './pictures.ts'

export interface ImageDescent {
  /** The lowest on the way. */
  readonly objective: number
  readonly epochs: number
  readonly seconds: number
  readonly pictures: Pictures | null
}

export interface ImageDescentOptions {
  readonly neurons: number
  readonly epochs: number
  readonly seed: number
  readonly beta: number
  /** Columns of the whitened noise: the fan-in of the start. */
  readonly inputs: number
  /** Pictures to return at the end; 0 for none. */
  readonly columns: number
}

/**
 * Gradient descent on whitened noise, in the coordinates of the rows (`whitenedLandscape`) and of the span of the images: a rotation,
 * too, but that output weights begin inside the span, and so stay there.
 */
export async function descendToImages(
  { reduced, basis }: OutputCoordinates,
  { neurons, epochs, seed, beta, inputs, columns }: ImageDescentOptions,
  { signal, progress }: Pick<Context, 'signal' | 'progress'>,
): Promise<ImageDescent> {
  const places = reduced.rows
  const shape = { places, neurons, outputs: reduced.cols }
  const rows = { place: Uint32Array.from({ length: places }, (_, i) => i), scale: new Float64Array(places).fill(1) }
  const clock = cpuClock()
  const landscape = whitenedLandscape(rows, reduced, beta, shape, signal)
  const state = await sgd().begin(landscape, startOf(shape, { inputs, seed }))
  let [lowest, epoch] = [state.objective, 0]
  while (epoch < epochs && (await state.step()) && !signal.aborted) {
    epoch++
    lowest = Math.min(lowest, state.objective)
    progress({ iteration: epoch, objective: state.objective, neurons, elapsedSeconds: clock() })
  }
  const seconds = clock()
  if (columns === 0) return { objective: lowest, epochs: epoch, seconds, pictures: null }
  const { W, V } = split(state.weights, shape)
  for (let k = 0; k < W.data.length; k++) W.data[k] = Math.max(0, W.data[k])
  const images = defaultBackend().gemm(defaultBackend().gemm(W, V), basis)
  return { objective: lowest, epochs: epoch, seconds, pictures: bytesOf(images, columns) }
}
