import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Matrix } from '@relucent/core'
import { type CifarKind, readCifar } from '@relucent/io'
import { inputError } from '../../errors.ts'
import { readInput } from '../../files.ts'

export interface ImageSet {
  /** One image a row, each channel normalised to mean 0 and deviation 1 over the training images. */
  readonly X: Matrix
  readonly labels: readonly number[]
}

export interface Images {
  readonly train: ImageSet
  readonly test: ImageSet
  readonly classes: number
}

interface Wanted {
  readonly kind: CifarKind
  readonly perClass: number
  readonly tests: number
}

/** Folders and files as they are published, and class-balanced selections from them. */
const places = {
  cifar10: {
    folders: ['cifar10', 'cifar-10-batches-bin', '.'],
    train: ['train_3000.bin', 'data_batch_1.bin'],
    test: ['test_5000.bin', 'test_batch.bin'],
  },
  cifar100: {
    folders: ['cifar100', 'cifar-100-binary', '.'],
    train: ['train_3000.bin', 'train.bin'],
    test: ['test_2000.bin', 'test.bin'],
  },
} as const

/** The first images of each class, and the first test images. */
export async function loadImages(dataDir: string, { kind, perClass, tests }: Wanted): Promise<Images> {
  const trainPath = await find(dataDir, kind, 'train')
  const all = readCifar(await readInput(trainPath), kind, { file: trainPath })
  const kept = balanced(all.labels, perClass)
  if (kept.length < perClass * all.classes) {
    const hint = 'give the folder of the published files, or of a larger selection'
    const what = `expected ${perClass} images of each of ${all.classes} classes, found ${kept.length} such images`
    throw inputError('invalid-problem', what, { file: trainPath, hint })
  }
  const testPath = await find(dataDir, kind, 'test')
  const other = readCifar(await readInput(testPath), kind, { file: testPath, limit: tests })
  const train = { X: rowsAt(all.X, kept), labels: kept.map((i) => all.labels[i]) }
  normaliseChannels(train.X, other.X)
  return { train, test: other, classes: all.classes }
}

/** Throws before any work where a file is missing. */
export async function checkImages(dataDir: string): Promise<void> {
  for (const kind of ['cifar10', 'cifar100'] as const) {
    for (const what of ['train', 'test'] as const) await find(dataDir, kind, what)
  }
}

async function find(dataDir: string, kind: CifarKind, what: 'train' | 'test'): Promise<string> {
  const { folders, [what]: names } = places[kind]
  for (const folder of folders) {
    for (const name of names) {
      const path = join(dataDir, folder, name)
      if (await exists(path)) return path
    }
  }
  const hint = `the binary version of ${kind === 'cifar10' ? 'CIFAR-10' : 'CIFAR-100'} belongs into ${join(dataDir, folders[1])}`
  throw inputError(
    'file-not-found',
    `expected one of ${names.join(', ')} in a folder ${folders.slice(0, 2).join(' or ')}`,
    {
      file: dataDir,
      hint,
    },
  )
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function balanced(labels: readonly number[], perClass: number): number[] {
  const counts = new Map<number, number>()
  return labels.flatMap((label, i) => {
    const count = (counts.get(label) ?? 0) + 1
    counts.set(label, count)
    return count <= perClass ? [i] : []
  })
}

function rowsAt({ cols, data }: Matrix, places: readonly number[]): Matrix {
  const chosen = new Float64Array(places.length * cols)
  places.forEach((i, k) => chosen.set(data.subarray(i * cols, (i + 1) * cols), k * cols))
  return { rows: places.length, cols, data: chosen }
}

const channels = 3

/** In place, by the statistics of the first matrix. */
function normaliseChannels(train: Matrix, test: Matrix): void {
  const pixels = train.cols / channels
  for (let channel = 0; channel < channels; channel++) {
    const each = ({ rows, cols }: Matrix, visit: (at: number) => void): void => {
      for (let i = 0; i < rows; i++) for (let k = 0; k < pixels; k++) visit(i * cols + channel * pixels + k)
    }
    let [total, square] = [0, 0]
    each(train, (at) => (total += train.data[at]))
    const mean = total / (train.rows * pixels)
    each(train, (at) => (square += (train.data[at] - mean) ** 2))
    const deviation = Math.sqrt(square / (train.rows * pixels)) || 1 // one colour everywhere
    for (const matrix of [train, test]) each(matrix, (at) => (matrix.data[at] = (matrix.data[at] - mean) / deviation))
  }
}
