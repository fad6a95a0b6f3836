import { describe, expect, test } from 'vitest'
import { type Cell, cellCount, isActive, patternKey } from '../arrangement.ts'
import { fromRows, type Matrix, matrix, multiplyVector } from '../linalg/matrix.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, randomMatrix, umbrellaFixture } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { cellSteps, enumerateCells, streamCells } from './enumerate.ts'
import { facetsOf, wallsOf } from './facets.ts'
import { sampleCells } from './sample.ts'

const keys = (cells: readonly Cell[]): Set<string> => new Set(cells.map(({ pattern }) => patternKey(pattern)))

const shapes: [n: number, r: number][] = [
  [1, 1],
  [5, 1],
  [1, 2],
  [40, 2],
  [12, 3],
  [9, 4],
]

describe('cells one after the other', () => {
  test.each(shapes)('%i hyperplanes in R^%i: each cell once, and all of them', async (n, r) => {
    const X = randomMatrix(seededRandom(n + r), n, r)
    const streamed: Cell[] = []
    for await (const cell of streamCells(X)) streamed.push(cell)
    expect(streamed).toHaveLength(cellCount(n, r))
    expect(keys(streamed)).toEqual(keys(enumerateCells(X).cells))
    expect(keys(streamed).size).toBe(streamed.length)
  })

  test('the first cells of an arrangement with 10¹⁰ of them are there at once', () => {
    const X = randomMatrix(seededRandom(3), 300, 6)
    expect(cellCount(300, 6)).toBeGreaterThan(1e10)
    const found: Cell[] = []
    for (const cell of cellSteps(X)) if (cell !== undefined && found.push(cell) === 20) break
    expect(keys(found).size).toBe(20)
  })

  test('an aborted stream ends', async () => {
    const controller = new AbortController()
    let count = 0
    for await (const _ of streamCells(
      randomMatrix(seededRandom(4), 30, 4),
      createPacer({ signal: controller.signal }),
    )) {
      if (++count === 5) controller.abort()
    }
    expect(count).toBe(5)
  })

  test('two thousand lines in the plane make four thousand sectors', () => {
    expect(enumerateCells(randomMatrix(seededRandom(5), 2000, 2)).cells).toHaveLength(4000)
  })

  test('lines in the plane closer than the thinnest sector are told by `overlooked`', () => {
    const { cells, overlooked } = enumerateCells(fromRows([[1, 0], [1, 1e-9], [0, 1]])) // biome-ignore format: a matrix
    expect(cells).toHaveLength(4)
    expect(overlooked).toBeGreaterThanOrEqual(1e-9)
    expect(overlooked).toBeLessThan(1.1e-9)
  })
})

describe('facets', () => {
  test.each([
    [7, 2],
    [8, 3],
    [7, 4],
    [7, 5],
  ])('%i hyperplanes of general position in R^%i: each facet belongs to two cells', (n, r) => {
    const X = randomMatrix(seededRandom(n * r), n, r)
    const total = enumerateCells(X).cells.reduce((sum, { pattern }) => sum + facetsOf(X, pattern).length, 0)
    // A hyperplane is cut by the others into the cells of an arrangement of its own.
    expect(total).toBe(2 * n * cellCount(n - 1, r - 1))
  })

  test('a cell in the plane has two facets, one sample each, whatever is parallel to them', () => {
    const { X } = planarFixture
    const doubled = matrix(12, 2, Float64Array.of(...X.data, ...X.data.map((value) => -3 * value)))
    for (const { pattern } of enumerateCells(doubled).cells) expect(facetsOf(doubled, pattern)).toHaveLength(2)
  })

  test('coordinate planes: every orthant has r facets; one hyperplane: one', () => {
    const planes = fromRows([[1, 0, 0], [0, 2, 0], [0, 0, -1]]) // biome-ignore format: a matrix
    for (const { pattern } of enumerateCells(planes).cells) expect(facetsOf(planes, pattern)).toEqual([0, 1, 2])
    const plane = fromRows([[1, 2, 3]])
    for (const { pattern } of enumerateCells(plane).cells) expect(facetsOf(plane, pattern)).toEqual([0])
  })

  test('the umbrella has cells with five facets', () => {
    const counts = enumerateCells(umbrellaFixture.X).cells.map(
      ({ pattern }) => facetsOf(umbrellaFixture.X, pattern).length,
    )
    expect(Math.max(...counts)).toBe(5)
  })

  test('what the facets allow, all samples allow', () => {
    const random = seededRandom(8)
    const X = randomMatrix(random, 12, 3)
    for (const { pattern, interior } of enumerateCells(X).cells) {
      const facets = wallsOf(X, pattern, facetsOf(X, pattern))
      for (let k = 0; k < 30; k++) {
        const u = randomMatrix(random, 1, 3).data.map((value, q) => interior[q] + value)
        const sides = multiplyVector(facets, u)
        if (Math.min(...sides) > 0) expect(Math.min(...multiplyVector(wallsOf(X, pattern), u))).toBeGreaterThan(-1e-9)
      }
    }
  })
})

describe('sampled patterns', () => {
  const sampled = (X: Matrix, draws: number): Cell[] => sampleCells(X, seededRandom(6), { draws })

  test('are patterns of the arrangement, each once, and never the empty one', () => {
    const X = randomMatrix(seededRandom(7), 10, 3)
    const all = keys(enumerateCells(X).cells)
    const found = sampled(X, 400)
    expect(keys(found).size).toBe(found.length)
    for (const key of keys(found)) expect(all).toContain(key)
    expect(found.length).toBeGreaterThan(40)
    expect(
      found.every(({ pattern }) => Array.from({ length: 10 }, (_, i) => i).some((i) => isActive(pattern, i))),
    ).toBe(true)
  })

  test('with enough draws all wide cells are found: twelve in the plane', () => {
    // None of the twelve is the empty pattern: the rows surround the origin.
    expect(keys(sampled(planarFixture.X, 5000))).toEqual(keys(enumerateCells(planarFixture.X).cells))
  })

  test('stop at maxCells, and depend on the generator alone', () => {
    const X = randomMatrix(seededRandom(9), 20, 4)
    const five = sampleCells(X, seededRandom(1), { maxCells: 5 })
    expect(five).toHaveLength(5)
    expect(sampleCells(X, seededRandom(1), { maxCells: 5 })).toEqual(five)
  })
})
