import { describe, expect, test } from 'vitest'
import { crossValidate, cvSettings, summary } from './cross-validation.ts'
import { type CvData, type FoldResult, inputsOf, trainingRows } from './cross-validation/fold-task.ts'
import { makeFolds } from './cross-validation/folds.ts'
import { matrix } from './linalg/matrix.ts'
import { fitEncoding, type RawColumn } from './preprocessing/encoding.ts'
import { gaussian, seededRandom } from './random.ts'
import { encodeClasses } from './targets.ts'

/** A bend in the plane, with a column of text and a missing cell. */
function bent(rows: number, seed = 1): CvData {
  const random = seededRandom(seed)
  const x = Array.from({ length: rows }, () => gaussian(random))
  const y = Float64Array.from(x, (value) => Math.abs(value) + 0.05 * gaussian(random))
  return { table: { rows, names: ['x'], columns: [x] }, Y: matrix(rows, 1, y), labels: null }
}

/** Two classes apart by x, one-hot. */
function classes(rows: number): CvData {
  const random = seededRandom(3)
  const labels = Array.from({ length: rows }, (_, i) => i % 2)
  const x = labels.map((label) => 3 * label + gaussian(random))
  const Y = matrix(rows, 2)
  labels.forEach((label, i) => {
    Y.data[2 * i + label] = 1
  })
  return { table: { rows, names: ['x'], columns: [x] }, Y, labels }
}

const quick = { ratios: [0.5, 0.05, 0.005], tolerance: 1e-5 }

