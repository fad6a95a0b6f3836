import { describe, expect, test } from 'vitest'
import { betaMax } from './beta-max.ts'
import { InvalidProblemError, NotFittedError } from './errors.ts'
import { type EstimatorParams, ReluClassifier, ReluRegressor } from './estimator.ts'
import { fromRows, type Matrix, toRows } from './linalg/matrix.ts'
import { parseModel, serializeModel } from './model.ts'
import { createProblem } from './problem.ts'
import { planarFixture, randomMatrix, umbrellaFixture } from './problem.fixtures.ts'
import { seededRandom } from './random.ts'
import { columnGeneration } from './solver/column-generation.ts'
import type { Progress } from './train.ts'

const random = seededRandom(21)
const X: Matrix = randomMatrix(random, 12, 2)
/** |x₀| − x₁ plus nothing: a function a small network represents. */
const y = toRows(X).map(([a, b]) => Math.abs(a) - b)
const labels: readonly string[] = y.map((value) => (value > 0 ? 'up' : 'down'))

describe('ReluRegressor', () => {
  test('fits to the certified optimum, and predicts the training data when β is small', async () => {
    const model = await new ReluRegressor({ betaRatio: 1e-4 }).fit(X, y)
    expect(model.status).toBe('optimal')
    expect(model.certificate.relativeGap).toBeLessThanOrEqual(1e-6)
    expect(model.score(X, y)).toBeGreaterThan(0.999)
    const predicted = model.predict(X) as number[]
    predicted.forEach((value, i) => expect(Math.abs(value - y[i])).toBeLessThan(0.1))
  })

  test('takes rows, flat numbers, and several targets at once', async () => {
    const flat = { data: X.data, rows: 12, cols: 2 }
    const params = { beta: 0.3 }
    const reference = (await new ReluRegressor(params).fit(X, y)).certificate.objective
    for (const given of [toRows(X), flat]) {
      expect((await new ReluRegressor(params).fit(given, y)).certificate.objective).toBeCloseTo(reference, 10)
    }
    const both = await new ReluRegressor({ beta: 0.1 }).fit(planarFixture.X, toRows(planarFixture.Y))
    expect(both.certificate.objective).toBeCloseTo(0.65413806, 6)
    expect(both.predict([[1, 1]])).toEqual([[expect.any(Number), expect.any(Number)]])
  })

  test('reaches the known optimum where cells have five facets and a relaxation over them is 4.6% too low', async () => {
    const model = await new ReluRegressor({ beta: 1.6 }).fit(umbrellaFixture.X, umbrellaFixture.Y)
    expect(model.status).toBe('optimal')
    expect(model.certificate.objective).toBeCloseTo(6.259313035, 5)
    expect(model.certificate.lowerBound).toBeGreaterThan(5.97252)
  })

  test('β is the ratio times the attained βmax, and 0.01 of it when nothing is said', async () => {
    const { value } = await betaMax(createProblem({ X, Y: y, beta: 1 }))
    const model = await new ReluRegressor().fit(X, y)
    expect(model.model.betaRatio).toBe(0.01)
    expect(model.model.beta).toBeCloseTo(0.01 * value, 10)
    expect(model.problem.beta).toBe(model.model.beta)
  })

  test('R²: 1 for a perfect fit, 0 for the mean, averaged over targets, and the constant target is settled', async () => {
    const zero = await new ReluRegressor({ beta: 1e6 }).fit(X, y)
    expect(zero.network.neurons).toHaveLength(0)
    expect(
      zero.score(
        X,
        y.map((_, i) => (i % 2 === 0 ? 1 : -1)),
      ),
    ).toBe(0) // mean 0, as predicted
    expect(
      zero.score(
        X,
        y.map(() => 0),
      ),
    ).toBe(1)
    expect(
      zero.score(
        X,
        y.map(() => 3),
      ),
    ).toBe(0)
    const pair = await new ReluRegressor({ beta: 1e6 }).fit(
      X,
      y.map((value) => [value, value]),
    )
    expect(
      pair.score(
        X,
        y.map((_, i) => [0, i % 2 === 0 ? 1 : -1]),
      ),
    ).toBe(0.5)
  })

  test('X = 0 is the zero network with gap 0, whether β is given or relative', async () => {
    for (const params of [{ beta: 0.1 }, {}]) {
      const model = await new ReluRegressor(params).fit(
        [
          [0, 0],
          [0, 0],
        ],
        [3, 4],
      )
      expect(model.network.neurons).toHaveLength(0)
      expect(model.certificate).toMatchObject({ objective: 12.5, gap: 0, relativeGap: 0 })
      expect(model.status).toBe('optimal')
      expect(model.predict([[1, 2]])).toEqual([0])
    }
  })

  test('preprocessing is learnt in fit and applied in predict', async () => {
    const wide = toRows(X).map(([a, b]) => [1000 * a + 5, b / 50])
    const options: EstimatorParams = { beta: 0.2, preprocess: 'standardize', bias: true }
    const [a, b] = [await new ReluRegressor(options).fit(X, y), await new ReluRegressor(options).fit(wide, y)]
    expect(b.certificate.objective).toBeCloseTo(a.certificate.objective, 5)
    expect(b.score(wide, y)).toBeCloseTo(a.score(X, y), 3)
    expect(b.certificate.problem).toMatchObject({ d: 3, bias: true })
  })
})

