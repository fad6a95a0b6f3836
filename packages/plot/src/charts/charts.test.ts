import { describe, expect, test } from 'vitest'
import { corners, elements, places } from '../plot.fixtures.ts'
import { bars } from './bars.ts'
import { field } from './field.ts'
import { heatmap } from './heatmap.ts'
import { type Grid, onGrid } from './plane.ts'
import { regions } from './regions.ts'
import { scatter } from './scatter.ts'

const sizes = (svg: string, mark: string, attribute: string): number[] =>
  elements(svg, `g[aria-label="${mark}"] rect`).map((one) => Number(one.getAttribute(attribute)))

describe('bars', () => {
  test('heights are as the values, and a value that is none has no bar', () => {
    const [one, two, three] = sizes(bars({ values: [4, 2, 1, Number.NaN] }), 'rect', 'height')
    expect(one / two).toBeCloseTo(2, 1)
    expect(one / three).toBeCloseTo(4, 1)
    expect(sizes(bars({ values: [4, 2, 1, Number.NaN] }), 'rect', 'height')).toHaveLength(3)
  })

  test('named bars of one name are two bars', () => {
    const svg = bars({ values: [3, 1], names: ['same', 'same'] })
    const [long, short] = sizes(svg, 'bar', 'width')
    expect(long / short).toBeCloseTo(3, 1)
    expect(elements(svg, 'text').filter((one) => one.textContent === 'same')).toHaveLength(2)
  })
})

describe('scatter', () => {
  test('has a point per pair and a ring per ringed one', () => {
    const group = { x: [1, 2, 3, Number.NaN], y: [1, 4, 9, 16], ringed: [false, true, false, true] }
    expect(places(scatter({ groups: [group] }))).toHaveLength(3 + 1)
  })

  test('on the diagonal both coordinates are equal', () => {
    const svg = scatter({ groups: [{ x: [0, 10], y: [0, 10] }], diagonal: true })
    const [line] = corners(svg, 'line')
    const [from, to] = places(svg)
    expect(line[0][0]).toBeCloseTo(from[0], 1)
    expect(line[1][1]).toBeCloseTo(to[1], 1)
  })

  test('equal units are equally long on both axes', () => {
    const svg = scatter({ groups: [{ x: [0, 10, 0], y: [0, 0, 10] }], equal: true })
    const [origin, right, up] = places(svg)
    expect(right[0] - origin[0]).toBeCloseTo(origin[1] - up[1], 0)
  })

  test('with equal units, points in a line still have a figure around them', () => {
    const height = (y: number[]): number =>
      Number(elements(scatter({ groups: [{ x: [0, 10], y }], equal: true }), 'svg')[0].getAttribute('height'))
    expect(height([0, 1e-9])).toBeGreaterThan(200)
    expect(height([0, 1e9])).toBeLessThan(1600)
  })
})

describe('heatmap', () => {
  const table = { rows: ['a', 'b'], columns: ['p', 'q', 'r'] }

  test('has a cell per finite value, and the number in it', () => {
    const svg = heatmap({ ...table, values: [1, 2, 3, 4, Number.NaN, 6] })
    expect(elements(svg, 'g[aria-label="cell"] rect')).toHaveLength(5)
    expect(elements(svg, 'text').map((one) => one.textContent)).toEqual(
      expect.arrayContaining(['1', '2', '3', '4', '6']),
    )
  })

  test('equal values are one colour, also when all are equal', () => {
    const colors = (values: number[]): (string | null)[] =>
      elements(heatmap({ ...table, values }), 'g[aria-label="cell"] rect').map((one) => one.getAttribute('fill'))
    expect(new Set(colors([7, 7, 7, 7, 7, 7])).size).toBe(1)
    expect(new Set(colors([1, 2, 1, 2, 1, 2])).size).toBe(2)
  })

  test('a wrong number of values says what is needed', () => {
    expect(() => heatmap({ ...table, values: [1] })).toThrow(
      'heatmap: values must be 2 × 3 numbers, as rows and columns, got 1',
    )
  })
})

describe('over the plane', () => {
  const grid: Grid = { x: [-2, 2], y: [0, 1], columns: 40, rows: 10 }

  test('a grid is visited in the middle of its cells, from the low end of y', () => {
    const seen: number[] = []
    onGrid({ x: [0, 2], y: [0, 4], columns: 2, rows: 2 }, (x, y) => seen.push(x, y))
    expect(seen).toEqual([0.5, 1, 1.5, 1, 0.5, 3, 1.5, 3])
  })

  test('a class owns the side on which its score is larger', () => {
    const scores = [onGrid(grid, (x) => x - 1), onGrid(grid, (x) => 1 - x)]
    const svg = regions({ grid, scores, names: ['right', 'left'] })
    const [right, left] = corners(svg, 'contour').map((path) => path.map(([x]) => x))
    const frame = { low: 60, high: 640 - 24 }
    const border = frame.low + (3 / 4) * (frame.high - frame.low)
    expect(Math.min(...right)).toBeCloseTo(border, 0)
    expect(Math.max(...left)).toBeCloseTo(border, 0)
    expect(Math.max(...right)).toBeCloseTo(frame.high, 0)
  })

  test('y grows upwards', () => {
    const svg = regions({
      grid,
      scores: [onGrid(grid, (_, y) => y - 0.9), onGrid(grid, () => 0)],
      names: ['top', 'rest'],
    })
    const [top, rest] = corners(svg, 'contour').map((path) => Math.max(...path.map(([, y]) => y)))
    expect(top).toBeLessThan(rest)
  })

  test('the bands of a field are nested, and points outside the plane are cut off', () => {
    const svg = field({
      grid,
      values: onGrid(grid, (x) => x),
      levels: 4,
      groups: [{ x: [0], y: [0.5], z: [100] }],
      segments: [{ x1: -2, y1: 0, x2: 2, y2: 1 }],
      segmentName: 'kink',
    })
    const ends = corners(svg, 'contour').map((path) => Math.min(...path.map(([x]) => x)))
    expect(ends.toSorted((a, b) => a - b)).toEqual(ends)
    expect(elements(svg, 'text').map((one) => one.textContent)).toContain('kink')
    expect(elements(svg, 'clipPath').length).toBeGreaterThan(0)
  })

  test('values that do not fill the grid are refused', () => {
    expect(() => field({ grid, values: [1, 2] })).toThrow('a grid of 40 × 10 needs 400 values, got 2')
  })
})
