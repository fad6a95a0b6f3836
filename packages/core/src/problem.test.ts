import { describe, expect, test } from 'vitest'
import { InvalidProblemError } from './errors.ts'
import { fromRows, matrix, toRows } from './linalg/matrix.ts'
import { createProblem, dataHash, withBeta } from './problem.ts'

const X = [
  [1, 2],
  [3, 4],
  [5, 6],
]
const Y = [1, 2, 3]

describe('createProblem', () => {
  test('takes rows, matrices and flat numbers with a shape, and a list as one output', () => {
    const flat = { data: [1, 2, 3, 4, 5, 6], rows: 3, cols: 2 }
    for (const given of [X, fromRows(X), flat]) expect(toRows(createProblem({ X: given, Y, beta: 1 }).X)).toEqual(X)
    expect(toRows(createProblem({ X, Y, beta: 1 }).Y)).toEqual([[1], [2], [3]])
    expect(toRows(createProblem({ X, Y: X, beta: 1 }).Y)).toEqual(X)
  })

  test('bias appends a last column of ones', () => {
    expect(toRows(createProblem({ X, Y, beta: 1, bias: true }).X)).toEqual(X.map((values) => [...values, 1]))
  })

  test('the data are copied: later changes to the input do not reach the problem', () => {
    const given = fromRows(X)
    const problem = createProblem({ X: given, Y, beta: 1 })
    given.data[0] = 99
    expect(problem.X.data[0]).toBe(1)
  })

  test('constant zero data are a problem like any other, of rank 0', () => {
    expect(createProblem({ X: matrix(3, 2), Y, beta: 1 }).reduction.rank).toBe(0)
  })

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('rejects beta = %d', (beta) => {
    const message = `createProblem: beta must be a positive finite number, got ${beta}`
    expect(() => createProblem({ X, Y, beta })).toThrow(new InvalidProblemError(message))
  })

  const bad: readonly [string, unknown, unknown, string][] = [
    ['no rows', [], Y, 'X must have rows and columns, got 0 × 0'],
    ['no columns', [[], [], []], Y, 'X must have rows and columns, got 3 × 0'],
    ['no targets', X, [], 'Y must have rows and columns, got 0 × 0'],
    ['ragged rows', [[1, 2], [3]], Y, 'every row of X must have 2 numbers, got 1 in row 1'],
    [
      'NaN',
      [
        [1, 2],
        [3, Number.NaN],
      ],
      Y,
      'X must be finite numbers, got NaN in row 1, column 1',
    ],
    ['infinity', X, [1, Number.NEGATIVE_INFINITY, 2], 'Y must be finite numbers, got -Infinity in row 1, column 0'],
    ['text', [[1, '2']], Y, "X must be finite numbers, got '2' in row 0, column 1"],
    ['missing values', [[1, undefined]], Y, 'X must be finite numbers, got undefined in row 0, column 1'],
    ['other lengths', X, [1, 2], 'X and Y must have equally many rows, got 3 and 2'],
    ['a wrong shape', { data: [1, 2, 3], rows: 2, cols: 2 }, Y, 'X of 2 × 2 needs 4 numbers, got 3'],
    ['half rows', { data: [1, 2, 3], rows: 1.5, cols: 2 }, Y, 'X of 1.5 × 2 needs 3 numbers, got 3'],
  ]
  test.each(bad)('rejects %s', (_, badX, badY, message) => {
    const spec = { X: badX, Y: badY, beta: 1 } as Parameters<typeof createProblem>[0]
    expect(() => createProblem(spec)).toThrow(new InvalidProblemError(`createProblem: ${message}`))
  })
})

test('withBeta shares the data, so that bounds proven on them still apply', () => {
  const problem = createProblem({ X, Y, beta: 1 })
  const other = withBeta(problem, 2)
  expect(other).toEqual({ ...problem, beta: 2 })
  expect(other.X).toBe(problem.X)
  expect(() => withBeta(problem, 0)).toThrow('withBeta: beta must be a positive finite number, got 0')
})

describe('dataHash', () => {
  const hash = (a: number[][], b: number[][]): string => dataHash(fromRows(a), fromRows(b))
  const base = hash(X, [[1], [2], [3]])

  test('is 64 bits in hexadecimal and the same on every machine', () => {
    expect(base).toBe('227de39016b77068')
  })

  test('sees the last bit, the order, the shape, and which matrix a number is in', () => {
    const others = [
      hash([[1, 2 + 4.5e-16], ...X.slice(1)], [[1], [2], [3]]),
      hash([X[1], X[0], X[2]], [[1], [2], [3]]),
      hash([[1, 2, 3, 4, 5, 6]], [[1], [2], [3]]),
      hash(X, [[1, 2, 3]]),
      hash([[1], [2], [3]], X),
    ]
    expect(new Set([base, ...others]).size).toBe(others.length + 1)
  })

  test('does not tell −0 from 0', () => {
    expect(hash([[-0]], [[1]])).toBe(hash([[0]], [[1]]))
  })
})