describe('ReluClassifier', () => {
  test('learns labels, and reports them as they were given', async () => {
    const model = await new ReluClassifier({ betaRatio: 1e-3, bias: true }).fit(X, labels)
    expect(model.classes).toEqual(['down', 'up'])
    expect(model.predict(X)).toEqual(labels)
    expect(model.score(X, labels)).toBe(1)
    const scores = model.predictScores(X)
    expect(scores.map(([down, up]) => (up > down ? 'up' : 'down'))).toEqual(labels)
  })

  test('integers are ordered by size, text by code units, whatever the order of the data', async () => {
    const numbered = await new ReluClassifier({ beta: 1 }).fit(
      X,
      y.map((_, i) => [10, 9, -1][i % 3]),
    )
    expect(numbered.classes).toEqual([-1, 9, 10])
    const worded = await new ReluClassifier({ beta: 1 }).fit(
      X,
      y.map((_, i) => ['b', 'a', 'B'][i % 3]),
    )
    expect(worded.classes).toEqual(['B', 'a', 'b'])
  })

  const bad: readonly [string, unknown[], string][] = [
    ['one class', y.map(() => 'a'), 'y must have at least two classes, got only "a"'],
    ['no labels', [], 'y must have at least two classes, got none'],
    ['mixed labels', [1, ...labels.slice(1)], "y must be all text or all integers, got 'up' in row 1"],
    ['fractions', y.map((_, i) => i / 2), 'y must be all text or all integers, got 0.5 in row 1'],
    ['absent labels', [undefined, ...labels.slice(1)], 'y must be all text or all integers, got undefined in row 0'],
  ]
  test.each(bad)('%s: an error that says so', async (_, targets, message) => {
    const fitting = new ReluClassifier({ beta: 1 }).fit(X, targets as string[])
    await expect(fitting).rejects.toThrow(InvalidProblemError)
    await expect(fitting).rejects.toThrow(message)
  })

  test('a label in score that was never seen in fit is named', async () => {
    const model = await new ReluClassifier({ beta: 1 }).fit(X, labels)
    expect(() => model.score(X, labels.with(3, 'sideways'))).toThrow('y must hold trained classes, got "sideways"')
    expect(() => model.score(X, labels.slice(1))).toThrow('y must have 12 labels, got 11')
  })
})

