import {
  applyPreprocessing,
  createPacer,
  createProblem,
  fitPreprocessing,
  gaussian,
  type Matrix,
  matrix,
  predict,
  seededRandom,
  spikeFreeNetwork,
  spikeFreePath,
  withBeta,
} from '@relucent/core'
import type { Context } from '../experiment.ts'
import { loadPictures } from '../images/load.ts'
import { cpuClock } from '../solving.ts'
import { outputCoordinates } from './coordinates.ts'
import { descendToImages, type ImageDescent } from './descent.ts'
import { bytesOf, type Pictures } from './pictures.ts'
import { columns, type GenerationSetting, seed, tolerance } from './settings.ts'

/** (20) and the network read off it, at one β. */
export interface Relaxed {
  readonly beta: number
  /** Proven: no network of any width is below. */
  readonly lowerBound: number
  /** Of (20) at a feasible S. */
  readonly value: number
  readonly gap: number
  readonly seconds: number
  readonly network: number
  readonly neurons: number
  readonly networkSeconds: number
  /** Outputs of the network on the first samples as bytes; null where they are not shown. */
  readonly pictures: Pictures | null
}

export interface Generation extends GenerationSetting {
  readonly targets: Pictures
  /** ½‖Y‖²: what the zero network costs. */
  readonly zero: number
  readonly points: readonly GenerationPoint[]
}

export interface GenerationPoint extends Relaxed {
  readonly descent: ImageDescent
}

/** Whitened noise to images, along β: the relaxation, its network, and gradient descent. */
export async function generated(setting: GenerationSetting, dataDir: string, context: Context): Promise<Generation> {
  const { kind, title, samples, betas, shown, neurons, epochs } = setting
  let known: Promise<Matrix> | undefined
  const images = (): Promise<Matrix> => (known ??= loadPictures(dataDir, kind, samples))
  context.say(`fig4: ${title}, the relaxation`)
  const about = { kind, samples, seed, tolerance, betas, shown }
  const relaxed = await context.part(`fig4-${kind}-relaxation`, about, async () =>
    relaxedPath(await images(), setting, context),
  )
  const points: GenerationPoint[] = []
  for (const point of relaxed.points) {
    const { beta } = point
    context.say(`fig4: ${title}, β = ${beta}, gradient descent`)
    const settings = { kind, samples, beta, neurons, epochs, seed, shown: shown.includes(beta) }
    const descent = await context.part(`fig4-${kind}-sgd-${beta}`, settings, async () => {
      const Y = await images()
      const options = { neurons, epochs, seed, beta, inputs: Y.cols, columns: shown.includes(beta) ? columns : 0 }
      return descendToImages(outputCoordinates(Y), options, context)
    })
    points.push({ ...point, descent })
  }
  return { ...setting, targets: relaxed.targets, zero: relaxed.zero, points }
}

interface RelaxedPath {
  readonly targets: Pictures
  readonly zero: number
  readonly points: readonly Relaxed[]
}

async function relaxedPath(Y: Matrix, { betas, shown }: GenerationSetting, context: Context): Promise<RelaxedPath> {
  const problem = createProblem({ X: whitenedNoise(Y), Y, beta: 1 })
  const pacer = createPacer({ signal: context.signal })
  const points: Relaxed[] = []
  let clock = cpuClock()
  for await (const found of spikeFreePath(problem, betas, { tolerance, pacer })) {
    const seconds = clock()
    const { beta, lowerBound, value, gap, steps } = found
    clock = cpuClock()
    const { network, objective } = await spikeFreeNetwork(withBeta(problem, beta), found, { pacer })
    const networkSeconds = clock()
    const pictures = shown.includes(beta) ? bytesOf(predict(network, problem.X), columns) : null
    const neurons = network.neurons.length
    points.push({ beta, lowerBound, value, gap, seconds, network: objective, neurons, networkSeconds, pictures })
    context.progress({ iteration: steps, objective, lowerBound, relativeGap: gap, neurons, elapsedSeconds: seconds })
    if (context.signal.aborted) break
    clock = cpuClock()
  }
  const zero = Y.data.reduce((total, value) => total + (value * value) / 2, 0)
  return { targets: bytesOf(Y, columns), zero, points }
}

/** As many rows of Gaussian noise as there are images, and as many columns as pixels; ZCA, no means removed. */
function whitenedNoise({ rows, cols }: Matrix): Matrix {
  const random = seededRandom(seed)
  const noise = matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => gaussian(random)),
  )
  return applyPreprocessing(fitPreprocessing('whiten', noise), noise)
}
