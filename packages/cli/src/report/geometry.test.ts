import { fromRows, gaussian, type Matrix, matrix, modelOutputs, seededRandom } from '@relucent/core'
import { describe, expect, test } from 'vitest'
import { bothDirections, greatCircles } from './great-circle.ts'
import { hyperplane, padded, ranked } from './neurons.ts'
import { segmentOf } from './plane.ts'
import { principalPlane } from './principal-plane.ts'
import { preactivations, subjectOf } from './report.fixtures.ts'

function cloud(seed: number, rows: number, cols: number): Matrix {
  const random = seededRandom(seed)
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => gaussian(random)),
  )
}

const targets = (X: Matrix): number[] =>
  Array.from({ length: X.rows }, (_, i) => Math.abs(X.data[i * X.cols]) - 0.5 * X.data[i * X.cols + X.cols - 1])

describe('greatCircles', () => {
  test('rank 2: at an optimum ω is nowhere above β on the whole circle, and β at every neuron', async () => {
    const X = cloud(1, 20, 2)
    const { model, rows } = await subjectOf({ X, y: targets(X) })
    const [circle, ...others] = greatCircles(rows.problem, rows.residual, ranked(model))
    expect(others).toEqual([])
    expect(model.network.neurons.length).toBeGreaterThan(1)
    expect(circle.neurons).toHaveLength(model.network.neurons.length)
    expect(Math.max(...circle.omega)).toBeLessThanOrEqual(model.beta * (1 + 1e-5))
    for (const { omega } of circle.neurons) expect(omega / model.beta).toBeCloseTo(1, 5)
  })

  test('rank 3: each circle goes through its two neurons, and ω is ‖Zᵀ(Xu)₊‖ there', async () => {
    const X = cloud(2, 15, 3)
    const { model, rows } = await subjectOf({ X, y: targets(X) })
    const neurons = ranked(model)
    const circles = greatCircles(rows.problem, rows.residual, neurons)
    expect(circles.length).toBe(Math.ceil(neurons.length / 2))
    for (const { through, neurons: on } of circles) {
      expect(on.map(({ number }) => number)).toEqual(through)
      for (const { number, omega } of on) {
        const heights = preactivations(model, X, neurons[number - 1].position).map((value) => Math.max(0, value))
        const size = Math.hypot(...neurons[number - 1].u)
        const defined = Math.abs(heights.reduce((sum, height, i) => sum + height * rows.residual.data[i], 0)) / size
        expect(omega).toBeCloseTo(defined, 10)
        expect(omega / model.beta).toBeCloseTo(1, 4)
      }
    }
  })

  test('a curve contains its own neurons and closes after a turn', async () => {
    const X = cloud(3, 12, 2)
    const { model, rows } = await subjectOf({ X, y: targets(X) })
    const [{ degrees, omega, neurons }] = greatCircles(rows.problem, rows.residual, ranked(model))
    for (const neuron of neurons) expect(degrees).toContain(neuron.degrees)
    expect([degrees[0], degrees[degrees.length - 1]]).toEqual([0, 360])
    expect(omega[0]).toBeCloseTo(omega[omega.length - 1], 12)
  })

  test('without neurons there is a circle all the same; with rank 1 there is none', async () => {
    const X = cloud(4, 10, 3)
    const none = await subjectOf({ X, y: targets(X), beta: 1e6 })
    expect(none.model.network.neurons).toEqual([])
    const [circle] = greatCircles(none.rows.problem, none.rows.residual, [])
    expect(circle.neurons).toEqual([])
    expect(Math.max(...circle.omega)).toBeLessThan(1e6)
    const line = fromRows([[1], [2], [-1]])
    const one = await subjectOf({ X: line, y: [1, 2, 1] })
    expect(greatCircles(one.rows.problem, one.rows.residual, ranked(one.model))).toEqual([])
    const [up, down] = bothDirections(one.rows.problem, one.rows.residual).toSorted((a, b) => b - a)
    expect(one.model.network.neurons.length).toBeGreaterThan(0)
    expect(up).toBeCloseTo(1, 6)
    expect(down).toBeLessThanOrEqual(1 + 1e-6)
  })
})