describe('what both have in common', () => {
  test('nothing can be asked before fit', () => {
    const model = new ReluRegressor()
    const message = 'ReluRegressor.predict: not fitted yet; first `await estimator.fit(X, y)`'
    expect(() => model.predict(X)).toThrow(new NotFittedError(message))
    const classifier = new ReluClassifier()
    for (const ask of [
      () => model.score(X, y),
      () => model.certificate,
      () => model.network,
      () => model.status,
      () => model.summary(),
      () => model.result,
      () => classifier.predict(X),
      () => classifier.predictScores(X),
      () => classifier.classes,
    ]) {
      expect(ask).toThrow(NotFittedError)
    }
  })

  test('parameters: defaults, changes, copies', async () => {
    const model = new ReluRegressor({ bias: true, seed: 7 })
    expect(model.getParams()).toMatchObject({
      betaRatio: 0.01,
      bias: true,
      seed: 7,
      preprocess: 'none',
      tolerance: 1e-6,
    })
    model.setParams({ beta: 2 })
    expect(model.getParams()).toMatchObject({ beta: 2, bias: true })
    expect(model.getParams().betaRatio).toBeUndefined()
    expect(model.setParams({ seed: 8 }).getParams()).toMatchObject({ beta: 2, seed: 8 })
    expect(model.setParams({ betaRatio: 0.5 }).getParams().beta).toBeUndefined()
    await model.fit(X, y)
    const copy = model.clone()
    expect(copy).toBeInstanceOf(ReluRegressor)
    expect(copy.getParams()).toEqual(model.getParams())
    expect(() => copy.network).toThrow(NotFittedError)
  })

  test('β and a ratio exclude each other, and both must be positive', () => {
    expect(() => new ReluRegressor({ beta: 1, betaRatio: 0.1 })).toThrow(
      'beta and betaRatio exclude each other, got 1 and 0.1',
    )
    expect(() => new ReluRegressor({ beta: 0 })).toThrow('beta must be a positive finite number, got 0')
    expect(() => new ReluClassifier().setParams({ betaRatio: Number.NaN })).toThrow('betaRatio must be a positive')
  })

  test('bad data are refused with the row and column', async () => {
    await expect(new ReluRegressor().fit([[1], [Number.NaN]], [1, 2])).rejects.toThrow(
      'ReluRegressor.fit: X must be finite numbers, got NaN in row 1, column 0',
    )
    await expect(new ReluRegressor({ beta: 1 }).fit(X, [1])).rejects.toThrow('equally many rows, got 12 and 1')
    const model = await new ReluRegressor({ beta: 1 }).fit(X, y)
    expect(() => model.predict([[1, 2, 3]])).toThrow('predict: X must have 2 columns, got 3')
    expect(() => model.score(X, y.slice(1))).toThrow('y must be 12 × 1, as the predictions, got 11 × 1')
    await expect(model.fit(X, y, { featureNames: ['a'] })).rejects.toThrow('featureNames must have 2 names, got 1')
  })

  test('a failed fit leaves the last one in place', async () => {
    const model = await new ReluRegressor({ beta: 1 }).fit(X, y)
    const { objective } = model.certificate
    await expect(model.fit([], [])).rejects.toThrow(InvalidProblemError)
    expect(model.certificate.objective).toBe(objective)
  })

  test('progress is reported, limits and solver reach the run, and an abort keeps a valid certificate', async () => {
    const steps: Progress[] = []
    const solver = { ...columnGeneration(), name: 'mine' }
    const model = await new ReluRegressor({ beta: 0.05, maxIterations: 1, solver }).fit(X, y, {
      onProgress: (p) => steps.push(p),
    })
    expect(steps).toHaveLength(1)
    expect(model.status).toBe('iteration-limit')
    expect(model.model.settings.solver).toBe('mine')
    const controller = new AbortController()
    controller.abort()
    const aborted = await new ReluRegressor({ beta: 0.05 }).fit(X, y, { signal: controller.signal })
    expect(aborted.status).toBe('interrupted')
    expect(aborted.certificate.lowerBound).toBeLessThanOrEqual(aborted.certificate.objective)
  })

  test('a ratio means the same β however little time there is; an abort before β is known is the caller’s reason', async () => {
    const deep = randomMatrix(seededRandom(3), 12, 5)
    const [hasty, patient] = [0, 300].map(
      (timeLimitSeconds) => new ReluRegressor({ timeLimitSeconds, maxIterations: 1 }),
    )
    await hasty.fit(deep, y)
    await patient.fit(deep, y)
    expect(hasty.status).toBe('time-limit')
    expect(hasty.model.beta).toBe(patient.model.beta)
    const reason = new Error('no longer wanted')
    await expect(new ReluRegressor().fit(deep, y, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('a model file predicts as the estimator it came from', async () => {
    const fitted = await new ReluClassifier({ betaRatio: 1e-2, bias: true, preprocess: 'minmax' }).fit(X, labels)
    const loaded = ReluClassifier.fromModel(parseModel(serializeModel(fitted.model)))
    expect(loaded.predictScores(X)).toEqual(fitted.predictScores(X))
    expect(loaded.certificate).toEqual(fitted.certificate)
    expect(loaded.getParams()).toMatchObject({ betaRatio: 1e-2, bias: true, preprocess: 'minmax' })
    expect(() => loaded.result).toThrow('made from a model file')
    expect(() => ReluRegressor.fromModel(fitted.model)).toThrow('the model must be for regression, got classification')
  })

  test('the summary names the estimator, the status, β and what is proven', async () => {
    const model = await new ReluRegressor({ beta: 0.3 }).fit(fromRows(toRows(X)), y)
    const text = model.summary()
    expect(text).toMatch(/^ReluRegressor: optimal, \d+ neurons?, β = 0\.3\n/)
    expect(text).toContain('No two-layer ReLU network of any width has an objective below')
    expect(text).toContain('Not claimed')
  })
})

describe('fitPath, warm starts, JSON', () => {
  test('a path has a certified fit at every β, and at(k) predicts as a fit at that β alone', async () => {
    const regressor = new ReluRegressor({ bias: true })
    const { path, at } = await regressor.fitPath(X, y, { points: 4, smallestRatio: 0.01 })
    expect(path.points.map(({ status }) => status)).toEqual(['optimal', 'optimal', 'optimal', 'optimal'])
    const [last, alone] = [at(3), await new ReluRegressor({ bias: true, betaRatio: 0.01 }).fit(X, y)]
    expect(last.certificate.objective).toBeCloseTo(alone.certificate.objective, 4)
    expect(last.getParams().betaRatio).toBeCloseTo(0.01, 12)
    expect(() => at(4)).toThrow('the path has 4 points, got number 4')
    expect(() => regressor.predict(X)).toThrow(NotFittedError)
  })

  test('a warm start begins at the last network, and ends in the same place', async () => {
    const model = new ReluRegressor({ beta: 0.05, warmStart: true })
    const cold = (await model.fit(X, y)).result
    const warm = (await model.fit(X, y)).result
    expect(warm.history[0].objective).toBeLessThanOrEqual(cold.certificate.objective * (1 + 1e-6))
    expect(warm.certificate.objective).toBeCloseTo(cold.certificate.objective, 6)
    expect(
      (
        await model.fit(
          toRows(X).map(([a]) => [a]),
          y,
        )
      ).status,
    ).toBe('optimal') // another shape: from nothing
  })

  test('a fit stops early at a gap, which it reports', async () => {
    const model = await new ReluRegressor({ beta: 0.05, absoluteTolerance: 1e9 }).fit(X, y)
    expect(model.result.iterations).toBe(1)
    expect(model.certificate.gap).toBeLessThanOrEqual(1e9)
  })

  test('toJSON and fromJSON keep every prediction, through text and as objects', async () => {
    const fitted = await new ReluClassifier({ beta: 0.1, preprocess: 'standardize' }).fit(X, labels)
    for (const again of [ReluClassifier.fromJSON(fitted.toJSON()), ReluClassifier.fromJSON(JSON.stringify(fitted))]) {
      expect(again.predictScores(X)).toEqual(fitted.predictScores(X))
      expect(again.certificate).toEqual(fitted.certificate)
    }
    expect(() => ReluRegressor.fromJSON(fitted.toJSON())).toThrow('the model must be for regression')
  })
})