describe('crossValidate', () => {
  test('every fit is certified, and a bend that a line cannot follow is predicted on rows left out', async () => {
    const data = bent(40)
    const result = await crossValidate(data, { ...quick, folds: makeFolds(40, { folds: 4 }) })
    expect(result).toMatchObject({ metric: 'rmse', complete: true })
    for (const row of result.rows) expect(row).toMatchObject({ certified: 4, fits: 4 })
    expect(result.rows[result.best].scores.r2!.test).toBeGreaterThan(0.95)
    expect(result.rows[0].scores.rmse!.test).toBeGreaterThan(result.rows[result.best].scores.rmse!.test)
    expect(result.oneSe).toBeLessThanOrEqual(result.best)
  })

  test('classes are predicted, with accuracy deciding by default', async () => {
    const result = await crossValidate(classes(30), {
      ...quick,
      folds: makeFolds(30, { folds: 3, strata: classes(30).labels }),
    })
    expect(result.metric).toBe('accuracy')
    expect(result.rows[result.chosen].scores.accuracy!.test).toBeGreaterThan(0.85)
    expect(result.rows[result.chosen].scores.auc!.test).toBeGreaterThan(0.9)
  })

  test('logistic with one output for two classes: log-loss decides, and is below that of equal chances', async () => {
    const [{ table, labels }, folds] = [classes(30), makeFolds(30, { folds: 3, strata: classes(30).labels })]
    const data: CvData = { table, labels, Y: encodeClasses('logistic', labels!, 2) }
    const options = { ...quick, ratios: [1, 0.1], loss: 'logistic', outputBias: true, metric: 'log-loss' as const }
    const { rows, best } = await crossValidate(data, { ...options, folds })
    expect(data.Y.cols).toBe(1)
    for (const row of rows) expect(row).toMatchObject({ certified: 3, fits: 3 })
    // At βmax only the output bias is left, and the folds are balanced: p = 1/2.
    expect(rows[0].scores['log-loss']!.test).toBeCloseTo(Math.LN2, 2)
    expect(best).toBe(1)
    expect(rows[1].scores['log-loss']!.test).toBeLessThan(0.5)
    expect(rows[1].scores.accuracy!.test).toBeGreaterThan(0.85)
    await expect(crossValidate(data, { ...options, loss: 'hinge', folds })).rejects.toThrow('got log-loss')
  })

  test('Poisson: errors are those of exp(F), not of F', async () => {
    const x = Array.from({ length: 20 }, (_, i) => i % 5)
    const Y = matrix(
      20,
      1,
      Float64Array.from(x, (value) => 2 ** value),
    )
    const data: CvData = { table: { rows: 20, names: ['x'], columns: [x] }, Y, labels: null }
    const options = { ...quick, ratios: [1e-3], loss: 'poisson', outputBias: true }
    const { rows } = await crossValidate(data, { ...options, folds: makeFolds(20, { folds: 4 }) })
    expect(rows[0]).toMatchObject({ certified: 4 })
    expect(rows[0].scores.r2!.test).toBeGreaterThan(0.99)
  })

  test('balanced class weights are n/(K n_k) of the training rows of the fold, times the weights of the rows', () => {
    const labels = [0, 0, 0, 1, 1, 0, 1, 1]
    const table = { rows: 8, names: ['x'], columns: [labels.map((label, i) => label + i)] }
    const weights = Float64Array.of(1, 2, 1, 1, 3, 1, 1, 1)
    const data: CvData = { table, labels, Y: encodeClasses('logistic', labels, 2), weights }
    const settings = (classWeight: 'balanced' | number[]) => cvSettings(data, { loss: 'logistic', classWeight })
    const of = (rows: number[], choice: 'balanced' | number[]) =>
      trainingRows(data, rows, settings(choice)).problem.weights
    expect(of([0, 1, 2, 5, 3, 4], 'balanced')).toEqual(Float64Array.of(0.75, 1.5, 0.75, 0.75, 1.5, 4.5))
    expect(of([0, 3, 4, 6], 'balanced')).toEqual(Float64Array.of(2, 2 / 3, 2, 2 / 3))
    expect(of([1, 4], [5, 7])).toEqual(Float64Array.of(10, 21))
    expect(() => of([0, 3], [1, 2, 3])).toThrow('classWeight must be balanced or 2 numbers')
    expect(() => trainingRows({ ...data, labels: null }, [0, 3], settings('balanced'))).toThrow('is for classes')
  })

  test('what is learnt from training rows does not depend on the rows left out: scales, fills, categories, β', async () => {
    const data = bent(24)
    const [fold] = makeFolds(24, { folds: 3 })
    const colors: RawColumn = Array.from({ length: 24 }, (_, i) =>
      i === fold.train[2] ? null : i % 2 ? 'red' : 'blue',
    )
    const numbers: RawColumn = data.table.columns[0].map((cell, i) => (i === fold.train[0] ? null : cell))
    const clean = { ...data, table: { rows: 24, names: ['x', 'color'], columns: [numbers, colors] } }
    const spoilt = (column: RawColumn, cell: number | string): RawColumn =>
      column.map((value, i) => (fold.test.includes(i) ? cell : value))
    const leak: CvData = {
      table: { ...clean.table, columns: [spoilt(numbers, 1e6), spoilt(colors, 'violet')] },
      Y: matrix(
        24,
        1,
        clean.Y.data.map((y, i) => (fold.test.includes(i) ? -1e6 : y)),
      ),
      labels: null,
    }
    const settings = {
      ...quick,
      missing: { fill: 'mean', indicator: true } as const,
      preprocess: 'standardize' as const,
    }
    const [honest, tempted] = [clean, leak].map((given) => trainingRows(given, fold.train, cvSettings(given, settings)))
    expect(tempted.encoding).toEqual(honest.encoding)
    expect(tempted.preprocessing).toEqual(honest.preprocessing)
    expect(tempted.problem.X).toEqual(honest.problem.X)
    // The trap works: fitted on all rows, each of them would differ.
    expect(fitEncoding(leak.table, settings.missing)).not.toEqual(fitEncoding(clean.table, settings.missing))
    const [without, within] = await Promise.all(
      [clean, leak].map((given) => crossValidate(given, { ...settings, folds: [fold] })),
    )
    const learnt = ({ folds }: typeof without) => folds[0].points.map(({ seconds: _s, test: _t, ...point }) => point)
    expect(learnt(within)).toEqual(learnt(without))
    expect(within.rows[0].scores.rmse!.test).toBeGreaterThan(1e5)
    expect(inputsOf(honest, leak.table).cols).toBe(6) // x, x missing, blue, red, color missing, bias
  })

  test('folds that are finished are not run again, and the result is the same', async () => {
    const [data, folds] = [bent(20), makeFolds(20, { folds: 4 })]
    const whole = await crossValidate(data, { ...quick, folds })
    const ran: number[] = []
    const again = await crossValidate(data, {
      ...quick,
      folds,
      finished: JSON.parse(JSON.stringify(whole.folds.slice(0, 3))) as FoldResult[],
      onFold: ({ fold }) => void ran.push(fold),
    })
    expect(ran).toEqual([3])
    expect(again.rows.map(({ scores }) => scores)).toEqual(whole.rows.map(({ scores }) => scores))
  })

  test('several folds at a time give what one at a time gives', async () => {
    const [data, folds] = [bent(20), makeFolds(20, { folds: 4 })]
    const [one, three] = await Promise.all(
      [1, 3].map((concurrency) => crossValidate(data, { ...quick, folds, concurrency })),
    )
    expect(three.rows).toEqual(one.rows)
  })

  test('interrupted, it answers for the folds that were done, and says so', async () => {
    const controller = new AbortController()
    const options = { ...quick, folds: makeFolds(20, { folds: 4 }), signal: controller.signal }
    const cut = await crossValidate(bent(20), { ...options, onFold: () => controller.abort() })
    expect(cut.complete).toBe(false)
    expect(cut.folds).toHaveLength(1)
    await expect(crossValidate(bent(20), options)).rejects.toThrow('interrupted before a fold was done')
  })

  test('leaking folds, foreign rows and metrics of another task are refused', async () => {
    const data = bent(6)
    const fold = { repeat: 0, fold: 0, train: [0, 1, 2, 3], test: [3, 4] }
    await expect(crossValidate(data, { folds: [fold] })).rejects.toThrow('must test on rows it is not trained on')
    await expect(crossValidate(data, { folds: [{ ...fold, test: [9] }] })).rejects.toThrow('must have rows below 6')
    await expect(crossValidate(data, { folds: [] })).rejects.toThrow('there must be folds, got none')
    await expect(crossValidate(data, { folds: [{ ...fold, test: [4] }], metric: 'auc' })).rejects.toThrow(
      'must be one of rmse, mae, r2',
    )
  })
})

