import { expect, test } from 'vitest'
import { seededRandom } from '../random.ts'
import { matrix, multiply, multiplyTransposedVector, transpose } from './matrix.ts'
import { inverseFrom, solveLower, solveTransposedInto } from './triangular.ts'

test.each([0, 1, 5, 48, 49, 130])('L times what it gives is B, order %i', (n) => {
  const next = seededRandom(n)
  const L = matrix(n, n)
  for (let i = 0; i < n; i++) for (let k = 0; k <= i; k++) L.data[i * n + k] = k === i ? 1 + next() : next() - 0.5
  const B = matrix(n, 3, Float64Array.from({ length: 3 * n }, next))
  const back = multiply(L, solveLower(L, B))
  for (let k = 0; k < B.data.length; k++) expect(Math.abs(back.data[k] - B.data[k])).toBeLessThan(1e-9)
  const unit = multiply(inverseFrom(L), multiply(L, transpose(L)))
  unit.data.forEach((value, k) => expect(Math.abs(value - (k % (n + 1) === 0 ? 1 : 0))).toBeLessThan(1e-9))
  const b = Float64Array.from({ length: n }, next)
  const x = b.slice()
  solveTransposedInto(L, x)
  multiplyTransposedVector(L, x).forEach((value, i) => expect(Math.abs(value - b[i])).toBeLessThan(1e-9))
})

test('shapes that do not fit are refused', () => {
  expect(() => solveLower(matrix(2, 2), matrix(3, 1))).toThrow('needs n × n and n × k, got 2 × 2 and 3 × 1')
})
