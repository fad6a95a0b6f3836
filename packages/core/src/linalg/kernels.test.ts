import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { gaussian, seededRandom } from '../random.ts'
import { kernels, loadKernels, newKernels } from './kernels.ts'

const strict = kernels('strict')!

describe('loading', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  test('the instance of a build is shared, new ones have memory of their own', () => {
    expect(kernels('strict')).toBe(strict)
    const [one, other] = [newKernels('strict')!, newKernels('strict')!]
    const at = one.copyIn(Float64Array.of(1, 2, 3))
    other.copyIn(Float64Array.of(4, 5, 6))
    expect(one.doubles(at, 3)).toEqual(Float64Array.of(1, 2, 3))
  })

  test('without WebAssembly there are no kernels', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    const fresh = await import('./kernels.ts')
    expect(fresh.kernels('strict')).toBeNull()
    expect(await fresh.loadKernels()).toEqual([])
  })

  test('a host that refuses to compile at once has kernels after loading', async () => {
    class Refused {
      constructor() {
        throw new RangeError('too large for the main thread')
      }
    }
    vi.stubGlobal('WebAssembly', { ...webAssembly(), Module: Refused })
    const fresh = await import('./kernels.ts')
    expect(fresh.kernels('strict')).toBeNull()
    expect(await fresh.loadKernels()).toContain('strict')
    expect(fresh.kernels('strict')).not.toBeNull()
  })

  test('the strict build is there wherever these tests run', async () => {
    expect(await loadKernels()).toContain('strict')
  })
})

describe('memory', () => {
  test('what is reserved does not overlap, lies at cache lines, and is released at the end of its frame', () => {
    const sizes = fc.array(fc.nat({ max: 300 }), { maxLength: 12 })
    fc.assert(
      fc.property(sizes, (counts) => {
        const before = strict.calls.mark()
        strict.within(() => {
          const places = counts.map((count) => strict.copyIn(new Float64Array(count).fill(count)))
          places.forEach((place, k) => {
            expect(place % 64).toBe(0)
            expect(strict.doubles(place, counts[k])).toEqual(new Float64Array(counts[k]).fill(counts[k]))
          })
        })
        expect(strict.calls.mark()).toBe(before)
      }),
    )
  })

  test('growing keeps what is there, and detaches views of it', () => {
    const own = newKernels('strict')!
    const place = own.copyIn(Float64Array.of(1, 2, 3))
    const view = own.doubles(place, 3)
    own.reserve(2 ** 22)
    expect(view.length).toBe(0)
    expect(own.doubles(place, 3)).toEqual(Float64Array.of(1, 2, 3))
  })

  test('a frame that throws is released, and no memory is an error that says so', () => {
    const own = newKernels('strict')!
    const before = own.calls.mark()
    for (const bytes of [2 ** 40, 2 ** 32 - 1, Number.NaN]) {
      expect(() => own.within(() => [own.reserve(8), own.reserve(bytes)])).toThrow(RangeError)
    }
    expect(own.calls.mark()).toBe(before)
  })

  test('views that are parts of larger buffers are copied alone', () => {
    strict.within(() => {
      const whole = Float64Array.of(1, 2, 3, 4)
      expect(strict.doubles(strict.copyIn(whole.subarray(1, 3)), 2)).toEqual(Float64Array.of(2, 3))
    })
  })
})

describe('samples', () => {
  const sizes = fc.tuple(fc.nat({ max: 9 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.nat())

  test('a sample is crossing when some heights exceed its zero upwards and some downwards, else on its side', () => {
    fc.assert(
      fc.property(sizes, ([n, r, g, seed]) => {
        const { X, W, zero } = cone(n, r, g, seed)
        const expected = Array.from({ length: n }, (_, i) => {
          const along = Array.from({ length: g }, (_, k) => height(X, W, i, k, r))
          const above = along.some((h) => !(h <= zero[i]))
          const below = along.some((h) => !(h >= -zero[i]))
          return above ? (below ? 2 : 1) : 0
        })
        expect(classes(X, W, zero, r)).toEqual(expected)
      }),
    )
  })

  test('a sample that is not a number is crossing', () => {
    for (const n of [1, 2]) {
      const { X, W, zero } = cone(n, 2, 3, 1)
      X[0] = Number.NaN
      expect(classes(X, W, zero, 2)[0]).toBe(2)
    }
  })

  test('heights are those of the listed samples, and 0 up to their zero', () => {
    fc.assert(
      fc.property(sizes, ([n, r, , seed]) => {
        const { X, W, zero } = cone(n, r, 1, seed)
        const listed = Int32Array.from({ length: n }, (_, i) => i).filter((i) => (seed >> i) & 1)
        const found = strict.within(() => {
          const [x, w, z] = [X, W, zero].map((data) => strict.copyIn(data))
          const [list, out] = [strict.copyIn(listed), strict.reserve(8 * listed.length)]
          strict.calls.heights(listed.length, list, r, x, w, z, out)
          return strict.doubles(out, listed.length).slice()
        })
        const expected = Float64Array.from(listed, (i) => {
          const h = height(X, W, i, 0, r)
          return h <= zero[i] && h >= -zero[i] ? 0 : h
        })
        expect(found).toEqual(expected)
      }),
    )
  })
})

function webAssembly(): object {
  const { Instance, validate, compile } = Reflect.get(globalThis, 'WebAssembly') as Record<string, unknown>
  return { Instance, validate, compile }
}

/** Small integers, of which many heights are ties. */
function cone(n: number, r: number, g: number, seed: number): Record<'X' | 'W' | 'zero', Float64Array> {
  const next = seededRandom(seed)
  const rounded = (length: number): Float64Array => Float64Array.from({ length }, () => Math.round(2 * gaussian(next)))
  return { X: rounded(n * r), W: rounded(g * r), zero: rounded(n).map(Math.abs) }
}

function height(X: Float64Array, W: Float64Array, i: number, k: number, r: number): number {
  let total = 0
  for (let q = 0; q < r; q++) total += X[i * r + q] * W[k * r + q]
  return total
}

function classes(X: Float64Array, W: Float64Array, zero: Float64Array, r: number): number[] {
  const n = zero.length
  return strict.within(() => {
    const columns = strict.reserve(8 * n * r)
    strict.calls.transpose(n, r, strict.copyIn(X), columns)
    const [w, z, out] = [strict.copyIn(W), strict.copyIn(zero), strict.reserve(n)]
    strict.calls.classify(n, r, W.length / r, columns, w, z, out)
    return Array.from(new Uint8Array(strict.calls.memory.buffer, out, n))
  })
}
