import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

/** A file with this header and data, as any other tool may write it. */
function fileOf(header: unknown, data: readonly number[]): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(header))
  const out = new Uint8Array(8 + text.length + data.length)
  new DataView(out.buffer).setUint32(0, text.length, true)
  out.set(text, 8)
  out.set(data, 8 + text.length)
  return out
}

describe('safetensors', () => {
  test.each([
    ['BOOL', [0, 1, 1], [0, 1, 1]],
    ['U8', [0, 255], [0, 255]],
    ['I8', [0x80, 1], [-128, 1]],
    ['I16', [0xfe, 0xff], [-2]],
    ['U16', [0xfe, 0xff], [65534]],
    ['I32', [0xff, 0xff, 0xff, 0xff], [-1]],
    ['U32', [0xff, 0xff, 0xff, 0xff], [2 ** 32 - 1]],
    ['I64', [0, 0, 0, 0, 0, 0, 0xe0, 0xff], [-(2 ** 53)]],
    ['U64', [0, 0, 0, 0, 1, 0, 0, 0], [2 ** 32]],
    ['F16', [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00], [1, -2, 2 ** -24]],
    ['BF16', [0x80, 0x3f, 0x40, 0xc0], [1, -3]],
    ['F32', [0, 0, 0x80, 0x3f], [1]],
    ['F64', [0, 0, 0, 0, 0, 0, 0xf0, 0x3f], [1]],
  ])('%s is read', (dtype, data, values) => {
    const bytes = fileOf({ t: { dtype, shape: [values.length], data_offsets: [0, data.length] } }, data)
    expect(readSafetensors(bytes).get('t')).toEqual({ dtype, shape: [values.length], data: Float64Array.from(values) })
  })

  test('tensors survive being written and read, by name and in order, metadata beside them', () => {
    const tensor = fc.array(fc.double()).map((data) => ({ shape: [data.length], data: Float64Array.from(data) }))
    const name = fc.string().filter((text) => text !== '__metadata__' && text !== '__proto__')
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key }), (entries) => {
        const found = readSafetensors(writeSafetensors(new Map(entries), { metadata: { made: 'by a test' } }))
        expect(found.size).toBe(entries.length)
        for (const [key, array] of entries) expect(found.get(key)).toEqual({ dtype: 'F64', ...array })
      }),
    )
  })

  test.each([
    ['a hole', { a: { dtype: 'U8', shape: [1], data_offsets: [1, 2] } }, 'expected a tensor at 0 of the data'],
    [
      'an overlap',
      { a: { dtype: 'U8', shape: [2], data_offsets: [0, 2] }, b: { dtype: 'U8', shape: [1], data_offsets: [1, 2] } },
      'expected a tensor at 2 of the data',
    ],
    ['hidden bytes', { a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] } }, 'expected 1 bytes of data'],
    ['data cut off', { a: { dtype: 'U8', shape: [9], data_offsets: [0, 9] } }, 'expected 9 bytes of data'],
    [
      'a shape that does not fit',
      { a: { dtype: 'F32', shape: [2], data_offsets: [0, 2] } },
      '2 F32 take 8 bytes, not 2',
    ],
    ['an unknown type', { a: { dtype: 'F8_E4M3', shape: [2], data_offsets: [0, 2] } }, 'has the dtype "F8_E4M3"'],
    ['no shape', { a: { dtype: 'U8', data_offsets: [0, 2] } }, 'expected a shape'],
    ['no object', [], 'expected a header in JSON'],
  ])('%s is refused', (_what, header, words) => {
    expect(() => readSafetensors(fileOf(header, [0, 0]), { file: 'w.safetensors' })).toThrow(words)
  })

  test('a header longer than the file is refused by its length alone', () => {
    const bytes = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0x7b)
    expect(() => readSafetensors(bytes)).toThrow(
      /byte 8: expected 281474976710655 bytes of the header, only 1 are left/,
    )
  })
})
