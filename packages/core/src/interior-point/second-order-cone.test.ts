import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dot } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { gaussian, seededRandom } from '../random.ts'
import {
  coneScaling,
  hyperbolic,
  jordanProduct,
  jordanQuotient,
  longestStep,
  scale,
  unscale,
} from './second-order-cone.ts'

/** A point of the open cone, at some distance from its boundary, and any vector. */
const cases = fc.record({
  seed: fc.integer(),
  order: fc.integer({ min: 2, max: 6 }),
  depth: fc.constantFrom(1, 1e-2, 1e-4),
})

function inside(random: () => number, order: number, depth: number): Float64Array {
  const out = Float64Array.from({ length: order }, () => gaussian(random))
  out[0] = norm2(out.subarray(1)) * (1 + depth) + depth
  return out
}

function expectNear(a: Float64Array, b: Float64Array, relative: number): void {
  expect(norm2(a.map((value, k) => value - b[k]))).toBeLessThanOrEqual(relative * (norm2(a) + norm2(b)))
}

test('the scaling takes z to W⁻¹ s, and W⁻¹ undoes W', () => {
  fc.assert(
    fc.property(cases, ({ seed, order, depth }) => {
      const random = seededRandom(seed)
      const [s, z] = [inside(random, order, depth), inside(random, order, depth)]
      const scaling = coneScaling(s, z)
      const precision = 1e-13 / depth ** 2
      expectNear(scale(scaling, z), unscale(scaling, s), precision)
      expect(Math.abs(dot(scaling.lambda, scaling.lambda) - dot(s, z))).toBeLessThanOrEqual(precision * dot(s, z))
      const v = Float64Array.from({ length: order }, () => gaussian(random))
      expectNear(unscale(scaling, scale(scaling, v)), v, precision)
    }),
  )
})

test('the quotient undoes the Jordan product', () => {
  fc.assert(
    fc.property(cases, ({ seed, order, depth }) => {
      const random = seededRandom(seed)
      const lambda = inside(random, order, depth)
      const v = Float64Array.from({ length: order }, () => gaussian(random))
      expectNear(jordanQuotient(lambda, jordanProduct(lambda, v)), v, 1e-13 / depth ** 2)
    }),
  )
})

test('the longest step ends on the boundary of the cone, or there is none', () => {
  fc.assert(
    fc.property(cases, ({ seed, order, depth }) => {
      const random = seededRandom(seed)
      const lambda = inside(random, order, depth)
      const d = Float64Array.from({ length: order }, () => gaussian(random))
      const length = longestStep(lambda, d)
      const at = (step: number): Float64Array => lambda.map((value, k) => value + step * d[k])
      if (length === Number.POSITIVE_INFINITY) {
        expect(hyperbolic(at(1e3))).toBeGreaterThan(0)
      } else {
        const end = at(length)
        expect(Math.abs(end[0] - norm2(end.subarray(1)))).toBeLessThanOrEqual(1e-9 * (norm2(end) + norm2(lambda)))
        expect(hyperbolic(at(0.999 * length))).toBeGreaterThan(0)
      }
    }),
  )
})
