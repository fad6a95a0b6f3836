import { describe, expect, test } from 'vitest'
import { toRows } from '../linalg/matrix.ts'
import {
  applyEncoding,
  encodedNames,
  encodedWidth,
  fitEncoding,
  isPlain,
  pickRawRows,
  type RawTable,
} from './encoding.ts'

const table: RawTable = {
  rows: 4,
  names: ['size', 'color'],
  columns: [
    [1, null, 4, 10],
    ['red', 'blue', null, 'red'],
  ],
}
const whole: RawTable = { rows: 2, names: ['a'], columns: [[3, 5]] }

describe('encoding', () => {
  test('columns of text become one 0/1 column per category, in a fixed order', () => {
    const colors = { rows: 3, names: ['color'], columns: [['red', 'blue', 'red']] }
    const encoding = fitEncoding(colors)
    expect(encodedNames(encoding, colors.names)).toEqual(['color=blue', 'color=red'])
    expect(toRows(applyEncoding(encoding, colors))).toEqual([
      [0, 1],
      [1, 0],
      [0, 1],
    ])
  })

  test.each([
    ['mean', 5],
    ['median', 4],
  ] as const)('a missing number becomes the %s of the others', (fill, expected) => {
    const encoding = fitEncoding(table, { fill, indicator: false })
    expect(toRows(applyEncoding(encoding, table))).toEqual([
      [1, 0, 1],
      [expected, 1, 0],
      [4, 0, 0],
      [10, 0, 1],
    ])
  })

  test('the indicator marks exactly the rows without a value, of columns that had such rows in training', () => {
    const encoding = fitEncoding(table, { fill: 'mean', indicator: true })
    expect(encodedNames(encoding, table.names)).toEqual([
      'size',
      'size missing',
      'color=blue',
      'color=red',
      'color missing',
    ])
    expect(toRows(applyEncoding(encoding, table)).map((row) => [row[1], row[4]])).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
      [0, 0],
    ])
    expect(encodedWidth(fitEncoding(whole, { fill: 'mean', indicator: true }))).toBe(1)
  })

  test('missing cells are an error unless asked otherwise, in training and later', () => {
    expect(() => fitEncoding(table)).toThrow('the column size must have a value in every row, got none in row 1')
    const encoding = fitEncoding(whole)
    expect(() => applyEncoding(encoding, { ...whole, columns: [[1, null]] })).toThrow('got none in row 1')
    expect(
      applyEncoding(fitEncoding(whole, { fill: 'median', indicator: false }), { ...whole, columns: [[1, null]] })
        .data[1],
    ).toBe(4)
  })

  test('a category that training rows did not have is 0 in all columns', () => {
    const encoding = fitEncoding(pickRawRows(table, [0, 3]))
    expect(toRows(applyEncoding(encoding, { rows: 1, names: table.names, columns: [[1], ['green']] }))).toEqual([
      [1, 0],
    ])
  })

  test('it copies numbers without missing cells, and says so', () => {
    expect(isPlain(fitEncoding(whole))).toBe(true)
    expect(isPlain(fitEncoding(whole, { fill: 'mean', indicator: false }))).toBe(false)
    expect(toRows(applyEncoding(fitEncoding(whole), whole))).toEqual([[3], [5]])
  })

  test('columns that mix, that are empty or that are others are named', () => {
    expect(() => fitEncoding({ rows: 2, names: ['a'], columns: [[1, 'x']] })).toThrow(
      'the column a must be all finite numbers or all text, got "x"',
    )
    expect(() => fitEncoding({ rows: 1, names: ['a'], columns: [[Number.NaN]] })).toThrow(
      'the column a must be all finite numbers',
    )
    expect(() => fitEncoding({ rows: 1, names: ['a'], columns: [[null]] }, { fill: 'mean', indicator: false })).toThrow(
      'must have a value, got none',
    )
    expect(() => applyEncoding(fitEncoding(whole), table)).toThrow('there must be 1 columns, got 2')
    expect(() => applyEncoding(fitEncoding(whole), { ...whole, columns: [['x', 1]] })).toThrow(
      'must hold finite numbers, got "x" in row 0',
    )
  })
})
