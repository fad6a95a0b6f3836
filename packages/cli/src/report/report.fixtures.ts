import {
  createProblem,
  type Matrix,
  type Model,
  type Preprocessing,
  fitPreprocessing,
  networkInputs,
  train,
  type TrainResult,
} from '@relucent/core'
import { rowsOf, type Subject } from './subject.ts'

export interface Spec {
  readonly X: Matrix
  readonly y: readonly number[] | Matrix
  readonly beta?: number
  readonly bias?: boolean
  readonly preprocess?: Preprocessing['kind']
  readonly classes?: readonly string[]
  readonly labels?: readonly number[]
  readonly maxIterations?: number
}

/** A trained model with everything a report wants to know of it. */
export async function subjectOf(
  spec: Spec,
): Promise<Subject & { rows: NonNullable<Subject['rows']>; result: TrainResult }> {
  const { X, y, beta = 0.1, bias = false, preprocess = 'none', classes = null, labels = null, maxIterations } = spec
  const preprocessing = fitPreprocessing(preprocess, X)
  const problem = createProblem({ X: networkInputs({ preprocessing, bias: false }, X), Y: y, beta, bias })
  const result = await train(problem, { tolerance: 1e-9, maxIterations })
  const names = (letter: string, count: number): string[] =>
    Array.from({ length: count }, (_, k) => `${letter}${k + 1}`)
  const { status, certificate, network, solver, oracle } = result
  const model: Model = {
    version: '0.1.0',
    task: classes === null ? 'regression' : 'classification',
    featureNames: names('x', X.cols),
    targetNames: classes === null ? names('y', problem.Y.cols) : ['kind'],
    classes,
    preprocessing,
    bias,
    beta,
    betaRatio: null,
    status,
    certificate,
    settings: { seed: 0, solver, oracle, tolerance: 1e-9 },
    network,
  }
  return {
    model,
    rows: rowsOf(model, problem, X, labels),
    history: result.history,
    score: undefined,
    command: { text: 'relucent fit', typed: true },
    environment: [],
    warnings: [],
    result,
  }
}

/** What the neurons of a model see of these features, before the ReLU. */
export function preactivations(model: Model, X: Matrix, position: number): number[] {
  const inputs = networkInputs(model, X)
  const { u } = model.network.neurons[position]
  return Array.from({ length: X.rows }, (_, i) =>
    u.reduce((sum, weight, k) => sum + weight * inputs.data[i * inputs.cols + k], 0),
  )
}
