import { InvalidProblemError } from './errors.ts'
import { type EncodedTargets, Estimator, type EstimatorParams } from './estimator/base.ts'
import { type Matrix, row, toRows } from './linalg/matrix.ts'
import { targetKind } from './loss/named.ts'
import { type ClassLabel, type Model, parseModel } from './model.ts'
import { type MatrixLike, toTargets } from './problem.ts'
import {
  classProbabilities,
  type ClassWeight,
  classWeights,
  decidedClass,
  encodeClasses,
  responses,
} from './targets.ts'

export type { EstimatorParams, FitOptions, FitPathOptions, FittedPath } from './estimator/base.ts'

export type RegressionTargets = readonly number[] | MatrixLike

/**
 * Regression by a two-layer ReLU network of unlimited width, trained to the certified global optimum: least squares, or with
 * `loss` one of `huber`, `epsilon-insensitive`, `pinball` and `poisson`.
 *
 *     const model = await new ReluRegressor({ betaRatio: 0.01, bias: true }).fit(X, y)
 *     model.predict(X); model.certificate.relativeGap
 */
export class ReluRegressor extends Estimator<RegressionTargets> {
  protected override readonly name = 'ReluRegressor'
  protected override readonly task = 'regression'

  /** An estimator that predicts with a stored model. */
  static fromModel(model: Model): ReluRegressor {
    return new ReluRegressor(paramsOf(model)).adopt(model)
  }

  /** The same from what `toJSON` answered, or from the text of a model file. Throws `ModelFormatError`. */
  static fromJSON(json: object | string): ReluRegressor {
    return ReluRegressor.fromModel(parseModel(typeof json === 'string' ? json : JSON.stringify(json)))
  }

  /** One number per sample, or one row per sample where there are several targets; for `poisson` the means, exp(f). */
  predict(X: MatrixLike): number[] | number[][] {
    const outputs = this.outputs('predict', X)
    const F = responses(this.model.certificate.problem.loss, outputs)
    return F.cols === 1 ? Array.from(F.data) : toRows(F)
  }

  /** R² = 1 − Σ(y − f)²/Σ(y − ȳ)², averaged over targets; for a constant target 1 if fitted exactly and 0 otherwise. */
  score(X: MatrixLike, y: RegressionTargets): number {
    const outputs = this.outputs('score', X)
    const F = responses(this.model.certificate.problem.loss, outputs)
    const Y = toTargets('ReluRegressor.score', 'y', y)
    if (Y.rows !== F.rows || Y.cols !== F.cols) {
      throw new InvalidProblemError(
        `ReluRegressor.score: y must be ${F.rows} × ${F.cols}, as the predictions, got ${Y.rows} × ${Y.cols}`,
      )
    }
    let total = 0
    for (let k = 0; k < Y.cols; k++) total += determination(columnOf(Y, k), columnOf(F, k))
    return total / Y.cols
  }

  protected override encode(y: RegressionTargets, loss: string): EncodedTargets {
    const kind = targetKind(loss)
    if (kind === 'sign' || kind === 'one-hot') {
      throw new InvalidProblemError(`ReluRegressor.fit: ${loss} is a loss for classes: use ReluClassifier`)
    }
    const Y = toTargets('ReluRegressor.fit', 'y', y)
    return { Y, classes: null, targetCount: Y.cols, classWeighting: null }
  }
}

export interface ClassifierParams extends EstimatorParams {
  /** How much the classes count; all the same by default. */
  readonly classWeight?: ClassWeight | undefined
}

/**
 * Classification: least squares on one-hot targets, or with `loss` one of `softmax`, `logistic`, `hinge` and `squared-hinge`.
 * One output per class, the largest wins; the last three have a single output where there are two classes.
 *
 * Labels are strings or integers; `classes` lists them in sorted order.
 */
export class ReluClassifier extends Estimator<readonly ClassLabel[], ClassifierParams> {
  protected override readonly name = 'ReluClassifier'
  protected override readonly task = 'classification'

  /** An estimator that predicts with a stored model. */
  static fromModel(model: Model): ReluClassifier {
    return new ReluClassifier(paramsOf(model)).adopt(model)
  }

  /** The same from what `toJSON` answered, or from the text of a model file. Throws `ModelFormatError`. */
  static fromJSON(json: object | string): ReluClassifier {
    return ReluClassifier.fromModel(parseModel(typeof json === 'string' ? json : JSON.stringify(json)))
  }

  get classes(): readonly ClassLabel[] {
    return this.model.classes ?? []
  }

