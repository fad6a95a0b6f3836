import { createByteReader } from '../bytes.ts'
import { tableOfArray } from '../array-table.ts'
import { DataError } from '../errors.ts'
import type { Format, ReadOptions } from '../format.ts'
import { byteColumns, imageTable } from '../image-table.ts'
import { gunzip } from '../inflate.ts'
import { checkMemory } from '../memory.ts'
import { type NumberType, numberBytes, readNumbers } from '../number-type.ts'
import { collect, type Source } from '../source.ts'
import type { Column, Table } from '../table.ts'

/** The third byte of the file. */
const types: Readonly<Record<number, NumberType>> = {
  0x08: 'uint8',
  0x09: 'int8',
  0x0b: 'int16',
  0x0c: 'int32',
  0x0d: 'float32',
  0x0e: 'float64',
}

/**
 * The format of MNIST and its likes (big endian): images become the columns p0, p1, …, a file of labels the column `label`.
 *
 * Labels are in a file of their own, which the caller finds and passes on.
 */
export const idx: Format = {
  name: 'idx',
  title: 'an IDX file',
  extensions: ['.idx', '-ubyte', '.idx3', '.idx1'],
  isCertain: (head) => head[0] === 0 && head[1] === 0 && head[2] in types && head[3] >= 1 && head[3] <= 4,
  read,
}

async function read(source: Source, options: ReadOptions): Promise<Table> {
  const { file } = source
  const { shape, columns } = await readArray(source, options)
  const labels = options.labels && (await readArray(options.labels, options))
  if (shape.length === 1) return imageTable(file, [], [{ name: 'label', column: columns[0] }])
  if (!labels) return imageTable(file, columns, [])
  if (labels.shape.length === 1 && labels.shape[0] === shape[0]) {
    return imageTable(file, columns, [{ name: 'label', column: labels.columns[0] }])
  }
  const what = `expected ${shape[0]} labels, one for each image, found ${labels.shape.join(' × ')}`
  const hint = 'name the file of labels that belongs to these images with --labels'
  throw new DataError('ragged-row', what, { file: options.labels?.file, byte: 4, hint })
}

interface Stored {
  readonly shape: readonly number[]
  readonly columns: readonly Column[]
}

async function readArray(source: Source, { memoryLimit }: ReadOptions): Promise<Stored> {
  const { file } = source
  const packed = await collect(source, memoryLimit)
  const bytes = packed[0] === 0x1f && packed[1] === 0x8b ? gunzip(packed, memoryLimit, { file }) : packed
  const reader = createByteReader(bytes, file)
  const [zero, none, code, axes] = reader.take(4, 'the IDX signature')
  const type = zero === 0 && none === 0 ? types[code] : undefined
  if (type === undefined) throw reader.damaged('expected the IDX signature: two zero bytes, a type, a number of axes')
  if (!(axes >= 1 && axes <= 4)) throw reader.damaged(`expected 1 to 4 axes, found ${axes}`, 3)
  const sizes = reader.take(4 * axes, 'the sizes')
  const shape = Array.from({ length: axes }, (_, k) => reader.view.getUint32(4 + 4 * k))
  const [rows] = shape
  const cols = shape.slice(1).reduce((product, size) => product * size, 1)
  const offset = reader.position()
  const data = reader.take(rows * cols * numberBytes[type], `${shape.join(' × ')} values`)
  if (reader.remaining() > 0) throw reader.damaged(`expected the end of the file after ${shape.join(' × ')} values`, 4)
  if (rows * cols === 0)
    throw reader.damaged(`expected images or labels, found ${shape.join(' × ')}`, sizes.byteOffset - bytes.byteOffset)
  checkMemory({ rows, cols }, memoryLimit, { file })
  if (type === 'uint8') return { shape, columns: byteColumns(data, { rows, cols, stride: cols, offset: 0 }) }
  const numbers = readNumbers(reader.view, { type, offset, count: rows * cols, littleEndian: false }, { file })
  return { shape, columns: tableOfArray({ shape: [rows, cols], data: numbers }, { file, memoryLimit }).columns }
}
