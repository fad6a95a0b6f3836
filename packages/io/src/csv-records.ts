import Papa from 'papaparse'
import { badQuotes } from './csv.ts'
import { copied } from './bytes.ts'
import { DataError } from './errors.ts'
import { concatenated } from './inflate.ts'
import { sizeText } from './memory.ts'
import { shortText } from './text.ts'

/** One row of a file as byte ranges, valid until the next. */
export interface Record {
  readonly bytes: Uint8Array
  readonly count: () => number
  readonly start: (cell: number) => number
  readonly end: (cell: number) => number
  /** Line of the file on which it starts, from 1. */
  readonly line: () => number
  /** A cell as text; throws where it is not UTF-8. */
  readonly text: (cell: number) => string
}

export interface RecordOptions {
  readonly file: string | undefined
  /** One ASCII character. */
  readonly delimiter: string
  readonly onRecord: (record: Record) => void
}

const quote = 0x22
const feed = 0x0a
const carriageReturn = 0x0d
const space = 0x20

/** A row longer than this is a missing quote or no table at all, and strings much longer cannot be made. */
const longestRow = 2 ** 28

/**
 * Splits delimited text into rows and cells, piece by piece, without making strings of them.
 *
 * Rows without quotes are byte ranges of the pieces themselves; a row with a quoted cell is handed whole to papaparse, so
 * that both ways of reading (this and `parseCsv`) agree about quotes.
 */
export function createRecordReader(options: RecordOptions): { push(piece: Uint8Array): void; end(): void } {
  let held: Uint8Array[] = []
  let heldLength = 0
  let needed = 3
  let first = true
  const scanner = createScanner(options)
  const scan = (piece: Uint8Array, final: boolean): void => {
    let bytes = held.length === 0 ? piece : concatenated([...held, piece])
    if (first) {
      first = false
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3)
    }
    const rest = copied(bytes, scanner.scan(bytes, final))
    held = rest.length > 0 ? [rest] : []
    heldLength = rest.length
    needed = 2 * heldLength // a row that spans many pieces is looked at a logarithmic number of times
    if (heldLength > longestRow) throw scanner.tooLong()
  }
  return {
    push(piece) {
      if (heldLength + piece.length >= needed) {
        scan(piece, false)
        return
      }
      held.push(copied(piece))
      heldLength += piece.length
    },
    end: () => scan(new Uint8Array(), true),
  }
}

interface Scanner {
  /** Reads whole rows and answers how many bytes they take; the rest is given again, with more behind it. */
  scan(bytes: Uint8Array, final: boolean): number
  tooLong(): DataError
}

function createScanner({ file, delimiter, onRecord }: RecordOptions): Scanner {
  const separator = delimiter.charCodeAt(0)
  let bytes: Uint8Array = new Uint8Array()
  let starts = new Int32Array(64)
  let ends = new Int32Array(64)
  let count = 0
  let line = 1
  let quoted: readonly string[] | undefined

  const record: Record = {
    get bytes() {
      return bytes
    },
    count: () => (quoted ? quoted.length : count),
    start: (cell) => (quoted ? 0 : starts[cell]),
    end: (cell) => (quoted ? 0 : ends[cell]),
    line: () => line,
    text: (cell) => (quoted ? quoted[cell] : shortText(bytes, starts[cell], ends[cell], { file, row: line })),
  }

  /** The position after the row that starts at `from`, or -1 where its end is not among the bytes yet. */
  function plainRow(from: number, final: boolean): number {
    const length = bytes.length
    let at = from
    count = 0
    for (;;) {
      if (bytes[at] === quote) return quotedRow(from, final)
      if (count === starts.length) ({ starts, ends } = widened(starts, ends))
      starts[count] = at
      let byte = 0
      while (at < length && (byte = bytes[at]) !== separator && byte !== feed && byte !== carriageReturn) at++
      ends[count++] = at
      if (at >= length) return final ? at : -1
      at++
      if (byte === separator) continue
      if (byte === feed) return at
      if (at === length) return final ? at : -1 // whether a line feed follows is not known yet
      return bytes[at] === feed ? at + 1 : at
    }
  }

  function quotedRow(from: number, final: boolean): number {
    const end = endOfQuotedRow(bytes, from, separator)
    if (end.at < 0 || (end.at >= bytes.length && !final)) {
      if (final) throw badQuotes({ file, row: line })
      return -1
    }
    const text = shortText(bytes, from, end.at, { file, row: line }).replace(/\r\n?/g, '\n')
    const parsed = Papa.parse<string[]>(text, { newline: '\n', delimiter })
    if (end.isBroken || parsed.errors.some(({ type }) => type === 'Quotes')) throw badQuotes({ file, row: line })
    quoted = parsed.data[0]
    if (bytes[end.at] !== carriageReturn) return Math.min(end.at + 1, bytes.length)
    if (end.at + 1 === bytes.length && !final) return -1
    return bytes[end.at + 1] === feed ? end.at + 2 : end.at + 1
  }

  return {
    scan(piece, final) {
      bytes = piece
      let at = 0
      while (at < bytes.length) {
        quoted = undefined
        const next = plainRow(at, final)
        if (next < 0) break
        onRecord(record)
        line += quoted === undefined ? 1 : 1 + lineBreaks(quoted)
        at = next
      }
      return at
    },
    tooLong() {
      const hint = 'look for a quote that is not closed, or another delimiter'
      return new DataError('too-large', `the row is longer than ${sizeText(longestRow)}`, { file, row: line, hint })
    },
  }
}

function widened(
  starts: Int32Array,
  ends: Int32Array,
): { starts: Int32Array<ArrayBuffer>; ends: Int32Array<ArrayBuffer> } {
  const twice = (values: Int32Array): Int32Array<ArrayBuffer> => {
    const out = new Int32Array(2 * values.length)
    out.set(values)
    return out
  }
  return { starts: twice(starts), ends: twice(ends) }
}

/**
 * Where a row that has quoted cells ends: at a line break outside quotes, or at the end of the bytes; -1 inside quotes.
 *
 * A cell is quoted if a quote is its very first character; the quote that closes it is followed, after spaces at most, by the
 * delimiter or the end of the row.
 */
function endOfQuotedRow(bytes: Uint8Array, from: number, separator: number): { at: number; isBroken: boolean } {
  const isBreak = (byte: number): boolean => byte === feed || byte === carriageReturn
  const length = bytes.length
  let at = from
  for (;;) {
    if (bytes[at] === quote) {
      at++
      for (;;) {
        at = bytes.indexOf(quote, at)
        if (at < 0) return { at: -1, isBroken: false }
        if (bytes[at + 1] !== quote) break
        at += 2
      }
      at++
      while (at < length && bytes[at] !== separator && isSpace(bytes[at])) at++
      if (at < length && bytes[at] !== separator && !isBreak(bytes[at])) return { at, isBroken: true }
    } else {
      while (at < length && bytes[at] !== separator && !isBreak(bytes[at])) at++
    }
    if (at >= length || isBreak(bytes[at])) return { at, isBroken: false }
    at++
  }
}

function isSpace(byte: number): boolean {
  return byte === space || byte === 0x09 || byte === 0x0b || byte === 0x0c
}

function lineBreaks(cells: readonly string[]): number {
  let count = 0
  for (const cell of cells) for (let k = cell.indexOf('\n'); k >= 0; k = cell.indexOf('\n', k + 1)) count++
  return count
}
