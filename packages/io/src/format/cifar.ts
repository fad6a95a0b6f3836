import { DataError } from '../errors.ts'
import type { Format, FormatName } from '../format.ts'
import { byteColumns, imageTable } from '../image-table.ts'
import { checkMemory } from '../memory.ts'
import { collect } from '../source.ts'

/** 32 × 32 pixels in red, then in green, then in blue. */
const pixels = 3 * 32 * 32

interface Label {
  readonly name: string
  readonly classes: number
}

function cifar(name: FormatName, title: string, labels: readonly Label[]): Format {
  const stride = labels.length + pixels
  return {
    name,
    title,
    extensions: ['.bin'],
    async read(source, { memoryLimit }) {
      const { file } = source
      const bytes = await collect(source, memoryLimit)
      const rows = Math.floor(bytes.length / stride)
      if (rows === 0 || bytes.length % stride !== 0) {
        const what = `expected a multiple of ${stride} bytes, ${stride} for each image, found ${bytes.length}`
        const hint = 'the file may be cut off, or be of another format'
        throw new DataError('truncated', what, { file, byte: rows * stride, hint })
      }
      checkMemory({ rows, cols: stride }, memoryLimit, { file })
      const columns = byteColumns(bytes, { rows, cols: stride, stride, offset: 0 })
      labels.forEach(({ classes, name: label }, k) => {
        const odd = columns[k].findIndex((value) => value >= classes)
        if (odd < 0) return
        const what = `expected a ${label} below ${classes}, found ${columns[k][odd]}`
        const hint = 'the file may be damaged, or be of another format'
        throw new DataError('damaged', what, { file, row: odd + 1, byte: odd * stride + k, hint })
      })
      const named = labels.map((label, k) => ({ name: label.name, column: columns[k] }))
      return imageTable(file, columns.slice(labels.length), named)
    },
  }
}

/** The binary version of CIFAR-10: a label, then an image. */
export const cifar10: Format = cifar('cifar10', 'CIFAR-10 in its binary version', [{ name: 'label', classes: 10 }])

/** The binary version of CIFAR-100: the label among 20 coarse classes, the one among 100 fine classes, then an image. */
export const cifar100: Format = cifar('cifar100', 'CIFAR-100 in its binary version', [
  { name: 'coarse', classes: 20 },
  { name: 'label', classes: 100 },
])

/** Bytes that one image takes; the files have no signature, so that their length has to tell them apart. */
export const cifarStride: Readonly<Record<'cifar10' | 'cifar100', number>> = {
  cifar10: 1 + pixels,
  cifar100: 2 + pixels,
}
