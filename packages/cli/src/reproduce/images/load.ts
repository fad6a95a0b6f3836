import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { type Matrix, matrix } from '@relucent/core'
import { isNumberColumn, readTable } from '@relucent/io'
import { inputError } from '../../errors.ts'
import { readInput } from '../../files.ts'

export type ImageKind = 'cifar10' | 'cifar100'

/** Sets of images as they are published; the classes of MNIST are not used. */
export type ImageFiles = ImageKind | 'mnist'

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
  readonly kind: ImageKind
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
  mnist: {
    folders: ['mnist', 'MNIST/raw', '.'],
    train: ['train-images-idx3-ubyte.gz', 'train-images-idx3-ubyte'],
    test: [], // not read
  },
} as const

/** The first images of each class, and the first test images. */
export async function loadImages(dataDir: string, { kind, perClass, tests }: Wanted): Promise<Images> {
  const classes = classCounts[kind]
  const path = await find(dataDir, kind, 'train')
  const all = await readImages(path, kind)
  const kept = balanced(all.labels, perClass)
  if (kept.length < perClass * classes) {
    const hint = 'give the folder of the published files, or of a larger selection'
    const what = `expected ${perClass} images of each of ${classes} classes, found ${kept.length} such images`
    throw inputError('invalid-problem', what, { file: path, hint })
  }
  const train = chosen(all, kept)
  const others = await readImages(await find(dataDir, kind, 'test'), kind)
  const test = chosen(
    others,
    Array.from({ length: Math.min(tests, others.labels.length) }, (_, i) => i),
  )
  normaliseChannels(train.X, test.X)
  return { train, test, classes }
}

const classCounts = { cifar10: 10, cifar100: 100 } as const

interface ImageFile {
  /** Pixel by pixel, all images. */
  readonly pixels: readonly ArrayLike<number>[]
  readonly labels: readonly number[]
}

/** The first images of a set as they are, values from 0 to 1, one a row. */
export async function loadPictures(dataDir: string, kind: ImageFiles, count: number): Promise<Matrix> {
  const path = await find(dataDir, kind, 'train')
  const { pixels } = await readImages(path, kind)
  const found = pixels[0]?.length ?? 0
  if (found < count) {
    const hint = 'give the folder of the published files, or of a larger selection'
    throw inputError('invalid-problem', `expected ${count} images, found ${found}`, { file: path, hint })
  }
  const X = matrix(count, pixels.length)
  pixels.forEach((values, q) => {
    for (let i = 0; i < count; i++) X.data[i * X.cols + q] = values[i] / 255
  })
  return X
}

async function readImages(path: string, kind: ImageFiles): Promise<ImageFile> {
  const { names, columns } = await readTable(await readInput(path), {
    format: kind === 'mnist' ? 'idx' : kind,
    file: path,
  })
  const numbers = columns.filter(isNumberColumn) // all of them: the format has no text
  const labels = kind === 'mnist' ? [] : Array.from(numbers[names.indexOf('label')])
  return { pixels: numbers.filter((_, k) => /^p\d+$/.test(names[k])), labels }
}

/** Throws before any work where a file is missing. */
export async function checkImages(dataDir: string, kinds: readonly ImageFiles[]): Promise<void> {
  for (const kind of kinds) {
    for (const what of ['train', 'test'] as const) if (places[kind][what].length > 0) await find(dataDir, kind, what)
  }
}

async function find(dataDir: string, kind: ImageFiles, what: 'train' | 'test'): Promise<string> {
  const { folders, [what]: names } = places[kind]
  for (const folder of folders) {
    for (const name of names) {
      const path = join(dataDir, folder, name)
      if (await exists(path)) return path
    }
  }
  const hint = `${titles[kind]} belongs into ${join(dataDir, folders[1])}`
  throw inputError(
    'file-not-found',
    `expected one of ${names.join(', ')} in a folder ${folders.slice(0, 2).join(' or ')}`,
    {
      file: dataDir,
      hint,
    },
  )
}

const titles: Readonly<Record<ImageFiles, string>> = {
  cifar10: 'the binary version of CIFAR-10',
  cifar100: 'the binary version of CIFAR-100',
  mnist: 'MNIST in its IDX files',
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

function chosen({ pixels, labels }: ImageFile, places: readonly number[]): ImageSet {
  const X = matrix(places.length, pixels.length)
  pixels.forEach((values, q) => places.forEach((i, k) => (X.data[k * X.cols + q] = values[i])))
  return { X, labels: places.map((i) => labels[i]) }
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
    for (const set of [train, test]) each(set, (at) => (set.data[at] = (set.data[at] - mean) / deviation))
  }
}
