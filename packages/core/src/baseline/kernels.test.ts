import { describe, expect, test } from 'vitest'
import { InvalidProblemError } from '../errors.ts'
import { eigh } from '../linalg/eigh.ts'
import { fromRows, type Matrix, matrix, row } from '../linalg/matrix.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { gaussian, seededRandom } from '../random.ts'
import { accuracy, argmax, fitKernelModel, type NetworkKernel, networkKernel, predictKernelModel } from './kernels.ts'

const kernels = ['nngp', 'ntk'] as const

describe('the kernels of the two-layer ReLU network', () => {
  test('equal, orthogonal, opposite and zero rows: |a||b|/d times (1/2, 1/2π, 0, 0), and (1, 1/2π, 0, 0)', () => {
    const A = fromRows([[3, 4]])
    const B = fromRows([[6, 8], [-8, 6], [-3, -4], [0, 0]]) // biome-ignore format: a matrix
    const close = (kernel: NetworkKernel, expected: number[]): void =>
      expected.forEach((value, k) => expect(networkKernel(kernel, A, B).data[k]).toBeCloseTo(value, 13))
    close('nngp', [25 / 2, 25 / (2 * Math.PI), 0, 0])
    close('ntk', [25, 25 / (2 * Math.PI), 0, 0])
  })

  test('sixty degrees, by hand: NNGP √3/(4π) + 1/6, NTK √3/(4π) + 1/3, halved in the plane', () => {
    const [A, B] = [fromRows([[1, 0]]), fromRows([[0.5, Math.sqrt(3) / 2]])]
    const sine = Math.sqrt(3) / (4 * Math.PI)
    expect(networkKernel('nngp', A, B).data[0]).toBeCloseTo((sine + 1 / 6) / 2, 14)
    expect(networkKernel('ntk', A, B).data[0]).toBeCloseTo((sine + 1 / 3) / 2, 14)
  })

  test('are what random networks give on average: E (wᵀa)₊(wᵀb)₊, and E 1[wᵀa > 0, wᵀb > 0] aᵀb beside it', () => {
    const next = seededRandom(3)
    const [a, b] = [[1, 2, -1], [0.5, 1, 1]] // biome-ignore format: a table
    const draws = 200_000
    let [products, both] = [0, 0]
    for (let k = 0; k < draws; k++) {
      const w = [0, 1, 2].map(() => gaussian(next) / Math.sqrt(3))
      const [p, q] = [a, b].map((x) => x.reduce((sum, value, i) => sum + value * w[i], 0))
      if (p > 0 && q > 0) [products, both] = [products + p * q, both + 1]
    }
    const nngp = networkKernel('nngp', fromRows([a]), fromRows([b])).data[0]
    const ntk = networkKernel('ntk', fromRows([a]), fromRows([b])).data[0]
    // Four standard deviations of the means, each at most 2.2/√draws.
    expect(Math.abs(products / draws - nngp)).toBeLessThan(0.02)
    expect(Math.abs((both / draws) * (1.5 / 3) - (ntk - nngp))).toBeLessThan(0.005)
  })

  test.each(kernels)(
    '%s is symmetric, positive semidefinite, and homogeneous of degree one in each argument',
    (kernel) => {
      const X = randomMatrix(seededRandom(1), 20, 3)
      row(X, 3).set(row(X, 4))
      row(X, 5).fill(0)
      const K = networkKernel(kernel, X, X)
      for (let i = 0; i < 20; i++) for (let j = 0; j < i; j++) expect(K.data[i * 20 + j]).toBe(K.data[j * 20 + i])
      expect(eigh(K).values[0]).toBeGreaterThan(-1e-14)
      const double = matrix(20, 3, X.data.map((value) => 4 * value)) // biome-ignore format: short
      networkKernel(kernel, double, X).data.forEach((value, k) => expect(value).toBeCloseTo(4 * K.data[k], 12))
    },
  )

  test('nearly parallel rows keep their angle: the slope of the NTK at angle 0 is −1/(2π), halved in the plane', () => {
    const small = 1e-9
    const [A, B] = [fromRows([[1, 0]]), fromRows([[Math.cos(small), Math.sin(small)]])]
    const ntk = (left: Matrix, right: Matrix): number => networkKernel('ntk', left, right).data[0]
    expect((ntk(A, fromRows([[1, 0]])) - ntk(A, B)) / small).toBeCloseTo(1 / (4 * Math.PI), 6)
  })
})

describe('Gaussian processes', () => {
  test.each(kernels)(
    '%s: without a ridge the samples are interpolated, with a large one all is shrunk away',
    (kernel) => {
      const next = seededRandom(2)
      const [X, Y] = [randomMatrix(next, 12, 3), randomMatrix(next, 12, 2)]
      const exact = predictKernelModel(fitKernelModel(X, Y, { kernel, relativeRidge: 0 }), X)
      exact.data.forEach((value, k) => expect(value).toBeCloseTo(Y.data[k], 7))
      const shrunk = predictKernelModel(fitKernelModel(X, Y, { kernel, relativeRidge: 1e8 }), X)
      expect(Math.max(...shrunk.data.map(Math.abs))).toBeLessThan(1e-5)
    },
  )

  test.each(kernels)('%s solves its equations, and scaling the samples changes no prediction', (kernel) => {
    const next = seededRandom(4)
    const [X, Y, T] = [randomMatrix(next, 9, 2), randomMatrix(next, 9, 1), randomMatrix(next, 4, 2)]
    const model = fitKernelModel(X, Y, { kernel, relativeRidge: 0.1 })
    const fitted = predictKernelModel(model, X)
    fitted.data.forEach((value, i) => expect(value + model.ridge * model.weights.data[i]).toBeCloseTo(Y.data[i], 11))
    const by = (a: Matrix): Matrix => matrix(a.rows, a.cols, a.data.map((value) => 1000 * value)) // biome-ignore format: short
    const other = predictKernelModel(fitKernelModel(by(X), Y, { kernel, relativeRidge: 0.1 }), by(T))
    predictKernelModel(model, T).data.forEach((value, i) => expect(other.data[i]).toBeCloseTo(value, 11))
  })

  test('the largest output is the class, the first of equals', () => {
    const F = fromRows([[0.2, 0.9, 0.1], [1, 1, 0], [-3, -2, -1]]) // biome-ignore format: a matrix
    expect(Array.from(argmax(F))).toEqual([1, 0, 2])
    expect(accuracy(F, [1, 1, 2])).toBeCloseTo(2 / 3, 14)
  })

  test('what cannot be fitted is refused with the reason', () => {
    const X = fromRows([[1, 2], [2, 4]]) // biome-ignore format: a matrix
    const Y = fromRows([[1], [2]])
    expect(() => fitKernelModel(X, Y, { relativeRidge: 0 })).toThrow('singular to rounding; raise relativeRidge (0)')
    expect(() => fitKernelModel(X, Y, { relativeRidge: -1 })).toThrow('at least 0, got -1')
    expect(() => fitKernelModel(X, fromRows([[1]]))).toThrow('got 2 and 1')
    expect(() => fitKernelModel(X, fromRows([[1], [Number.NaN]]))).toThrow('Y must be finite, got NaN')
    expect(() => networkKernel('ntk', X, Y)).toThrow(InvalidProblemError)
    expect(() => accuracy(Y, [0])).toThrow('2 rows is needed, got 1')
  })
})
