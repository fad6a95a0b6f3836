import { expect, test } from 'vitest'
import { multiplyTransposed } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { createPacer } from '../pacer.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { seededRandom } from '../random.ts'
import { gramInTurns } from './gram.ts'

// 32 rows a slice at 600 columns: one slice and a part, exactly two, one row more.
test.each([[0, 3], [5, 0], [1, 1], [40, 7], [50, 600], [64, 600], [65, 600]])('AᵀA of %i × %i, whatever the slices', async (n, k) => {
  const A = randomMatrix(seededRandom(n + k), n, k)
  const [expected, found] = [multiplyTransposed(A, A), await gramInTurns(A, createPacer())]
  expect([found.rows, found.cols]).toEqual([k, k])
  expect(norm2(found.data.map((value, q) => value - expected.data[q]))).toBeLessThanOrEqual(1e-12 * norm2(expected.data))
}) // biome-ignore format: a list
