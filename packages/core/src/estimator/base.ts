import { betaMax } from '../beta-max.ts'
import type { Certificate } from '../certificate.ts'
import { describe } from '../certificate/describe.ts'
import { InvalidProblemError, NotFittedError } from '../errors.ts'
import type { Matrix } from '../linalg/matrix.ts'
import { lossFrom } from '../loss/named.ts'
import { type ClassLabel, type Model, modelOutputs, serializeModel, type Task } from '../model.ts'
import type { Network } from '../network.ts'
import type { Threads } from '../oracle/parallel/threads.ts'
import { createPacer } from '../pacer.ts'
import { applyPreprocessing, fitPreprocessing, type PreprocessingKind } from '../preprocessing.ts'
import { type Path, path, type PathOptions } from '../path.ts'
import { createProblem, type MatrixLike, type Problem, toMatrix, withBeta } from '../problem.ts'
import type { Solver } from '../solver.ts'
import { type Progress, type Status, train, type TrainOptions, type TrainResult } from '../train.ts'
import { version } from '../version.ts'

export interface EstimatorParams {
  /** By name, with its parameter where it takes one, as `lossFrom` reads it: `huber:1.5`. */
  readonly loss?: string
  /** Weight of the decay. Excludes `betaRatio`. */
  readonly beta?: number | undefined
  /** β as a share of βmax, the smallest β whose optimum is the zero network; 0.01 when neither is given. */
  readonly betaRatio?: number | undefined
  /** Appends a column of ones, inside the weight decay. */
  readonly bias?: boolean
  /** A constant per output outside the weight decay. */
  readonly outputBias?: boolean
  /** A linear part of the features outside the weight decay. */
  readonly skip?: boolean
  readonly preprocess?: PreprocessingKind
  /** Relative gap at which the fit is done. */
  readonly tolerance?: number
  /** Gap, in units of the objective, at which the fit is done as well: early stopping that still says how far it got. */
  readonly absoluteTolerance?: number
  /** The next fit starts from the last network, where that has the right shape. */
  readonly warmStart?: boolean
  readonly timeLimitSeconds?: number
  readonly maxIterations?: number
  readonly seed?: number
  readonly solver?: Solver | undefined
}

export interface FitOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Overrides the estimator's for this fit. */
  readonly timeLimitSeconds?: number | undefined
  /** To price on, beside the calling one; they are left open. */
  readonly threads?: Threads | undefined
  /** How often each row counts: a positive number each. */
  readonly weights?: ArrayLike<number> | undefined
  /** A network to start from. */
  readonly init?: Network | undefined
  /** Written into the model; x0, x1, … and y0, y1, … by default. */
  readonly featureNames?: readonly string[] | undefined
  readonly targetNames?: readonly string[] | undefined
}

/** Targets as the network is trained on them. */
export interface EncodedTargets {
  readonly Y: Matrix
  readonly classes: readonly ClassLabel[] | null
  /** How many names the targets have: one per output, or one for all classes together. */
  readonly targetCount: number
  /** Weight of each class, and of each row by it; null where all count the same. */
  readonly classWeighting: { readonly classes: readonly number[]; readonly rows: Float64Array } | null
}

export interface FitPathOptions extends PathOptions, Pick<FitOptions, 'featureNames' | 'targetNames' | 'weights'> {}

export interface FittedPath<E> {
  readonly path: Path
  /** An estimator fitted at the k-th β, counted from 0. */
  readonly at: (k: number) => E
}

interface Posed {
  readonly data: Problem
  readonly columns: Pick<Model, 'classes' | 'featureNames' | 'targetNames' | 'preprocessing' | 'weighting'>
}

type ModelRun = Pick<TrainResult, 'status' | 'certificate' | 'solver' | 'oracle' | 'network'>

interface Fitted {
  readonly model: Model
  /** Null for an estimator made from a model file: the training data and the dual are not in it. */
  readonly run: { readonly problem: Problem; readonly result: TrainResult } | null
}

type Resolved<Given> = Given & Required<Omit<EstimatorParams, 'beta' | 'betaRatio' | 'solver'>>

const defaults = {
  loss: 'squared',
  bias: false,
  outputBias: false,
  skip: false,
  preprocess: 'none',
  tolerance: 1e-6,
  absoluteTolerance: 0,
  warmStart: false,
  timeLimitSeconds: 300,
  maxIterations: 1000,
  seed: 0,
} as const

const defaultRatio = 0.01

/** What regressor and classifier share: parameters, `fit`, and access to what was fitted. They differ in their targets. */
export abstract class Estimator<Targets, Given extends EstimatorParams = EstimatorParams> {
  protected abstract readonly name: string
  protected abstract readonly task: Task
  #params: Resolved<Given>
  #fitted: Fitted | undefined

  constructor(params: Given = {} as Given) {
    this.#params = resolve({ ...defaults, ...params })
  }

  protected abstract encode(y: Targets, loss: string): EncodedTargets

