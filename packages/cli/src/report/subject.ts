import {
  applyPreprocessing,
  dataHash,
  feasibleDual,
  type Matrix,
  type Model,
  objective,
  predict,
  type Problem,
  type Progress,
} from '@relucent/core'
import type { Numbers } from '@relucent/io'
import type { FitRecord } from '../records.ts'

/** All that a report or a card tells about: a model, and as much of its surroundings as is known. */
export interface Subject {
  readonly model: Model
  /** The rows the figures show; undefined where none were given. */
  readonly rows: Rows | undefined
  /** The course of the fit; a model file keeps none. */
  readonly history: readonly Progress[]
  readonly score: FitRecord['score'] | undefined
  readonly command: CommandLine
  readonly environment: readonly (readonly [name: string, value: string])[]
  readonly warnings: readonly string[]
}

export interface CommandLine {
  readonly text: string
  /** As it was typed, or made up from what the model says about itself. */
  readonly typed: boolean
}

export interface Rows {
  /** The features as they were read. */
  readonly raw: Matrix
  /** The same as the network takes them, with targets and β. */
  readonly problem: Problem
  readonly labels: readonly number[] | null
  /** What the network answers, n × c. */
  readonly outputs: Matrix
  /** Z = −∇ℓ(F), the dual point that belongs to the network. */
  readonly residual: Matrix
  /** Of the network on these rows. */
  readonly objective: number
  /** Whether these are, to the bit, the rows the certificate is about. */
  readonly trainedOn: boolean
}

export function rowsOf(model: Model, problem: Problem, raw: Numbers, labels: readonly number[] | null): Rows {
  const outputs = predict(model.network, problem.X)
  return {
    raw,
    problem,
    labels,
    outputs,
    residual: feasibleDual(problem, problem.loss.dual(outputs, problem.Y)),
    objective: objective(problem, model.network),
    trainedOn: dataHash(problem.X, problem.Y, problem.weights) === model.certificate.problem.dataHash,
  }
}

/** Evaluations on two machines differ by rounding, some 1e-13; what differs by more than this was not evaluated at all. */
const noticeable = 1e-9

/** Whether the file states another objective than its network has on the very rows it was trained on. */
export function contradicts({ model, rows }: Subject): boolean {
  if (rows === undefined || !rows.trainedOn) return false
  const stated = model.certificate.objective
  return !(Math.abs(rows.objective - stated) <= noticeable * Math.max(Math.abs(stated), Math.abs(rows.objective)))
}

/** The features after preprocessing, without a bias column. */
export function preparedFeatures({ preprocessing }: Model, raw: Matrix): Matrix {
  return applyPreprocessing(preprocessing, raw)
}

/** Figures of large data show this many rows, evenly spread through the file. */
const mostPoints = 2000

export function shownRows(count: number): number[] {
  if (count <= mostPoints) return Array.from({ length: count }, (_, i) => i)
  return Array.from({ length: mostPoints }, (_, k) => Math.floor((k * count) / mostPoints))
}

/** Said in the caption of a figure that leaves rows out. */
export function shownSentence(count: number): string {
  return count <= mostPoints ? '' : ` ${mostPoints} of the ${count} rows are drawn.`
}
