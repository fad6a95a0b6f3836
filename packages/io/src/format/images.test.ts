import { gzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { describeFormat } from '../format.conformance.ts'
import { bytesSource } from '../source.ts'
import { cifar10, cifar100 } from './cifar.ts'
import { idx } from './idx.ts'

const memoryLimit = 2 ** 24
const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 255)
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 3)
const shorts = Uint8Array.of(0, 0, 0x0b, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xfe, 0, 1)

describeFormat({
  format: idx,
  samples: [
    {
      what: 'images',
      bytes: images,
      names: ['p0', 'p1'],
      rows: [
        ['10', '20'],
        ['30', '255'],
      ],
    },
    { what: 'labels', bytes: labels, names: ['label'], rows: [['7'], ['3']] },
    {
      what: 'images with packed labels',
      bytes: images,
      names: ['p0', 'p1', 'label'],
      rows: [
        ['10', '20', '7'],
        ['30', '255', '3'],
      ],
      options: { labels: bytesSource(gzipSync(labels), 'labels.gz') },
    },
    { what: 'big endian integers', bytes: shorts, names: ['p0', 'p1'], rows: [['-2', '1']] },
  ],
})

/** Records of `stride` bytes: labels first, then pixels that count up. */
function records(stride: number, heads: readonly (readonly number[])[]): Uint8Array {
  const out = new Uint8Array(stride * heads.length)
  heads.forEach((head, i) => {
    for (let k = 0; k < stride; k++) out[i * stride + k] = k < head.length ? head[k] : (k + i) % 256
  })
  return out
}

const pixelNames = Array.from({ length: 3072 }, (_, k) => `p${k}`)
const pixelsAfter = (labelBytes: number, i: number): string[] =>
  pixelNames.map((_, k) => String((k + labelBytes + i) % 256))

describeFormat({
  format: cifar10,
  samples: [
    {
      what: 'two images',
      bytes: records(3073, [[9], [0]]),
      names: [...pixelNames, 'label'],
      rows: [
        [...pixelsAfter(1, 0), '9'],
        [...pixelsAfter(1, 1), '0'],
      ],
    },
  ],
})

describeFormat({
  format: cifar100,
  samples: [
    {
      what: 'one image',
      bytes: records(3074, [[19, 99]]),
      names: [...pixelNames, 'coarse', 'label'],
      rows: [[...pixelsAfter(2, 0), '19', '99']],
    },
  ],
})

describe('images', () => {
  test.each([
    [images.with(7, 200), 'i, byte 16: expected 400 bytes of 200 × 1 × 2 values, only 4 are left'],
    [images.with(4, 0xff), 'expected 8556380164 bytes'],
    [images.with(3, 9), 'i, byte 3: expected 1 to 4 axes, found 9'],
    [images.with(2, 7), 'i, byte 0: expected the IDX signature'],
    [images.with(7, 1), 'i, byte 4: expected the end of the file after 1 × 1 × 2 values'],
  ])('a header that does not fit is refused with its place', async (bytes, message) => {
    await expect(idx.read(bytesSource(bytes, 'i'), { memoryLimit })).rejects.toThrow(message)
  })

  test('labels of other images are refused', async () => {
    const other = bytesSource(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7), 'l')
    await expect(idx.read(bytesSource(images, 'i'), { memoryLimit, labels: other })).rejects.toThrow(
      'l, byte 4: expected 2 labels, one for each image, found 1',
    )
  })

  test('a class that CIFAR does not have shows that the file is another', async () => {
    const bytes = records(3073, [[3], [10]])
    await expect(cifar10.read(bytesSource(bytes, 'b.bin'), { memoryLimit })).rejects.toThrow(
      'b.bin, row 2, byte 3073: expected a label below 10, found 10',
    )
    await expect(cifar10.read(bytesSource(bytes.subarray(1), 'b.bin'), { memoryLimit })).rejects.toThrow(
      'b.bin, byte 3073: expected a multiple of 3073 bytes',
    )
  })
})
