import type { Source } from './source.ts'
import type { Table } from './table.ts'

export type FormatName =
  | 'csv'
  | 'tsv'
  | 'jsonl'
  | 'libsvm'
  | 'npy'
  | 'npz'
  | 'safetensors'
  | 'parquet'
  | 'idx'
  | 'cifar10'
  | 'cifar100'

export interface ReadOptions {
  /** Delimited text: whether the first row names the columns. */
  readonly header?: boolean
  /** Delimited text: one character. */
  readonly delimiter?: string
  /** Columns to keep as they are written, even where every cell is a number; for formats that have cells as text. */
  readonly textColumns?: readonly string[]
  /** Where the labels of images are, for formats that keep them in a file of their own. */
  readonly labels?: Source
  /** Bytes that the table may take as float64; a larger one is refused before it is allocated. */
  readonly memoryLimit: number
}

export interface WriteOptions {
  /** Delimited text: one character. */
  readonly delimiter?: string
  /** The column that a format sets apart from the others. */
  readonly target?: string
  /** How formats that have both store numbers; float64 loses nothing. */
  readonly precision?: 'float64' | 'float32'
}

/** A file format: how a table is read from bytes and, where that makes sense, written as bytes. */
export interface Format {
  readonly name: FormatName
  /** In a sentence: `a Parquet file`. */
  readonly title: string
  /** With the dot, in lower case; the first is used in advice. */
  readonly extensions: readonly string[]
  /** Whether a file that begins like this is certainly of this format. */
  readonly isCertain?: (head: Uint8Array) => boolean
  /**
   * Lengths that the file states are never trusted: they are compared with the bytes there are, and with the memory limit,
   * before anything is allocated.
   *
   * @throws DataError with the row, byte or column, for whatever is not a table in this format
   */
  read(source: Source, options: ReadOptions): Promise<Table>
  /**
   * Pieces of the file, in order.
   *
   * @throws DataError for a table that the format cannot hold, before the first piece
   */
  write?(table: Table, options?: WriteOptions): Iterable<Uint8Array>
}
