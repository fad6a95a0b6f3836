import type { Matrix } from '@relucent/core'
import type { Pixels } from '@relucent/plot'
import type { GenerationSetting } from './settings.ts'

/** One list of bytes for each picture, plane by plane. */
export type Pictures = readonly (readonly number[])[]

/** The first rows, values below 0 and above 1 cut off. */
export function bytesOf({ rows, cols, data }: Matrix, count: number): Pictures {
  return Array.from({ length: Math.min(rows, count) }, (_, i) =>
    Array.from(data.subarray(i * cols, (i + 1) * cols), (value) => Math.round(255 * Math.min(1, Math.max(0, value)))),
  )
}

/** With one plane, grey. */
export function pixelsOf(
  bytes: readonly number[],
  { side, planes }: Pick<GenerationSetting, 'side' | 'planes'>,
): Pixels {
  const size = side * side
  const data = Uint8Array.from({ length: 3 * size }, (_, k) => {
    return bytes[Math.floor(k / 3) + (planes === 3 ? (k % 3) * size : 0)]
  })
  return { width: side, height: side, data }
}
