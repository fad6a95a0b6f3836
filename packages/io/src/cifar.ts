import { DataError } from './errors.ts'

export type CifarKind = 'cifar10' | 'cifar100'

export interface CifarImages {
  /** Pixels as they are, 0 … 255: n × 3072, the red plane of an image first, then green, then blue, each row by row. */
  readonly X: { readonly rows: number; readonly cols: number; readonly data: Float64Array }
  /** Of 10 or, for CIFAR-100, the fine ones of 100, from 0. */
  readonly labels: readonly number[]
  readonly classes: number
}

const pixels = 3 * 32 * 32

const layouts = {
  cifar10: { labelBytes: 1, classes: 10 },
  cifar100: { labelBytes: 2, classes: 100 },
} as const

export interface CifarOptions {
  /** For messages. */
  readonly file?: string
  /** Records to read at most. */
  readonly limit?: number
}

/**
 * Reads images in the binary form that CIFAR-10 and CIFAR-100 are published in (Krizhevsky 2009): records of one label
 * byte, or two for CIFAR-100, coarse and fine, and 3072 bytes of pixels.
 *
 * @throws DataError for a file that is not whole records, has none, or has a label out of range.
 */
export function readCifar(bytes: Uint8Array, kind: CifarKind, options: CifarOptions = {}): CifarImages {
  const { file, limit = Number.POSITIVE_INFINITY } = options
  const { labelBytes, classes } = layouts[kind]
  const size = labelBytes + pixels
  if (bytes.length === 0 || bytes.length % size !== 0) {
    const hint = `${kind === 'cifar10' ? 'CIFAR-10 has records of 3073 bytes' : 'CIFAR-100 has records of 3074 bytes'}; use its binary version`
    throw new DataError('damaged', `expected records of ${size} bytes, found ${bytes.length} bytes`, { file, hint })
  }
  const rows = Math.min(limit, bytes.length / size)
  const data = new Float64Array(rows * pixels)
  const labels: number[] = []
  for (let i = 0; i < rows; i++) {
    const label = bytes[i * size + labelBytes - 1]
    if (label >= classes) {
      throw new DataError('damaged', `record ${i + 1}: expected a class below ${classes}, found ${label}`, { file })
    }
    labels.push(label)
    data.set(bytes.subarray(i * size + labelBytes, (i + 1) * size), i * pixels)
  }
  return { X: { rows, cols: pixels, data }, labels, classes }
}
