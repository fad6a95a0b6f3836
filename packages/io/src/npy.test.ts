import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DataError } from './errors.ts'
import { archives, arrays, inexact, refusedArrays } from './npy.fixtures.ts'
import { readNpy, writeNpy } from './npy.ts'
import { readNpz, writeNpz } from './npz.ts'

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))

describe('NPY', () => {
  test.each(arrays)("numpy's array is read as numpy has it: $name", ({ base64, shape, values }) => {
    const array = readNpy(fromBase64(base64))
    expect(array.shape).toEqual(shape)
    expect(array.data).toEqual(Float64Array.from(values))
  })

  test.each(refusedArrays)('%s are refused by name', (_kind, base64) => {
    expect(() => readNpy(fromBase64(base64), { file: 'a.npy' })).toThrow(
      /^a\.npy, byte 10: expected numbers or booleans, found dtype .*: (a structured|complex|strings|byte strings|dates|Python)/,
    )
  })

  test('an integer that no float64 holds is refused with its place', () => {
    expect(() => readNpy(fromBase64(inexact))).toThrow(/^byte 128: expected integers up to 2\^53/)
  })

  test('what is written is byte for byte what numpy writes', () => {
    for (const name of ['<f8 C', '<f4 C', 'scalar', 'extremes'] as const) {
      const { base64 } = arrays.find((array) => array.name === name)!
      const dtype = name === '<f4 C' ? '<f4' : '<f8'
      expect(writeNpy(readNpy(fromBase64(base64)), { dtype })).toEqual(fromBase64(base64))
    }
  })

  test('any array survives being written and read, to the last bit', () => {
    const array = fc.array(fc.nat({ max: 4 }), { maxLength: 4 }).chain((shape) => {
      const size = shape.reduce((a, b) => a * b, 1)
      return fc.float64Array({ minLength: size, maxLength: size }).map((data) => ({ shape, data }))
    })
    fc.assert(
      fc.property(array, ({ shape, data }) => {
        const back = readNpy(writeNpy({ shape, data }))
        expect(back).toEqual({ shape, data, dtype: '<f8' })
      }),
    )
  })

  test('a shape far larger than the file is refused before anything is allocated', () => {
    const bytes = writeNpy({ shape: [3], data: new Float64Array(3) })
    const text = new TextDecoder('latin1').decode(bytes).replace('(3,), }          ', '(9999999999,), }')
    const huge = Uint8Array.from(text, (c) => c.charCodeAt(0))
    expect(() => readNpy(huge)).toThrow(/expected 79999999992 bytes of 9999999999 numbers of <f8, only 2\d are left/)
  })
})

describe('NPZ', () => {
  test.each(archives)('what %s wrote is read', (_how, base64) => {
    const found = readNpz(fromBase64(base64))
    expect([...found.keys()]).toEqual(['X', 'y'])
    expect(found.get('X')).toMatchObject({ shape: [3, 2], data: Float64Array.of(0, 1, 2, 3, 4, 5) })
    expect(found.get('y')?.data).toEqual(Float64Array.of(1, 0, 1))
  })

  test.each([false, true])(
    'arrays survive being written and read (compressed: %s), and the bytes are always the same',
    (compress) => {
      const written = new Map([
        ['a b', { shape: [2, 2], data: Float64Array.of(0.1, -0, 3, 1e300) }],
        ['ß', { shape: [], data: Float64Array.of(7) }],
      ])
      const bytes = writeNpz(written, { compress })
      expect(writeNpz(written, { compress })).toEqual(bytes)
      const found = readNpz(bytes)
      for (const [name, array] of written) expect(found.get(name)).toMatchObject(array)
    },
  )

  test('an archive that unpacks beyond the limit is refused before it does', () => {
    const bytes = writeNpz(new Map([['zeros', { shape: [100_000], data: new Float64Array(100_000) }]]), {
      compress: true,
    })
    expect(bytes.length).toBeLessThan(2000)
    expect(() => readNpz(bytes, { memoryLimit: 1000 })).toThrow('states a size of 800128 bytes')
  })

  test('every flipped bit of the stored arrays is noticed by the checksum or the structure', () => {
    const bytes = fromBase64(archives[0][1])
    const content = bytes.indexOf(0x93) // the first array, after the name of its entry
    for (let bit = 0; bit < 8 * 100; bit++) {
      const flipped = bytes.slice()
      flipped[content + (bit >> 3)] ^= 1 << (bit & 7)
      expect(() => readNpz(flipped)).toThrow(DataError)
    }
  })
})
