import { expect, test } from 'vitest'
import { gaussian, seededRandom } from '../random.ts'
import { choleskyInto, choleskySolveInto } from './cholesky.ts'
import { matrix, multiply, transpose } from './matrix.ts'

test('choleskySolveInto solves A x = b, also in place', () => {
  for (const n of [1, 2, 9]) {
    const random = seededRandom(n)
    const factor = matrix(
      n,
      n,
      Float64Array.from({ length: n * n }, () => gaussian(random)),
    )
    const A = multiply(factor, transpose(factor))
    for (let k = 0; k < n; k++) A.data[k * n + k] += 1
    const solution = Float64Array.from({ length: n }, () => gaussian(random))
    const b = multiply(A, matrix(n, 1, solution)).data
    const l = new Float64Array(n * n)
    expect(choleskyInto(A, l)).toBe(true)
    choleskySolveInto(l, n, b, b)
    b.forEach((value, k) => expect(value).toBeCloseTo(solution[k], 11))
  }
})
