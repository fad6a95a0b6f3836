import {
  applyPreprocessing,
  createPacer,
  createProblem,
  fitPreprocessing,
  gaussian,
  type Matrix,
  matrix,
  type Network,
  network,
  predict,
  type Problem,
  rowDefect,
  seededRandom,
  spikeFreeNetwork,
  spikeFreeValue,
  withBeta,
  defaultBackend,
} from '@relucent/core'
import type { Context } from './experiment.ts'
import { loadImages } from './images/load.ts'
import { cpuClock } from './solving.ts'

export interface PlantedSetting {
  readonly perClass: number
  readonly tests: number
  readonly outputs: number
  readonly teacherNeurons: number
  /** Descending, as the path is run. */
  readonly betas: readonly number[]
}

/** ReLU and linear network at one β: objectives on the training images, ½‖F − Y‖² on the test images. */
export interface PlantedPoint {
  readonly beta: number
  readonly lowerBound: number
  readonly gap: number
  readonly relu: {
    readonly objective: number
    readonly loss: number
    readonly testLoss: number
    readonly neurons: number
  }
  readonly linear: {
    readonly objective: number
    readonly loss: number
    readonly testLoss: number
    readonly rank: number
  }
  /** Of CPU time: (20), and with the network. */
  readonly relaxationSeconds: number
  readonly seconds: number
}

export interface Planted {
  readonly samples: number
  readonly tests: number
  readonly defect: number
  /** ½‖Y‖², of the training and of the test images: losses of the zero network. */
  readonly zero: number
  readonly zeroTest: number
  readonly points: readonly PlantedPoint[]
}

export const plantedSeed = 0
export const plantedTolerance = 1e-5

/** Labels of a random ReLU network on whitened images, learnt by ReLU and by linear networks along β. */
export async function planted(setting: PlantedSetting, dataDir: string, context: Context): Promise<Planted> {
  const { perClass, tests, outputs, teacherNeurons, betas } = setting
  let known: Promise<PlantedData> | undefined
  const data = (): Promise<PlantedData> => (known ??= plantedData(setting, dataDir))
  const about = { perClass, tests, outputs, teacherNeurons, seed: plantedSeed }
  const facts = await context.part('fig5-data', about, async () => factsOf(await data()))
  const points: PlantedPoint[] = []
  for (const beta of betas) {
    context.say(`fig5: β = ${beta}`)
    const settings = { ...about, beta, tolerance: plantedTolerance }
    points.push(await context.part(`fig5-${beta}`, settings, async () => pointAt(await data(), beta, context)))
  }
  return { ...facts, points }
}

interface PlantedData {
  readonly X: Matrix
  readonly Y: Matrix
  readonly testX: Matrix
  readonly testY: Matrix
  readonly problem: Problem
}

async function plantedData(
  { perClass, tests, outputs, teacherNeurons }: PlantedSetting,
  dataDir: string,
): Promise<PlantedData> {
  const { train, test } = await loadImages(dataDir, { kind: 'cifar10', perClass, tests })
  const whitening = fitPreprocessing('whiten', train.X)
  const [X, testX] = [train.X, test.X].map((images) => applyPreprocessing(whitening, images))
  const teacher = randomNetwork(X.cols, outputs, teacherNeurons)
  const [Y, testY] = [X, testX].map((images) => predict(teacher, images))
  return { X, Y, testX, testY, problem: createProblem({ X, Y, beta: 1 }) }
}

function factsOf({ X, Y, testX, testY }: PlantedData): Omit<Planted, 'points'> {
  const zeroOf = (of: Matrix): number => halfSquare(matrix(of.rows, of.cols), of)
  return { samples: X.rows, tests: testX.rows, defect: rowDefect(X), zero: zeroOf(Y), zeroTest: zeroOf(testY) }
}

async function pointAt(data: PlantedData, beta: number, context: Context): Promise<PlantedPoint> {
  const { X, Y, testX, testY } = data
  const clock = cpuClock()
  const pacer = createPacer({ signal: context.signal })
  const problem = withBeta(data.problem, beta)
  const found = await spikeFreeValue(problem, { tolerance: plantedTolerance, pacer })
  const relaxationSeconds = clock()
  const { lowerBound, gap, steps } = found
  const { network: student, objective } = await spikeFreeNetwork(problem, found, { pacer })
  const seconds = clock()
  const neurons = student.neurons.length
  context.progress({ iteration: steps, objective, lowerBound, relativeGap: gap, neurons, elapsedSeconds: seconds })
  const [loss, testLoss] = [halfSquare(predict(student, X), Y), halfSquare(predict(student, testX), testY)]
  const relu = { objective, loss, testLoss, neurons }
  return { beta, lowerBound, gap, relu, linear: linearAt(data, beta), relaxationSeconds, seconds }
}

/** Standard normal weights: outputs are of the size of the root of the number of neurons. */
function randomNetwork(inputs: number, outputs: number, neurons: number): Network {
  const random = seededRandom(plantedSeed)
  const normal = (length: number): Float64Array => Float64Array.from({ length }, () => gaussian(random))
  return network(
    inputs,
    outputs,
    Array.from({ length: neurons }, () => ({ u: normal(inputs), v: normal(outputs) })),
  )
}

/**
 * The best linear network, min ½‖XW − Y‖² + β‖W‖_* for orthonormal rows of X: with Y = Σ σ l bᵀ, W = Xᵀ Σ (σ − β)₊ l bᵀ, and the
 * optimum is Σ [βσ − ½β² if σ > β, else ½σ²].
 */
function linearAt({ X, Y, testX, testY }: PlantedData, beta: number): PlantedPoint['linear'] {
  const { U, S, V } = defaultBackend().svd(Y)
  const F = matrix(Y.rows, Y.cols)
  let [objective, loss, rank] = [0, 0, 0]
  S.forEach((sigma, k) => {
    const kept = Math.max(0, sigma - beta)
    loss += (sigma - kept) ** 2 / 2
    objective += (sigma - kept) ** 2 / 2 + beta * kept
    if (kept > 0) rank++
    for (let i = 0; i < F.rows; i++) {
      for (let t = 0; t < F.cols; t++) F.data[i * F.cols + t] += kept * U.data[i * U.cols + k] * V.data[t * V.cols + k]
    }
  })
  const weights = defaultBackend().gemmTransposed(X, F)
  return { objective, loss, testLoss: halfSquare(defaultBackend().gemm(testX, weights), testY), rank }
}

function halfSquare(F: Matrix, Y: Matrix): number {
  return F.data.reduce((total, value, k) => total + (value - Y.data[k]) ** 2 / 2, 0)
}
