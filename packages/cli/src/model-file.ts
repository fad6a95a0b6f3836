import {
  createProblem,
  lossFrom,
  type Matrix,
  type Model,
  ModelFormatError,
  networkInputs,
  parseCertificate,
  parseModel,
  proofDual,
  type Problem,
  type StoredCertificate,
} from '@relucent/core'
import { decodeText, type Numbers } from '@relucent/io'
import {
  type Expectation,
  matchingFeatures,
  matchingTargets,
  matchingWeights,
  readTable,
  type TableOptions,
  textTargets,
} from './data.ts'
import { inputError } from './errors.ts'
import { displayName, readInput } from './files.ts'
import type { Scored } from './metrics.ts'

export async function readModel(path: string): Promise<Model> {
  return parseModelText(decodeText(await readInput(path), { file: displayName(path) }), path)
}

export function parseModelText(text: string, path: string): Model {
  const expected = 'a model written by relucent fit; where there are data as well, the model comes first'
  return readable(path, expected, () => parseModel(text))
}

export async function readCertificate(path: string): Promise<StoredCertificate> {
  const text = decodeText(await readInput(path), { file: displayName(path) })
  return readable(path, 'a certificate written by relucent fit --certificate', () => parseCertificate(text))
}

/** The bytes of a proof, and the dual it is about; a damaged file is an error of its own. */
export async function readProof(path: string): Promise<{ bytes: Uint8Array; dual: Matrix }> {
  const bytes = await readInput(path)
  return { bytes, dual: readable(path, 'a proof written by relucent fit --proof', () => proofDual(bytes)) }
}

/** Core names the field; only here is it known which file that was. */
function readable<T>(path: string, expected: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error
    const what = error.message.replace(/^(?:model|certificate|proof): /, '')
    throw inputError('bad-model', what, { file: displayName(path), hint: `expected ${expected}` })
  }
}

export function expectationOf({ featureNames, targetNames, classes, encoding, certificate }: Model): Expectation {
  return { features: featureNames, targets: targetNames, classes, encoding, loss: certificate.problem.loss }
}

/** Rows of a table as the model's network takes them. */
export async function readInputs(model: Model, path: string, options: TableOptions): Promise<Scored['X']> {
  const table = await readTable(path, options)
  return networkInputs(model, matchingFeatures(table, expectationOf(model), options))
}

/** The same together with the targets. */
export async function readScored(model: Model, path: string, options: TableOptions): Promise<Scored> {
  const expected = expectationOf(model)
  const table = await readTable(path, options, textTargets(expected))
  const X = networkInputs(model, matchingFeatures(table, expected, options))
  return { X, ...matchingTargets(table, expected), loss: expected.loss }
}

/** Rows of a table as they are, and as the problem a model is about. */
export async function readRows(
  model: Model,
  path: string,
  options: TableOptions,
  beta: number = model.beta,
): Promise<{ raw: Numbers; problem: Problem; labels: readonly number[] | null }> {
  const expected = expectationOf(model)
  const table = await readTable(path, options, textTargets(expected))
  const raw = matchingFeatures(table, expected, options)
  const { Y, labels } = matchingTargets(table, expected)
  const weights = matchingWeights(table, model.weighting, labels)
  const problem = createProblem({
    X: networkInputs({ preprocessing: model.preprocessing, bias: false }, raw),
    Y,
    beta,
    bias: model.bias,
    loss: lossFrom(model.certificate.problem.loss),
    outputBias: model.network.outputBias !== undefined,
    skip: model.network.skip !== undefined,
    ...(weights && { weights }),
  })
  return { raw, problem, labels }
}

/** The problem a model is about on these data: its preprocessing, loss, weights and biases, and its β unless another is given. */
export async function readProblem(model: Model, path: string, options: TableOptions, beta?: number): Promise<Problem> {
  return (await readRows(model, path, options, beta)).problem
}
