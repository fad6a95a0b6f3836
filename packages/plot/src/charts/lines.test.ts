import { describe, expect, test } from 'vitest'
import { corners, elements, places } from '../plot.fixtures.ts'
import { palette } from '../theme.ts'
import { lines } from './lines.ts'

const texts = (svg: string): string[] => elements(svg, 'text').map((one) => one.textContent ?? '')

describe('lines', () => {
  test('equal steps of the data are equal steps in the figure', () => {
    const [curve] = corners(lines({ series: [{ x: [0, 1, 2], y: [5, 7, 9] }] }), 'line')
    expect(curve).toHaveLength(3)
    const [[x0, y0], [x1, y1], [x2, y2]] = curve
    expect(x1 - x0).toBeCloseTo(x2 - x1, 1)
    expect(y0 - y1).toBeCloseTo(y1 - y2, 1)
    expect(y1).toBeLessThan(y0)
  })

  test('equal factors are equal steps on logarithmic axes', () => {
    const log = { scale: 'log' } as const
    const [curve] = corners(lines({ x: log, y: log, series: [{ x: [1, 10, 100], y: [1e-8, 1e-4, 1] }] }), 'line')
    const [[x0, y0], [x1, y1], [x2, y2]] = curve
    expect(x1 - x0).toBeCloseTo(x2 - x1, 1)
    expect(y0 - y1).toBeCloseTo(y1 - y2, 1)
  })

  test('what has no place on the axis is a gap, not a value', () => {
    const y = [1, 10, 0, 100, -3, Number.NaN, 10, 20]
    const x = Array.from(y.keys())
    const svg = lines({ y: { scale: 'log' }, series: [{ x, y }] })
    const path = elements(svg, 'g[aria-label="line"] path')[0].getAttribute('d') ?? ''
    expect(path.match(/M/g)).toHaveLength(3)
    expect(path).not.toMatch(/NaN|Infinity/)
  })

  test('a step holds its value until the next', () => {
    const path = elements(lines({ series: [{ x: [0, 1], y: [0, 1], line: 'step' }] }), 'g[aria-label="line"] path')[0]
    const numbers = path.getAttribute('d')
    const [straight] = corners(lines({ series: [{ x: [0, 1], y: [0, 1] }] }), 'line')
    expect(numbers).toBe(`M${straight[0].join()}L${straight[1][0]},${straight[0][1]}L${straight[1].join()}`)
  })

  test('series differ in colour, in dash and in symbol', () => {
    const series = Array.from({ length: 3 }, (_, k) => ({
      name: `s${k}`,
      x: [0, 1],
      y: [k, k],
      markers: 'filled' as const,
    }))
    const svg = lines({ series })
    const drawn = elements(svg, 'g[aria-label="line"]').slice(-3)
    expect(drawn.map((one) => one.getAttribute('stroke'))).toEqual(palette.slice(0, 3))
    expect(new Set(drawn.map((one) => one.getAttribute('stroke-dasharray'))).size).toBe(3)
    expect(texts(svg)).toEqual(expect.arrayContaining(['s0', 's1', 's2']))
  })

  test('a single series needs no legend, and series of one name share an entry', () => {
    expect(texts(lines({ series: [{ name: 'alone', x: [0, 1], y: [0, 1] }] }))).not.toContain('alone')
    const twice = ['a', 'a', 'b'].map((name) => ({ name, x: [0, 1], y: [0, 1] }))
    expect(texts(lines({ series: twice })).filter((text) => text === 'a')).toHaveLength(1)
  })

  test('markers without a line are one per value', () => {
    const svg = lines({ series: [{ x: [0, 1, 2, 3], y: [0, 1, Number.NaN, 2], line: 'none' }] })
    expect(elements(svg, 'g[aria-label="line"]')).toHaveLength(0)
    expect(places(svg)).toHaveLength(3)
  })

  test('references and points are inside the figure even where no curve reaches', () => {
    const svg = lines({
      series: [{ x: [0, 1], y: [0, 1] }],
      references: [{ axis: 'y', value: 50, label: 'β = 50' }],
      points: [{ x: 9, y: -20, label: 'here' }],
    })
    expect(texts(svg)).toEqual(expect.arrayContaining(['β = 50', 'here']))
    const height = Number(elements(svg, 'svg')[0].getAttribute('height'))
    const rule = Number(elements(svg, 'g[aria-label="rule"] line')[0].getAttribute('y1'))
    const [[x, y]] = places(svg)
    for (const place of [rule, y]) expect(0 < place && place < height).toBe(true)
    expect(x).toBeLessThan(640)
  })

  test('nothing to draw is an empty figure with axes', () => {
    const svg = lines({ series: [], x: { label: 'time', unit: 's' } })
    expect(texts(svg)).toContain('time (s)')
  })
})
