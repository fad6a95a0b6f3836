import {
  applyPreprocessing,
  createProblem,
  fitPreprocessing,
  gaussian,
  type Matrix,
  matrix,
  network,
  objective,
  row,
  seededRandom,
} from '@relucent/core'
import { expect, test } from 'vitest'
import { coordinatesOf } from './coordinates.ts'
import { whitenedLandscape } from './landscape.ts'

const beta = 0.3
const shape = { places: 5, neurons: 4, outputs: 2 }
const random = seededRandom(5)
const normal = (): number => gaussian(random)

/** Six images of which the second and the fifth are equal, whitened. */
function images(): { raw: Matrix; X: Matrix; Y: Matrix } {
  const raw = matrix(6, 9, Float64Array.from({ length: 54 }, normal))
  row(raw, 4).set(row(raw, 1))
  const X = applyPreprocessing(fitPreprocessing('whiten-rows', raw), raw)
  return { raw, X, Y: matrix(6, 2, Float64Array.from({ length: 12 }, normal)) }
}

const { raw, X, Y } = images()
const coordinates = coordinatesOf(raw, X)
const landscape = whitenedLandscape(coordinates, Y, beta, shape, new AbortController().signal)
const weights = Float64Array.from({ length: landscape.size }, normal)

test('different rows are orthonormal, equal ones share their place', () => {
  const { basis, place, scale } = coordinates
  expect(place[4]).toBe(place[1])
  expect(basis.rows).toBe(5)
  for (let i = 0; i < 5; i++) {
    for (let k = 0; k < 5; k++) {
      const product = row(basis, i).reduce((total, value, q) => total + value * row(basis, k)[q], 0)
      expect(product).toBeCloseTo(i === k ? 1 : 0, 9)
    }
  }
  for (let i = 0; i < X.rows; i++) {
    row(X, i).forEach((value, q) => expect(scale[i] * row(basis, place[i])[q]).toBeCloseTo(value, 9))
  }
})

test('the objective is that of the network U = QᵀW on the whitened rows', async () => {
  const { places, neurons, outputs } = shape
  const list = Array.from({ length: neurons }, (_, j) => {
    const u = new Float64Array(X.cols)
    for (let k = 0; k < places; k++) {
      row(coordinates.basis, k).forEach((value, q) => (u[q] += value * weights[k * neurons + j]))
    }
    const at = places * neurons + j * outputs
    return { u, v: weights.slice(at, at + outputs) }
  })
  const expected = objective(createProblem({ X, Y, beta }), network(X.cols, outputs, list))
  const value = await landscape.evaluate(weights, new Float64Array(landscape.size))
  expect(Math.abs(value - expected)).toBeLessThan(1e-8 * expected)
})

test('the gradient is that of differences, away from kinks', async () => {
  const gradient = new Float64Array(landscape.size)
  await landscape.evaluate(weights, gradient)
  const step = 1e-6
  const at = async (k: number, by: number): Promise<number> => {
    const moved = weights.slice()
    moved[k] += by
    return landscape.evaluate(moved, new Float64Array(landscape.size))
  }
  for (let k = 0; k < landscape.size; k++) {
    const slope = ((await at(k, step)) - (await at(k, -step))) / (2 * step)
    expect(Math.abs(slope - gradient[k])).toBeLessThan(1e-6 * (1 + Math.abs(slope)))
  }
})
