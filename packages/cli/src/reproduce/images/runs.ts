import {
  applyPreprocessing,
  defaultBackend,
  fitPreprocessing,
  type Matrix,
  matrix,
  type Network,
  predict,
  type PreprocessingKind,
  rowDefect,
  softThresholdedSvd,
} from '@relucent/core'
import type { Context } from '../experiment.ts'
import { cpuClock } from '../solving.ts'
import { type Coordinates, coordinatesOf } from './coordinates.ts'
import { type Descent, descend, oneHot, shareRight } from './descend.ts'
import { type ImageKind, type Images, loadImages } from './load.ts'

export interface ImageSetting {
  readonly kind: ImageKind
  readonly title: string
  readonly beta: number
  readonly perClass: number
  readonly tests: number
  readonly neurons: number
  readonly epochs: number
}

export const learningRate = 1e-2

/** Network and value of Theorem 2. */
export interface ClosedForm {
  readonly samples: number
  readonly different: number
  /** ‖QQᵀ − I‖_F of the different rows, proven from above. */
  readonly defect: number
  readonly exactness: string
  readonly value: number
  /** Of its network, evaluated. */
  readonly objective: number
  readonly whiteningSeconds: number
  readonly seconds: number
  readonly testAccuracy: number
}

export interface ImageRun extends ImageSetting {
  readonly closed: ClosedForm
  readonly descent: Descent
}

interface Whitened {
  readonly images: Images
  readonly X: Matrix
  readonly Y: Matrix
  readonly testX: Matrix
  readonly coordinates: Coordinates
  readonly whiteningSeconds: number
}

/** Closed form and gradient descent on one set of images. Nothing is read or whitened where both are known already. */
export async function imageRun(setting: ImageSetting, dataDir: string, context: Context): Promise<ImageRun> {
  const { kind, title, beta, perClass, tests, neurons, epochs } = setting
  let known: Whitened | undefined
  const whitened = async (): Promise<Whitened> => {
    if (known) return known
    context.note(`${title}: whitening ${perClass} images of each class; 3,000 take about a minute`)
    known = await whiten(setting, dataDir)
    return known
  }
  const closed = await context.part(`images-${kind}-closed-form`, { kind, beta, perClass, tests }, async () =>
    closedForm(await whitened(), beta),
  )
  const settings = { kind, beta, perClass, tests, neurons, epochs, learningRate, seed: 0 }
  const descent = await context.part(`images-${kind}-sgd`, settings, async () => {
    const { X, Y, testX, coordinates, images } = await whitened()
    const inBasis = defaultBackend().gemm(testX, transposed(coordinates.basis))
    context.say(`${title}: gradient descent, ${neurons} neurons, ${epochs} epochs`)
    const options = { neurons, epochs, learningRate, seed: 0, inputs: X.cols, beta }
    return descend(coordinates, Y, { X: inBasis, labels: images.test.labels }, options, context)
  })
  return { ...setting, closed, descent }
}

async function whiten(setting: ImageSetting, dataDir: string): Promise<Whitened> {
  const images = await loadImages(dataDir, setting)
  const clock = cpuClock()
  const whitening = fitPreprocessing('whiten-rows', images.train.X)
  const X = applyPreprocessing(whitening, images.train.X)
  const whiteningSeconds = clock()
  const testX = applyPreprocessing(whitening, images.test.X)
  const coordinates = coordinatesOf(images.train.X, X)
  return { images, X, Y: oneHot(images.train.labels, images.classes), testX, coordinates, whiteningSeconds }
}

function closedForm({ images, X, Y, testX, coordinates, whiteningSeconds }: Whitened, beta: number): ClosedForm {
  const clock = cpuClock()
  const { value, exactness, network } = softThresholdedSvd(X, Y, beta)
  const seconds = clock()
  return {
    samples: X.rows,
    different: coordinates.basis.rows,
    defect: rowDefect(coordinates.basis),
    exactness,
    value,
    objective: objectiveOf(network, X, Y, beta),
    whiteningSeconds,
    seconds,
    testAccuracy: shareRight(predict(network, testX), images.test.labels),
  }
}

/** ½‖f(X) − Y‖² + β/2 Σ (‖u‖² + ‖v‖²): `objective` without the reduction of a problem, which takes longer than all else here. */
function objectiveOf(network: Network, X: Matrix, Y: Matrix, beta: number): number {
  const square = (values: Float64Array): number => values.reduce((total, value) => total + value * value, 0)
  const fit = predict(network, X).data.map((value, k) => value - Y.data[k])
  return square(fit) / 2 + (beta / 2) * network.neurons.reduce((total, { u, v }) => total + square(u) + square(v), 0)
}

function transposed(a: Matrix): Matrix {
  const t = matrix(a.cols, a.rows)
  for (let i = 0; i < a.rows; i++) for (let k = 0; k < a.cols; k++) t.data[k * a.rows + i] = a.data[i * a.cols + k]
  return t
}

/** What Theorem 2 says after one way of removing means. */
export interface Meaning {
  readonly kind: PreprocessingKind
  readonly samples: number
  readonly defect: number
  readonly exactness: string
  readonly value: number
  readonly objective: number
}

/** The same images less their own means, less the means of the features, and as they are. */
export function meanings(
  setting: ImageSetting,
  perClass: number,
  dataDir: string,
  context: Context,
): Promise<readonly Meaning[]> {
  const { kind, beta, title } = setting
  return context.part(`images-${kind}-means`, { kind, beta, perClass }, async () => {
    context.say(`${title}: means of images and of features`)
    const { train, classes } = await loadImages(dataDir, { kind, perClass, tests: 1 })
    const Y = oneHot(train.labels, classes)
    return (['whiten-rows', 'whiten-columns', 'whiten'] as const).map((way) => {
      const X = applyPreprocessing(fitPreprocessing(way, train.X), train.X)
      const { value, exactness, network } = softThresholdedSvd(X, Y, beta)
      const objective = objectiveOf(network, X, Y, beta)
      return { kind: way, samples: X.rows, defect: rowDefect(X), exactness, value, objective }
    })
  })
}

/** The closed form on fewer images of each class. */
export interface Fewer {
  readonly samples: number
  readonly testAccuracy: number
}

export async function fewerImages(
  setting: ImageSetting,
  counts: readonly number[],
  dataDir: string,
  context: Context,
): Promise<readonly Fewer[]> {
  const { kind, beta, tests, title } = setting
  const done: Fewer[] = []
  for (const perClass of counts) {
    context.say(`${title}: ${perClass} images of each class`)
    const settings = { kind, beta, perClass, tests }
    done.push(
      await context.part(`images-${kind}-fewer-${perClass}`, settings, async () => {
        const { samples, testAccuracy } = closedForm(await whiten({ ...setting, perClass }, dataDir), beta)
        return { samples, testAccuracy }
      }),
    )
  }
  return done
}