describe('the rule of one standard error', () => {
  const point = (rmse: number) => ({
    test: { rmse },
    train: { rmse },
    relativeGap: 0,
    scope: 'all-networks',
    neurons: 1,
  })
  const folds = [
    [3, 1.2, 1.0, 1.1],
    [5, 1.6, 1.4, 1.5],
  ].map((scores, fold) => ({ repeat: 0, fold, points: scores.map(point) }) as unknown as FoldResult)
  const settings = cvSettings(bent(4), { ratios: [1, 0.1, 0.01, 0.001] })

  test('takes the largest β whose mean is within one standard error of the best', () => {
    const of = (rule: 'best' | 'one-se') => summary(folds, settings, { metric: 'rmse', rule, complete: true })
    // The best mean is 1.2, its standard error √(0.08)/√2 = 0.2: 1.4 is within it.
    expect(of('best').rows[2].scores.rmse).toMatchObject({ test: 1.2, error: expect.closeTo(0.2, 12) as number })
    expect(of('best').chosen).toBe(2)
    expect(of('one-se').chosen).toBe(1)
  })

  test('repeats do not make the standard error smaller', () => {
    const repeated = [...folds, ...folds.map((fold) => ({ ...fold, repeat: 1 }))]
    const error = (given: FoldResult[]) =>
      summary(given, settings, { metric: 'rmse', rule: 'best', complete: true }).rows[2].scores.rmse!.error
    expect(error(repeated)).toBeCloseTo(Math.sqrt(0.16 / 3) / Math.sqrt(2), 12)
  })
})
