import fc from 'fast-check'
import { expect, test } from 'vitest'
import { multiplyTransposed } from '../../linalg/matrix.ts'
import { seededRandom } from '../../random.ts'
import { kinds, questionOfKind } from '../pricing.fixtures.ts'
import { coneContext, type ConeContext, type ConeKernel } from './cone.ts'
import { orthant } from './cone.fixtures.ts'
import { coneKernelConformance } from './cone-kernel.conformance.ts'
import { plainKernel } from './plain-kernel.ts'
import { wasmKernel } from './wasm-kernel.ts'

function compiled(context: ConeContext): ConeKernel {
  const kernel = wasmKernel(context)
  if (!kernel) throw new Error('the strict kernels run wherever these tests do')
  return kernel
}

coneKernelConformance(compiled)

test('the compiled cones are the plain ones, up to the order of sums', () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.integer(),
        kind: fc.constantFrom(...kinds),
        n: fc.integer({ min: 1, max: 40 }),
        r: fc.integer({ min: 2, max: 7 }),
        c: fc.integer({ min: 1, max: 5 }),
      }),
      ({ seed, kind, n, r, c }) => {
        const random = seededRandom(seed)
        const { problem, Z } = questionOfKind(kind, random, n, r, c)
        const { Xr } = problem.reduction
        if (Xr.cols < 2) return
        const context = coneContext(Xr, Z, multiplyTransposed(Xr, Xr))
        const [plain, wasm] = [plainKernel(context), compiled(context)]
        const W = orthant(random, Xr.cols)
        const sign = c === 1 ? 1 : 0
        let [left, right] = [plain.root(W, sign, 0), wasm.root(W, sign, 0)]
        const close = (a: number, b: number): void =>
          expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * (1e-3 + Math.abs(b)))
        for (let depth = 0; depth < 8; depth++) {
          expect(right.crossing).toEqual(left.crossing)
          close(right.bound, left.bound)
          close(right.value, left.value)
          for (const part of ['generators', 'active'] as const)
            left[part].forEach((value, k) => close(right[part][k], value))
          if (!left.cut || !right.cut) return
          const which = random() < 0.5 ? 0 : 1
          const cut = left.cut
          ;[left, right] = [plain.split(left, cut, 0)[which], wasm.split(left, cut, 0)[which]]
        }
      },
    ),
    { numRuns: 300 },
  )
})
