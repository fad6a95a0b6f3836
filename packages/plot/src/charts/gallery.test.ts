import { inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { pngOf } from '../pixels.ts'
import { elements, hostile } from '../plot.fixtures.ts'
import { gallery } from './gallery.ts'

const picture = (width: number, height: number) => ({
  width,
  height,
  data: Uint8Array.from({ length: 3 * width * height }, (_, k) => (37 * k) % 256),
})

describe('pngOf', () => {
  test.each([
    [1, 1],
    [3, 2],
    [300, 90], // more than one stored block
  ])('%i × %i: the pixels come back out of the file', (width, height) => {
    const image = picture(width, height)
    const file = Buffer.from(pngOf(image))
    expect(file.subarray(1, 4).toString()).toBe('PNG')
    const at = file.indexOf('IDAT')
    const lines = inflateSync(file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4))) // checks the sum as well
    expect(lines.length).toBe(height * (3 * width + 1))
    for (let y = 0; y < height; y++) {
      const line = lines.subarray(y * (3 * width + 1), (y + 1) * (3 * width + 1))
      expect(line[0]).toBe(0)
      expect([...line.subarray(1)]).toEqual([...image.data.subarray(3 * width * y, 3 * width * (y + 1))])
    }
  })

  test('the checksum of an empty last chunk is the known one', () => {
    expect([...pngOf(picture(1, 1)).subarray(-4)]).toEqual([0xae, 0x42, 0x60, 0x82])
  })

  test('bytes that are not three for each pixel are refused', () => {
    expect(() => pngOf({ width: 2, height: 2, data: new Uint8Array(11) })).toThrow('2 × 2 pixels need 12 bytes, got 11')
  })
})

describe('gallery', () => {
  test('has every picture, in columns below each other, and names as text', () => {
    const images = [picture(4, 4), picture(4, 4), picture(4, 4)]
    const svg = gallery({ rows: hostile.map((name) => ({ name, note: name, images })) })
    const drawn = elements(svg, 'image')
    expect(drawn).toHaveLength(3 * hostile.length)
    expect(new Set(drawn.map((one) => one.getAttribute('x'))).size).toBe(3)
    expect(new Set(drawn.map((one) => one.getAttribute('y'))).size).toBe(hostile.length)
    const file = drawn[0].getAttribute('href')?.split(',')[1] ?? ''
    expect([...Buffer.from(file, 'base64')]).toEqual([...pngOf(images[0])])
    expect(elements(svg, 'script')).toHaveLength(0)
    expect(elements(svg, 'image[onerror]')).toHaveLength(0)
  })
})
