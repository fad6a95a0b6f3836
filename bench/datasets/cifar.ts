import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Matrix, matrix } from '@relucent/core'
import { MissingDataError, oneHot } from '../dataset.ts'

const pixels = 1024
const width = 3 * pixels

export interface Images {
  readonly X: Matrix
  readonly Y: Matrix
}

/**
 * Class-balanced CIFAR images in the usual binary form, each channel normalised to mean 0 and deviation 1 over the set, as in
 * section 5.2 of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021); one-hot classes, the fine ones of CIFAR-100.
 */
export function cifar(name: 'cifar10' | 'cifar100'): Images {
  const file = fileURLToPath(new URL(`../../../../shared/data/${name}/train_3000.bin`, import.meta.url))
  if (!existsSync(file)) throw new MissingDataError(`../shared/data/${name} is not on this machine`)
  const bytes = readFileSync(file)
  const labels = name === 'cifar10' ? 1 : 2
  const n = bytes.length / (width + labels)
  const X = matrix(n, width)
  const classes = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const at = i * (width + labels)
    classes[i] = bytes[at + labels - 1]
    X.data.set(bytes.subarray(at + labels, at + labels + width), i * width)
  }
  normaliseChannels(X)
  return { X, Y: oneHot(classes) }
}

function normaliseChannels({ rows, data }: Matrix): void {
  for (let channel = 0; channel < 3; channel++) {
    let [total, square] = [0, 0]
    const each = (visit: (at: number) => void): void => {
      for (let i = 0; i < rows; i++) for (let k = 0; k < pixels; k++) visit(i * width + channel * pixels + k)
    }
    each((at) => (total += data[at]))
    const mean = total / (rows * pixels)
    each((at) => (square += (data[at] - mean) ** 2))
    const deviation = Math.sqrt(square / (rows * pixels))
    each((at) => (data[at] = (data[at] - mean) / deviation))
  }
}
