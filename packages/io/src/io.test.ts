import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classIndices, classLabels, distinctClasses, labelKind } from './classes.ts'
import { parseCsv } from './csv.ts'
import { planted, spiral } from './generate.ts'
import { nearest } from './nearest.ts'
import { writeCsv, writeJsonRows } from './write.ts'

describe('classes', () => {
  const read = (...cells: string[]) => {
    const table = parseCsv(`y,x\n${cells.map((cell) => `${cell},0\n`).join('')}`, { file: 'c.csv' })
    return classLabels(table, 0, labelKind(table, 0))
  }

  test('integers written in several ways are one class, and classes are sorted by size', () => {
    expect(distinctClasses(read('10', '2', '2.0', '1e1', '-0'))).toEqual([0, 2, 10])
  })

  test('text labels are trimmed and sorted by code unit', () => {
    expect(distinctClasses(read('b', ' a ', 'B', 'none'))).toEqual(['B', 'a', 'b', 'none'])
  })

  test('a fraction is no class and an empty cell is no label', () => {
    expect(() => read('1', '1.5')).toThrow('c.csv, row 3, column "y": expected an integer class, found "1.5"')
    expect(() => read('a', '')).toThrow('c.csv, row 3, column "y": expected a class, the cell is empty')
    expect(() => read('a', 'N/A')).toThrow('found "N/A"')
  })

  test('a class that was never seen is named with its row', () => {
    const table = parseCsv('y,x\nred,1\nblue,2\n', { file: 'c.csv' })
    const labels = classLabels(table, 0, 'text')
    expect(classIndices(labels, ['blue', 'red'], { table, column: 0 })).toEqual([1, 0])
    expect(() => classIndices(labels, ['red'], { table, column: 0 })).toThrow(
      'c.csv, row 3, column "y": the model never saw the class "blue"',
    )
  })
})

describe('writing', () => {
  test('cells are quoted only where reading back needs it', () => {
    expect(
      writeCsv(
        ['a', 'b c'],
        [
          ['x,y', 1.5],
          ['say "hi"', -0],
          ['', 1e-7],
        ],
      ),
    ).toBe('a,b c\n"x,y",1.5\n"say ""hi""",-0\n,1e-7\n')
  })

  test('any text survives being written and read', () => {
    const cell = fc.string({ unit: 'grapheme' }).filter((text) => !/[\0\r]/.test(text) && text === text.trim())
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const table = parseCsv(writeCsv(['a', 'b'], rows), { delimiter: ',' })
        expect(rows.map((_, i) => [table.columns[0][i], table.columns[1][i]])).toEqual(rows)
      }),
    )
  })

  test('JSON rows are one array, readable by line, with null for what JSON cannot write', () => {
    const text = writeJsonRows(
      ['y', 'class'],
      [
        [0.1, 'a'],
        [Number.POSITIVE_INFINITY, 'b'],
      ],
    )
    expect(text.split('\n')).toHaveLength(5)
    expect(JSON.parse(text)).toEqual([
      { y: 0.1, class: 'a' },
      { y: null, class: 'b' },
    ])
    expect(JSON.parse(writeJsonRows(['y'], []))).toEqual([])
  })
})

describe('generated data', () => {
  test('a spiral has its arms in order, every arm starts in the origin, and no noise means the exact curve', () => {
    const { X, labels } = spiral(() => 0)
    expect([X.rows, X.cols]).toEqual([60, 2])
    expect(labels.filter((label) => label === 2)).toHaveLength(20)
    for (const start of [0, 20, 40]) expect(Math.hypot(X.data[2 * start], X.data[2 * start + 1])).toBe(0)
    expect(Math.hypot(X.data[118], X.data[119])).toBeCloseTo(0.5, 15)
  })

  test('planted outputs without noise are positively homogeneous in the inputs of one network', () => {
    let state = 1
    const normal = (): number => Math.sin(state++)
    const { X, Y } = planted(normal, { n: 7, d: 3, c: 2, neurons: 4 })
    expect([X.rows, X.cols, Y.rows, Y.cols]).toEqual([7, 3, 7, 2])
    expect(Y.data.some((value) => value !== 0)).toBe(true)
  })
})

test('the nearest name is offered only when it is near', () => {
  expect(nearest('petal_lenght', ['petal_length', 'petal_width'])).toBe('petal_length')
  expect(nearest('Age', ['age'])).toBe('age')
  expect(nearest('y', ['petal_length', 'petal_width'])).toBeUndefined()
})
