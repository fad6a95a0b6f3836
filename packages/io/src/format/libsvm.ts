import { grown } from '../column-builder.ts'
import { emptyFile } from '../csv.ts'
import { DataError, type DataErrorPlace, quoted } from '../errors.ts'
import type { Format, ReadOptions, WriteOptions } from '../format.ts'
import { checkMemory } from '../memory.ts'
import { parseNumber } from '../number.ts'
import { inPieces } from '../pieces.ts'
import type { Source } from '../source.ts'
import { columnIndex, numberText, numericColumns, type Table } from '../table.ts'
import { textLines } from '../text-lines.ts'

/** What libsvm and svmlight read and write: `label index:value …`, indices from 1, zeros left out. */
export const libsvm: Format = {
  name: 'libsvm',
  title: 'a libsvm file',
  extensions: ['.libsvm', '.svm', '.svmlight'],
  read,
  write,
}

/** What is in the file, before it is known how wide the table is. */
interface Entries {
  readonly lines: number[]
  labels: Float64Array<ArrayBuffer>
  /** Number of the row, and the column from 1, of each value. */
  rows: Float64Array<ArrayBuffer>
  columns: Float64Array<ArrayBuffer>
  values: Float64Array<ArrayBuffer>
  count: number
  width: number
}

async function read(source: Source, { memoryLimit }: ReadOptions): Promise<Table> {
  const { file } = source
  const none = new Float64Array()
  const entries: Entries = { lines: [], labels: none, rows: none, columns: none, values: none, count: 0, width: 0 }
  for await (const block of textLines(source)) {
    for (const { text, line } of block) {
      const before = entries.width
      appendLine(entries, text.replace(/#.*/, '').trim(), { file, row: line })
      const size = { rows: entries.lines.length, cols: entries.width + 1 }
      if (entries.width > before) checkMemory(size, memoryLimit, { file, row: line })
    }
    checkMemory({ rows: entries.lines.length, cols: entries.width + 1 }, memoryLimit, {
      file,
      row: entries.lines.at(-1),
    })
  }
  if (entries.lines.length === 0) throw emptyFile(file)
  return dense(entries, file)
}

function appendLine(entries: Entries, text: string, place: DataErrorPlace): void {
  if (text === '') return // a comment by itself
  const [label, ...pairs] = text.split(/\s+/)
  const row = entries.lines.length
  if (row === entries.labels.length) entries.labels = grown(entries.labels)
  entries.labels[row] = numberIn(label, 'a number as label', place)
  entries.lines.push(place.row ?? 0)
  let last = 0
  for (const pair of pairs) {
    const colon = pair.indexOf(':')
    const index = parseIndex(pair.slice(0, Math.max(0, colon)), pair, place)
    if (!(index > last)) {
      const hint = 'indices count from 1 and grow along a row'
      throw new DataError('damaged', `expected an index above ${last}, found ${quoted(pair)}`, { ...place, hint })
    }
    last = index
    append(entries, row, index, numberIn(pair.slice(colon + 1), 'index:number', place))
  }
  entries.width = Math.max(entries.width, last)
}

function parseIndex(text: string, pair: string, place: DataErrorPlace): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const hint = text === 'qid' ? 'rankings with query numbers cannot be read: remove qid' : undefined
  throw new DataError('damaged', `expected index:value, found ${quoted(pair)}`, { ...place, hint })
}

function numberIn(text: string, expected: string, place: DataErrorPlace): number {
  const parsed = parseNumber(text)
  if (parsed.kind === 'number') return parsed.value
  throw new DataError('not-a-number', `expected ${expected}, found ${quoted(text)}`, place)
}

function append(entries: Entries, row: number, column: number, value: number): void {
  if (entries.count === entries.values.length) {
    entries.rows = grown(entries.rows)
    entries.columns = grown(entries.columns)
    entries.values = grown(entries.values)
  }
  entries.rows[entries.count] = row
  entries.columns[entries.count] = column
  entries.values[entries.count++] = value
}

function dense({ lines, labels, rows, columns, values, count, width }: Entries, file: string | undefined): Table {
  const n = lines.length
  const data = new Float64Array(n * width)
  for (let k = 0; k < count; k++) data[(columns[k] - 1) * n + rows[k]] = values[k]
  const features = Array.from({ length: width }, (_, k) => data.subarray(k * n, (k + 1) * n))
  return {
    file,
    names: ['label', ...features.map((_, k) => `x${k + 1}`)],
    named: true,
    columns: [labels.subarray(0, n), ...features],
    rows: n,
    lines,
    headerLooksLikeData: false,
  }
}

/** The label is the target column; the other columns are numbered in their order, and lose their names. */
function* write(table: Table, { target = 'label' }: WriteOptions = {}): Generator<Uint8Array> {
  if (!table.names.includes(target) && target === 'label') {
    const hint = 'name the column that is the label with --target'
    throw new DataError('not-writable', 'a libsvm file needs a label for each row', { file: table.file, hint })
  }
  const label = columnIndex(table, target)
  const others = table.names.map((_, k) => k).filter((k) => k !== label)
  const [y, X] = [numericColumns(table, [label]), numericColumns(table, others)]
  yield* inPieces(function* () {
    for (let i = 0; i < table.rows; i++) {
      const row = X.data.subarray(i * X.cols, (i + 1) * X.cols)
      const pairs = Array.from(row, (value, k) => (Object.is(value, 0) ? '' : `${k + 1}:${numberText(value)}`))
      if (i === 0 && Object.is(row.at(-1), 0)) pairs[row.length - 1] = `${row.length}:0` // so that the width can be read back
      yield [numberText(y.data[i]), ...pairs.filter((pair) => pair !== '')].join(' ')
    }
  })
}