  /**
   * Trains to the certified global optimum, or as near to it as the limits allow; `status` says which.
   *
   * Throws `InvalidProblemError` for data that cannot be fitted, and the signal's reason when it is aborted before β is
   * known. Aborted later, the best network and bound so far are kept.
   */
  async fit(X: MatrixLike, y: Targets, options: FitOptions = {}): Promise<this> {
    const { beta, betaRatio, solver, tolerance, absoluteTolerance, maxIterations, seed } = this.#params
    const { signal, onProgress, threads, timeLimitSeconds = this.#params.timeLimitSeconds } = options
    const pacer = createPacer(signal ? { signal, timeLimitSeconds } : { timeLimitSeconds })
    const posed = this.#pose(X, y, options)
    const { data } = posed
    const problem =
      betaRatio === undefined
        ? withBeta(data, beta ?? 1)
        : withBeta(data, betaRatio * (await scaleOfBeta(data, signal)))
    const limits = { tolerance, absoluteTolerance, maxIterations, timeLimitSeconds: pacer.remainingSeconds() }
    const init = options.init ?? this.#start(problem)
    const run: TrainOptions = { ...limits, seed, signal, onProgress, init, threads }
    const result = await train(problem, solver ? { ...run, solver } : run)
    this.#fitted = { model: this.#modelOf(posed, problem, betaRatio ?? null, result), run: { problem, result } }
    return this
  }

  /**
   * The fits at a whole grid of β, from βmax down, each started from the last (see `path`). `beta` and `betaRatio` of the
   * estimator are not used. The estimator itself is left as it was; `at(k)` is a fitted one for the k-th β.
   *
   * Throws `InvalidProblemError` for data that cannot be fitted, or without a βmax to start the grid from.
   */
  async fitPath(X: MatrixLike, y: Targets, options: FitPathOptions = {}): Promise<FittedPath<this>> {
    const { solver, tolerance, absoluteTolerance, maxIterations, seed, timeLimitSeconds } = this.#params
    const posed = this.#pose(X, y, options)
    const { featureNames: _f, targetNames: _t, weights: _w, ...given } = options
    const limits = { tolerance, absoluteTolerance, maxIterations, seed, timeLimitSeconds }
    const solved = await path(posed.data, { ...limits, ...(solver && { solver }), ...given })
    return {
      path: solved,
      at: (k) => {
        const point = solved.points[k]
        if (!point) {
          throw new RangeError(`${this.name}.fitPath: the path has ${solved.points.length} points, got number ${k}`)
        }
        const { beta, ratio } = point
        const fitted = this.clone().setParams({ ...this.#params, ...chosenBeta(beta, ratio) })
        return fitted.adopt(this.#modelOf(posed, withBeta(posed.data, beta), ratio, point))
      },
    }
  }

  /** The model as a plain object, for JSON; `fromJSON` reads it. */
  toJSON(): object {
    return JSON.parse(serializeModel(this.#require('toJSON').model)) as object
  }

  /** All that predicting on new data needs, and what is proven; what `serializeModel` writes. */
  get model(): Model {
    return this.#require('model').model
  }

  get network(): Network {
    return this.#require('network').model.network
  }

  get certificate(): Certificate {
    return this.#require('certificate').model.certificate
  }

  get status(): Status {
    return this.#require('status').model.status
  }

  /** The problem that was solved: data after preprocessing, and the β that was used. */
  get problem(): Problem {
    return this.#requireRun('problem').problem
  }

  /** The run behind the fit: dual, history, timings. */
  get result(): TrainResult {
    return this.#requireRun('result').result
  }

  /** The parameters in force, defaults included. */
  getParams(): Given {
    return { ...this.#params }
  }

  /** Changes parameters for the next fit. Giving one of `beta` and `betaRatio` replaces the other. */
  setParams(params: Given): this {
    const { beta, betaRatio, ...rest } = this.#params
    const replaced = params.beta === undefined && params.betaRatio === undefined
    this.#params = resolve({ ...rest, ...(replaced ? { beta, betaRatio } : {}), ...params })
    return this
  }

  /** An unfitted estimator with the same parameters. */
  clone(): this {
    return new (this.constructor as new (params: Given) => this)(this.getParams())
  }

  /** What was fitted and what is proven about it, in words. */
  summary(): string {
    const { model } = this.#require('summary')
    const width = model.network.neurons.length
    const share = model.betaRatio === null ? '' : ` (${model.betaRatio} βmax)`
    return [
      `${this.name}: ${model.status}, ${width} ${width === 1 ? 'neuron' : 'neurons'}, β = ${model.beta}${share}`,
      `Solver ${model.settings.solver}, oracle ${model.settings.oracle}, seed ${model.settings.seed}.`,
      describe(model.certificate),
    ].join('\n')
  }

  /** Network outputs on raw features; `caller` appears in errors. */
  protected outputs(caller: string, X: MatrixLike): Matrix {
    return modelOutputs(this.#require(caller).model, toMatrix(`${this.name}.${caller}`, 'X', X))
  }

  protected adopt(model: Model): this {
    if (model.task !== this.task) {
      throw new InvalidProblemError(`${this.name}.fromModel: the model must be for ${this.task}, got ${model.task}`)
    }
    this.#fitted = { model, run: null }
    return this
  }

  /** Encodes targets, scales features and states the problem, at β = 1. */
  #pose(X: MatrixLike, y: Targets, options: Pick<FitOptions, 'featureNames' | 'targetNames' | 'weights'>): Posed {
    const { bias, outputBias, skip, preprocess } = this.#params
    const loss = lossFrom(this.#params.loss)
    const features = toMatrix(`${this.name}.fit`, 'X', X)
    const { Y, classes, targetCount, classWeighting } = this.encode(y, this.#params.loss)
    const featureNames = this.#names('featureNames', options.featureNames, 'x', features.cols)
    const targetNames = this.#names('targetNames', options.targetNames, 'y', targetCount)
    const preprocessing = fitPreprocessing(preprocess, features)
    const weights = product(options.weights, classWeighting?.rows)
    const scaled = applyPreprocessing(preprocessing, features)
    const parts = { bias, outputBias, skip, loss, ...(weights && { weights }) }
    const weighting = weights && { column: null, classes: classWeighting?.classes ?? null }
    return {
      data: createProblem({ X: scaled, Y, beta: 1, ...parts }),
      columns: { classes, featureNames, targetNames, preprocessing, ...(weighting && { weighting }) },
    }
  }

  #modelOf({ columns }: Posed, { beta, bias }: Problem, betaRatio: number | null, result: ModelRun): Model {
    const { seed, tolerance } = this.#params
    const { status, certificate, solver, oracle, network } = result
    const settings = { seed, solver, oracle, tolerance }
    return { version, task: this.task, ...columns, bias, beta, betaRatio, status, certificate, settings, network }
  }

  /** The network of the last fit, for a warm start. */
  #start({ X, Y }: Problem): Network | undefined {
    const last = this.#params.warmStart ? this.#fitted?.model.network : undefined
    return last?.inputs === X.cols && last.outputs === Y.cols ? last : undefined
  }

  #require(what: string): Fitted {
    if (this.#fitted) return this.#fitted
    throw new NotFittedError(`${this.name}.${what}: not fitted yet; first \`await estimator.fit(X, y)\``)
  }

  #requireRun(what: string): NonNullable<Fitted['run']> {
    const { run } = this.#require(what)
    if (run) return run
    throw new NotFittedError(
      `${this.name}.${what}: made from a model file, which does not hold it; fit again to have it`,
    )
  }

  #names(what: string, given: readonly string[] | undefined, prefix: string, length: number): readonly string[] {
    const names = given ?? Array.from({ length }, (_, k) => `${prefix}${k}`)
    if (names.length === length) return names
    throw new InvalidProblemError(`${this.name}.fit: ${what} must have ${length} names, got ${names.length}`)
  }
}

/**
 * The attained βmax; 1 where every β has the zero network as its optimum, so that a ratio still gives a valid β. Only an
 * abort cuts it short, not the time limit: the same data and ratio give the same β on a slow machine.
 */
async function scaleOfBeta(problem: Problem, signal: AbortSignal | undefined): Promise<number> {
  const { value } = await betaMax(problem, { pacer: createPacer(signal ? { signal } : {}) })
  signal?.throwIfAborted()
  return value > 0 ? value : 1
}

/** By ratio where there is one; the other undefined, since the two exclude each other. */
function chosenBeta(beta: number, ratio: number | null): Pick<EstimatorParams, 'beta' | 'betaRatio'> {
  return ratio === null ? { beta, betaRatio: undefined } : { beta: undefined, betaRatio: ratio }
}

/** Entry by entry; whichever there is where there is only one. */
function product(a: ArrayLike<number> | undefined, b: ArrayLike<number> | undefined): ArrayLike<number> | undefined {
  return a && b ? Float64Array.from(a, (weight, i) => weight * b[i]) : (a ?? b)
}

function resolve<P extends EstimatorParams & { readonly loss: string }>(params: P): P {
  lossFrom(params.loss)
  const { beta, betaRatio } = params
  if (beta !== undefined && betaRatio !== undefined) {
    throw new InvalidProblemError(`Estimator: beta and betaRatio exclude each other, got ${beta} and ${betaRatio}`)
  }
  const given = beta ?? betaRatio ?? defaultRatio
  if (!(given > 0 && given < Number.POSITIVE_INFINITY)) {
    const name = beta === undefined ? 'betaRatio' : 'beta'
    throw new InvalidProblemError(`Estimator: ${name} must be a positive finite number, got ${given}`)
  }
  return beta === undefined ? { ...params, betaRatio: given } : params
}