  /** One label per sample. */
  predict(X: MatrixLike): ClassLabel[] {
    const F = this.outputs('predict', X)
    const { classes } = this
    return Array.from({ length: F.rows }, (_, i) => classes[decidedClass(row(F, i))])
  }

  /**
   * The probability of every class, in the order of `classes`.
   *
   * @throws InvalidProblemError for losses other than logistic and softmax, whose outputs say which class and not how likely.
   */
  predictProba(X: MatrixLike): number[][] {
    const F = this.outputs('predictProba', X)
    const { loss } = this.model.certificate.problem
    const probabilities = classProbabilities(loss, F)
    if (probabilities) return toRows(probabilities)
    throw new InvalidProblemError(
      `ReluClassifier.predictProba: only the losses logistic and softmax give probabilities, this model has ${loss}; decisionFunction gives its scores`,
    )
  }

  /** The network's outputs: one column per class in the order of `classes`, or one that is positive for the second of two. */
  decisionFunction(X: MatrixLike): number[][] {
    return toRows(this.outputs('decisionFunction', X))
  }

  /** The network's outputs, as `decisionFunction`. They are not probabilities. */
  predictScores(X: MatrixLike): number[][] {
    return toRows(this.outputs('predictScores', X))
  }

  /** Accuracy. A label the model was not trained on is an error, for it could not be right. */
  score(X: MatrixLike, y: readonly ClassLabel[]): number {
    const predicted = this.predict(X)
    if (y.length !== predicted.length) {
      throw new InvalidProblemError(`ReluClassifier.score: y must have ${predicted.length} labels, got ${y.length}`)
    }
    const stranger = y.find((label) => !this.classes.includes(label))
    if (stranger !== undefined) {
      throw new InvalidProblemError(
        `ReluClassifier.score: y must hold trained classes, got ${JSON.stringify(stranger)}`,
      )
    }
    return predicted.filter((label, i) => label === y[i]).length / y.length
  }

  protected override encode(y: readonly ClassLabel[], loss: string): EncodedTargets {
    const classes = classesOf(y)
    const position = new Map(classes.map((label, k) => [label, k]))
    const positions = y.map((label) => position.get(label)!)
    const Y = encodeClasses(loss, positions, classes.length)
    const { classWeight } = this.getParams()
    if (classWeight === undefined) return { Y, classes, targetCount: 1, classWeighting: null }
    const weights = classWeights(classWeight, classes, positions)
    const rows = Float64Array.from(positions, (k) => weights[k])
    return { Y, classes, targetCount: 1, classWeighting: { classes: weights, rows } }
  }
}

/** Sorted by code units or by size, so that the order depends neither on the data's order nor on a locale. */
function classesOf(y: readonly ClassLabel[]): ClassLabel[] {
  const kind = typeof y[0]
  y.forEach((label, i) => {
    const valid = typeof label === kind && (kind === 'string' || Number.isSafeInteger(label))
    if (!valid) {
      const got = typeof label === 'string' ? `'${label}'` : String(label)
      throw new InvalidProblemError(`ReluClassifier.fit: y must be all text or all integers, got ${got} in row ${i}`)
    }
  })
  const labels = [...new Set(y)]
  if (labels.length < 2) {
    const got = labels.length === 0 ? 'none' : `only ${JSON.stringify(labels[0])}`
    throw new InvalidProblemError(`ReluClassifier.fit: y must have at least two classes, got ${got}`)
  }
  return labels.toSorted((a, b) => (a < b ? -1 : 1))
}

function paramsOf({ beta, betaRatio, bias, preprocessing, settings, certificate, network }: Model): EstimatorParams {
  const { seed, tolerance } = settings
  const strength = betaRatio === null ? { beta } : { betaRatio }
  const free = { outputBias: network.outputBias !== undefined, skip: network.skip !== undefined }
  return { ...strength, loss: certificate.problem.loss, bias, ...free, preprocess: preprocessing.kind, seed, tolerance }
}

/** 1 − residual / total sum of squares of one target. */
function determination(y: Float64Array, f: Float64Array): number {
  const mean = y.reduce((total, value) => total + value, 0) / y.length
  const residual = y.reduce((total, value, i) => total + (value - f[i]) ** 2, 0)
  const spread = y.reduce((total, value) => total + (value - mean) ** 2, 0)
  if (spread > 0) return 1 - residual / spread
  return residual === 0 ? 1 : 0
}

function columnOf(a: Matrix, k: number): Float64Array {
  return Float64Array.from({ length: a.rows }, (_, i) => a.data[i * a.cols + k])
}
