import { DataError, quoted } from './errors.ts'
import { cifar10, cifar100, cifarStride } from './format/cifar.ts'
import { csv, tsv } from './format/csv.ts'
import { idx } from './format/idx.ts'
import { jsonl } from './format/jsonl.ts'
import { libsvm } from './format/libsvm.ts'
import { npy } from './format/npy.ts'
import { npz } from './format/npz.ts'
import { parquet } from './format/parquet.ts'
import { safetensors } from './format/safetensors.ts'
import type { Format, FormatName, ReadOptions, WriteOptions } from './format.ts'
import { gzipped } from './inflate.ts'
import { defaultMemoryLimit } from './memory.ts'
import { nearest } from './nearest.ts'
import { bytesSource, collect, gunzipped, headOf, type Source } from './source.ts'
import type { Table } from './table.ts'

/** Every format, in the order in which a file's first bytes are tried. */
export const formats: readonly Format[] = [
  csv,
  tsv,
  jsonl,
  libsvm,
  npy,
  npz,
  parquet,
  safetensors,
  idx,
  cifar10,
  cifar100,
]

export interface ReadTableOptions extends Partial<ReadOptions> {
  /** Told from the name and the first bytes when absent. */
  readonly format?: FormatName
  /** Name used in messages, and to tell the format. */
  readonly file?: string
}

/** A table and the format it was in. */
export interface TableFile extends Table {
  readonly format: FormatName
}

/**
 * Reads a table in whatever format it is: told by its name and first bytes, or named. A gzip layer is removed first.
 *
 * A stream that can be read only once is held in memory as it is; a `Source` need not be.
 *
 * @throws DataError, naming the place, for what is not a table, and for one larger than the memory limit
 */
export async function readTable(
  input: Uint8Array | AsyncIterable<Uint8Array> | Source,
  { format, file, memoryLimit = defaultMemoryLimit, ...options }: ReadTableOptions = {},
): Promise<TableFile> {
  const packed = await sourceOf(input, file, memoryLimit)
  const head = await headOf(packed, headBytes)
  const isPacked = head[0] === 0x1f && head[1] === 0x8b
  const source = isPacked ? gunzipped(packed) : packed
  const chosen =
    format === undefined ? detectFormat(isPacked ? await headOf(source, headBytes) : head, source) : formatNamed(format)
  if (options.labels && chosen !== idx) {
    const hint = 'leave --labels out: only IDX images keep their labels in another file'
    throw new DataError('unsupported', `${chosen.title} takes no labels from another file`, { file: packed.file, hint })
  }
  const table = await chosen.read(source, { ...options, memoryLimit })
  return { ...table, file: packed.file, format: chosen.name }
}

const headBytes = 4096

async function sourceOf(
  input: Uint8Array | AsyncIterable<Uint8Array> | Source,
  file: string | undefined,
  limit: number,
): Promise<Source> {
  if (input instanceof Uint8Array) return bytesSource(input, file)
  if (Symbol.asyncIterator in input) return bytesSource(await collect({ file, open: () => input }, limit), file)
  return file === undefined ? input : { ...input, file }
}

export function formatNamed(name: string): Format {
  const format = formats.find((one) => one.name === name)
  if (format) return format
  const names = formats.map((one) => one.name)
  const close = nearest(name, names)
  const hint = `${close === undefined ? '' : `did you mean ${close}? `}the formats are ${names.join(', ')}`
  throw new DataError('no-such-format', `there is no format ${quoted(name)}`, { hint })
}

/** The format a file is in: certain first bytes decide, then the name, then what the text looks like. */
export function detectFormat(head: Uint8Array, { file = '', size }: Pick<Source, 'file' | 'size'>): Format {
  const name = file.toLowerCase().replace(/\.gz$/, '')
  if (name.endsWith('.bin')) return cifarBySize(file, size)
  const certain = formats.find((format) => format.isCertain?.(head))
  if (certain) return certain
  const named = formatOfName(name)
  if (named !== undefined && !(named === csv && !name.endsWith('.csv'))) return named
  const lines = new TextDecoder().decode(head).trimStart().split(/\r?\n/)
  if (lines[0].startsWith('{')) return jsonl
  return lines.slice(0, 2).every((line, k) => (k === 1 && line === '') || libsvmLine.test(line.trim())) ? libsvm : csv
}

const libsvmLine = /^[+-]?[\d.]+(?:e[+-]?\d+)?(?: +\d+:[^\s:]+)+(?: *#.*)?$/i

/** By extension; undefined for one that is not known. */
export function formatOfName(file: string): Format | undefined {
  const name = file.toLowerCase().replace(/\.gz$/, '')
  return formats.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)))
}

function cifarBySize(file: string, size: number | undefined): Format {
  const fitting = [cifar10, cifar100].filter(
    ({ name }) => size !== undefined && size > 0 && size % cifarStride[name as 'cifar10' | 'cifar100'] === 0,
  )
  if (fitting.length === 1) return fitting[0]
  const { cifar10: ten, cifar100: hundred } = cifarStride
  const what =
    fitting.length === 2
      ? `${size} bytes could be CIFAR-10 or CIFAR-100`
      : `a .bin file of images has a multiple of ${ten} bytes (CIFAR-10) or ${hundred} (CIFAR-100), found ${size ?? 'no length'}`
  throw new DataError('unknown-format', what, { file, byte: 0, hint: 'name the format with --data-format' })
}

/** What the labels that go with a file of images are called, by the custom of MNIST; undefined for another kind of name. */
export function labelsNameFor(images: string): string | undefined {
  const name = images.slice(images.lastIndexOf('/') + 1)
  if (!/images/i.test(name) || !/idx/i.test(name)) return undefined
  const labels = name
    .replace(/images/i, (word) => (word === word.toUpperCase() ? 'LABELS' : word.startsWith('I') ? 'Labels' : 'labels'))
    .replace(/idx3/i, 'idx1')
  return images.slice(0, images.length - name.length) + labels
}

export interface WriteTableOptions extends WriteOptions {
  /** Told from the name when absent. */
  readonly format?: FormatName
  readonly file?: string
}

/**
 * A table as the bytes of a file, piece by piece, compressed where the name ends in `.gz`.
 *
 * @throws DataError for an unknown format, one that is only read, and a table that the format cannot hold
 */
export function writeTable(table: Table, { format, file = '', ...options }: WriteTableOptions): Iterable<Uint8Array> {
  const pieces = writableFormat(file, format).write(table, options)
  return /\.gz$/i.test(file) ? gzipped(pieces) : pieces
}

/** The format that a file of this name will be written in, so that it is known before there is anything to write. */
export function writableFormat(file: string, format?: FormatName): Format & Required<Pick<Format, 'write'>> {
  const chosen = format === undefined ? formatOfName(file) : formatNamed(format)
  if (chosen && isWritable(chosen)) return chosen
  const what = chosen ? `${chosen.title} can be read, not written` : `the name ${quoted(file)} tells no format`
  const names = formats.filter(isWritable).map(({ name, extensions }) => `${name} (${extensions[0]})`)
  throw new DataError('not-writable', what, { hint: `these can be written: ${names.join(', ')}` })
}

function isWritable(format: Format): format is Format & Required<Pick<Format, 'write'>> {
  return format.write !== undefined
}
