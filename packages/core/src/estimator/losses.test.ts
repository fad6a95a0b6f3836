import { describe, expect, test } from 'vitest'
import { ReluClassifier, ReluRegressor } from '../estimator.ts'
import { parseModel, serializeModel } from '../model.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'

const X = randomMatrix(seededRandom(3), 24, 2)
const two = Array.from({ length: 24 }, (_, i) => (X.data[2 * i] > 0.2 ? 'yes' : 'no'))
const three = Array.from({ length: 24 }, (_, i) => (X.data[2 * i] > 0.4 ? 2 : X.data[2 * i + 1] > 0 ? 1 : 0))

describe('classifiers', () => {
  test.each(['softmax', 'logistic', 'hinge', 'squared-hinge', 'squared'])(
    '%s: certified, and better than chance, for two classes and three',
    async (loss) => {
      for (const y of [two, three]) {
        const model = await new ReluClassifier({ loss, outputBias: true, betaRatio: 0.05 }).fit(X, y)
        expect(model.certificate.relativeGap).toBeLessThan(1e-6)
        expect(model.score(X, y)).toBeGreaterThan(0.8)
        const single = model.classes.length === 2 && !['softmax', 'squared'].includes(loss)
        expect(model.decisionFunction(X)[0]).toHaveLength(single ? 1 : model.classes.length)
      }
    },
  )

  test('probabilities of softmax and logistic: one per class, the largest is predicted', async () => {
    for (const loss of ['softmax', 'logistic']) {
      for (const y of [two, three]) {
        const model = await new ReluClassifier({ loss, bias: true, betaRatio: 0.05 }).fit(X, y)
        const predicted = model.predict(X)
        model.predictProba(X).forEach((row, i) => {
          expect(row).toHaveLength(model.classes.length)
          expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
          expect(model.classes[row.indexOf(Math.max(...row))]).toBe(predicted[i])
        })
      }
    }
  })

  test('other losses have no probabilities: the error names those that do', async () => {
    const model = await new ReluClassifier({ loss: 'hinge', betaRatio: 0.2 }).fit(X, two)
    expect(() => model.predictProba(X)).toThrow(
      'only the losses logistic and softmax give probabilities, this model has hinge',
    )
  })

  test('class weights: what counts more is missed less', async () => {
    const y = Array.from({ length: 24 }, (_, i) => (i % 6 === 0 ? 'rare' : 'common'))
    const hits = async (classWeight?: 'balanced'): Promise<number> => {
      const model = await new ReluClassifier({ loss: 'logistic', outputBias: true, betaRatio: 0.5, classWeight }).fit(
        X,
        y,
      )
      return model.predict(X).filter((label) => label === 'rare').length
    }
    expect(await hits('balanced')).toBeGreaterThan(await hits())
  })

  test('a loss of counts is refused', async () => {
    await expect(new ReluClassifier({ loss: 'poisson' }).fit(X, two)).rejects.toThrow('use softmax or logistic')
  })
})

describe('regressors', () => {
  const y = Array.from({ length: 24 }, (_, i) => Math.max(0, X.data[2 * i]) + 0.5)

  test('a quantile is above its share of the targets', async () => {
    const model = await new ReluRegressor({ loss: 'pinball:0.9', outputBias: true, betaRatio: 0.5 }).fit(X, y)
    const below = (model.predict(X) as number[]).filter((f, i) => y[i] <= f + 1e-3).length
    expect(below / 24).toBeGreaterThanOrEqual(0.9)
  })

  test('Poisson predictions are means, not their logarithms', async () => {
    const counts = y.map((value) => Math.round(3 * value))
    const model = await new ReluRegressor({ loss: 'poisson', outputBias: true, betaRatio: 0.05 }).fit(X, counts)
    const predicted = model.predict(X) as number[]
    expect(predicted.every((mean) => mean > 0)).toBe(true)
    const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
    expect(total(predicted)).toBeCloseTo(total(counts), 3) // the constant is not penalised
  })

  test('weights of rows: a row of weight 2 is that row twice', async () => {
    const params = { loss: 'huber:0.3', beta: 0.2, bias: true }
    const weights = y.map((_, i) => (i === 3 ? 2 : 1))
    const weighted = await new ReluRegressor(params).fit(X, y, { weights })
    const rows = Array.from({ length: 25 }, (_, i) =>
      Array.from(X.data.subarray(2 * (i % 25 === 24 ? 3 : i), 2 * (i === 24 ? 3 : i) + 2)),
    )
    const twice = await new ReluRegressor(params).fit(rows, [...y, y[3]])
    expect(weighted.certificate.objective).toBeCloseTo(twice.certificate.objective, 5)
  })

  test('a loss of classes is refused, and so is one that is none', async () => {
    await expect(new ReluRegressor({ loss: 'hinge' }).fit(X, y)).rejects.toThrow('use ReluClassifier')
    expect(() => new ReluRegressor({ loss: 'mse' })).toThrow('expected one of squared')
  })

  test('weights must be one positive number per row', async () => {
    const model = new ReluRegressor({ beta: 1 })
    await expect(model.fit(X, y, { weights: [1, 2] })).rejects.toThrow('24 numbers, one per row, got 2')
    await expect(model.fit(X, y, { weights: y.map((_, i) => (i === 2 ? 0 : 1)) })).rejects.toThrow(
      'got 0 in row 2: leave that row out',
    )
  })
})

test('a model with an unpenalised part and weights is read back as it was, and predicts the same', async () => {
  const params = {
    loss: 'softmax',
    bias: true,
    outputBias: true,
    skip: true,
    classWeight: 'balanced',
    betaRatio: 0.1,
  } as const
  const fitted = await new ReluClassifier(params).fit(X, three)
  const again = ReluClassifier.fromModel(parseModel(serializeModel(fitted.model)))
  expect(again.decisionFunction(X)).toEqual(fitted.decisionFunction(X))
  expect(again.model.weighting).toEqual(fitted.model.weighting)
  expect(again.getParams()).toMatchObject({ loss: 'softmax', outputBias: true, skip: true })
})

test('models without an unpenalised part are written as before: no new fields', async () => {
  const text = serializeModel(
    (
      await new ReluRegressor({ beta: 5 }).fit(
        X,
        two.map((label) => (label === 'yes' ? 1 : 0)),
      )
    ).model,
  )
  for (const field of ['outputBias', 'skip', 'weighting']) expect(text).not.toContain(field)
})