describe('neurons', () => {
  test('are ranked by ‖u‖‖v‖', async () => {
    const X = cloud(5, 20, 2)
    const { model } = await subjectOf({ X, y: targets(X) })
    const strengths = ranked(model).map(({ strength }) => strength)
    expect(strengths).toEqual(strengths.toSorted((a, b) => b - a))
    const total = strengths.reduce((sum, value) => sum + value, 0)
    const decay = model.network.neurons.flatMap(({ u, v }) => [...u, ...v]).reduce((sum, w) => sum + w * w, 0) / 2
    expect(total).toBeCloseTo(decay, 10)
  })

  test.each(['none', 'standardize', 'minmax'] as const)(
    'preprocessing %s: on its hyperplane of raw features a neuron is exactly at its kink',
    async (preprocess) => {
      const X = cloud(6, 15, 3)
      const { model } = await subjectOf({ X, y: targets(X), bias: true, preprocess, maxIterations: 2 })
      for (const neuron of ranked(model)) {
        const { normal, offset } = hyperplane(model, neuron)
        const squared = normal.reduce((sum, value) => sum + value * value, 0)
        const foot = matrix(
          1,
          3,
          normal.map((value) => (-offset * value) / squared),
        )
        expect(preactivations(model, foot, neuron.position)[0]).toBeCloseTo(0, 12)
      }
    },
  )

  test('the line of a neuron in a rectangle: both ends are on the line and on the border', async () => {
    const X = cloud(7, 15, 2)
    const { model } = await subjectOf({ X, y: targets(X), bias: true, preprocess: 'standardize', maxIterations: 4 })
    const box = { x: [-1, 2], y: [-0.5, 0.5] } as const
    const segments = ranked(model).flatMap((neuron) =>
      segmentOf(model, neuron, box).map((segment) => ({ segment, neuron })),
    )
    expect(segments.length).toBeGreaterThan(0)
    for (const { segment, neuron } of segments) {
      const ends = fromRows([
        [segment.x1, segment.y1],
        [segment.x2, segment.y2],
      ])
      for (const value of preactivations(model, ends, neuron.position)) expect(value).toBeCloseTo(0, 10)
      for (const [x, y] of [
        [segment.x1, segment.y1],
        [segment.x2, segment.y2],
      ]) {
        expect(
          box.x.some((side) => Math.abs(x - side) < 1e-12) || box.y.some((side) => Math.abs(y - side) < 1e-12),
        ).toBe(true)
      }
    }
  })

  test('a line that misses the rectangle is not drawn; a vertical or horizontal one is', () => {
    const plain = { preprocessing: { kind: 'none', shift: [], scale: [] }, bias: true } as const
    const neuron = (u: number[]) => {
      return { u: Float64Array.from(u), v: Float64Array.of(1), number: 1, position: 0, strength: 1 }
    }
    const box = { x: [0, 1], y: [0, 1] } as const
    expect(segmentOf(plain, neuron([1, 1, 5]), box)).toEqual([])
    expect(segmentOf(plain, neuron([0, 0, 1]), box)).toEqual([])
    expect(segmentOf(plain, neuron([1, 0, -0.25]), box)).toEqual([{ x1: 0.25, y1: 0, x2: 0.25, y2: 1 }])
    expect(segmentOf(plain, neuron([0, 1, -0.25]), box)).toEqual([{ x1: 0, y1: 0.25, x2: 1, y2: 0.25 }])
    expect(segmentOf(plain, neuron([1, -1, 0]), box)).toEqual([{ x1: 0, y1: 0, x2: 1, y2: 1 }])
  })
})

test('a padded range contains its values strictly, also a single one', () => {
  for (const values of [[1, 2, 3], [0], [-5, -5]]) {
    const [low, high] = padded(values)
    for (const value of values) expect(low < value && value < high).toBe(true)
  }
})

test('a network of one feature is straight between its kinks', async () => {
  const X = cloud(8, 30, 1)
  const { model } = await subjectOf({ X, y: targets(X), bias: true, preprocess: 'standardize' })
  const kinks = ranked(model)
    .map((neuron) => hyperplane(model, neuron))
    .map(({ normal, offset }) => -offset / normal[0])
    .toSorted((a, b) => a - b)
  const at = (x: number): number => modelOutputs(model, matrix(1, 1, Float64Array.of(x))).data[0]
  expect(kinks.length).toBeGreaterThan(0)
  for (const [a, b] of [-9, ...kinks].map((x, k) => [x, kinks[k] ?? 9])) {
    expect(at((a + b) / 2)).toBeCloseTo((at(a) + at(b)) / 2, 10)
  }
})

describe('principalPlane', () => {
  test('finds the directions of largest spread, whatever the coordinates', () => {
    const random = seededRandom(9)
    const scales = [5, 3, 0.1, 0.1]
    const flat = Array.from({ length: 200 }, () => scales.map((scale) => scale * gaussian(random)))
    // A rotation of the first and last coordinate: the plane is no longer that of two axes.
    const turned = fromRows(flat.map(([a, b, c, d]) => [0.6 * a - 0.8 * d, b, c, 0.8 * a + 0.6 * d]))
    const { x, y, share } = principalPlane(turned, seededRandom(0))
    const mean = (k: number): number => flat.reduce((sum, row) => sum + row[k], 0) / flat.length
    const expected = flat.map((row) => Math.abs(row[0] - mean(0)))
    expect(share).toBeGreaterThan(0.99)
    expect(Math.max(...expected.map((value, i) => Math.abs(Math.abs(x[i]) - value)))).toBeLessThan(0.5)
    const product = x.reduce((sum, value, i) => sum + value * y[i], 0)
    expect(Math.abs(product) / x.length).toBeLessThan(1e-9)
  })

  test.each([
    [
      'identical rows',
      fromRows([
        [1, 2, 3],
        [1, 2, 3],
      ]),
      1,
    ],
    [
      'rows in a line',
      fromRows([
        [0, 0, 0],
        [1, 2, 2],
        [2, 4, 4],
      ]),
      1,
    ],
    ['a single row', fromRows([[1, 2, 3]]), 1],
    [
      'columns without spread',
      fromRows([
        [7, 1, 0],
        [7, -1, 0],
        [7, 0, 0],
      ]),
      1,
    ],
  ])('%s: the coordinates are finite and hold the share they say', (_, X, share) => {
    const projection = principalPlane(X, seededRandom(0))
    expect(projection.share).toBeCloseTo(share, 12)
    expect([...projection.x, ...projection.y].every(Number.isFinite)).toBe(true)
  })
})
