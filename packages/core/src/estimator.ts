import { InvalidProblemError } from './errors.ts'
import { type EncodedTargets, Estimator, type EstimatorParams } from './estimator/base.ts'
import { type Matrix, matrix, row, toRows } from './linalg/matrix.ts'
import { type ClassLabel, type Model, parseModel } from './model.ts'
import { type MatrixLike, toTargets } from './problem.ts'

export type { EstimatorParams, FitOptions, FitPathOptions, FittedPath } from './estimator/base.ts'

export type RegressionTargets = readonly number[] | MatrixLike

/**
 * Least squares by a two-layer ReLU network of unlimited width, trained to the certified global optimum.
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

  /** One number per sample, or one row per sample where there are several targets. */
  predict(X: MatrixLike): number[] | number[][] {
    const F = this.outputs('predict', X)
    return F.cols === 1 ? Array.from(F.data) : toRows(F)
  }

  /** R² = 1 − Σ(y − f)²/Σ(y − ȳ)², averaged over targets; for a constant target 1 if fitted exactly and 0 otherwise. */
  score(X: MatrixLike, y: RegressionTargets): number {
    const F = this.outputs('score', X)
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

  protected override encode(y: RegressionTargets): EncodedTargets {
    const Y = toTargets('ReluRegressor.fit', 'y', y)
    return { Y, classes: null, targetCount: Y.cols }
  }
}

/**
 * Classification by least squares on one-hot targets: one output per class, the largest wins.
 *
 * Labels are strings or integers; `classes` lists them in sorted order.
 */
export class ReluClassifier extends Estimator<readonly ClassLabel[]> {
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
    return Array.from({ length: F.rows }, (_, i) => classes[largest(row(F, i))])
  }

  /** The network's outputs, one column per class in the order of `classes`. They are not probabilities. */
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

  protected override encode(y: readonly ClassLabel[]): EncodedTargets {
    const classes = classesOf(y)
    const position = new Map(classes.map((label, k) => [label, k]))
    const Y = matrix(y.length, classes.length)
    y.forEach((label, i) => {
      Y.data[i * classes.length + position.get(label)!] = 1
    })
    return { Y, classes, targetCount: 1 }
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

function paramsOf({ beta, betaRatio, bias, preprocessing, settings }: Model): EstimatorParams {
  const { seed, tolerance } = settings
  const strength = betaRatio === null ? { beta } : { betaRatio }
  return { ...strength, bias, preprocess: preprocessing.kind, seed, tolerance }
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

function largest(scores: Float64Array): number {
  return scores.reduce((best, value, k) => (value > scores[best] ? k : best), 0)
}
