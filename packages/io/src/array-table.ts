import { DataError, quoted } from './errors.ts'
import { checkMemory } from './memory.ts'
import { type Column, numericColumns, type Table } from './table.ts'

/** An array of any shape, last axis fastest. */
export interface NumericArray {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

interface Place {
  readonly file: string | undefined
  readonly memoryLimit: number
}

/** One array as a table: the first axis counts rows, all others become columns c1, c2, … in their order. */
export function tableOfArray(array: NumericArray, place: Place): Table {
  const columns = columnsOf('', array, place)
  return assemble(
    columns.map(({ column }, k) => ({ name: `c${k + 1}`, column })),
    { ...place, named: false },
  )
}

/** Named arrays of equally many rows side by side: `y` stays `y`, an array X of several columns becomes X_1, X_2, … */
export function tableOfArrays(arrays: ReadonlyMap<string, NumericArray>, place: Place): Table {
  if (arrays.size === 0) throw new DataError('empty-file', 'the file has no arrays', { file: place.file, byte: 0 })
  const [[firstName, { shape: first }]] = arrays
  for (const [name, { shape }] of arrays) {
    if (shape[0] === first[0]) continue
    const what = `expected as many rows as ${quoted(firstName)} has, ${first[0] ?? 'none'}, found ${shape[0] ?? 'none'}`
    const hint = 'put only arrays with one row per sample into the file'
    throw new DataError('ragged-row', what, { file: place.file, column: name, hint })
  }
  const cols = [...arrays.values()].reduce((sum, { shape }) => sum + widthOf(shape), 0)
  checkMemory({ rows: first[0] ?? 0, cols }, place.memoryLimit, { file: place.file })
  const columns = [...arrays].flatMap(([name, array]) => columnsOf(name, array, place))
  const names = new Set<string>()
  for (const { name } of columns) {
    if (names.has(name)) {
      const hint = 'rename one of the arrays'
      throw new DataError('duplicate-column', 'two columns get the same name', { file: place.file, column: name, hint })
    }
    names.add(name)
  }
  return assemble(columns, { ...place, named: true })
}

function widthOf(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, size) => product * size, 1)
}

interface Named {
  readonly name: string
  readonly column: Column
}

function columnsOf(name: string, { shape, data }: NumericArray, { file, memoryLimit }: Place): Named[] {
  const rows = shape[0]
  const cols = widthOf(shape)
  if (rows === undefined || rows === 0 || cols === 0) {
    const found = shape.length === 0 ? 'a single number' : `an array of ${shape.join(' × ')}`
    const hint = 'the first axis counts the samples'
    throw new DataError('empty-file', `expected rows and columns, found ${found}`, { file, byte: 0, hint })
  }
  checkMemory({ rows, cols }, memoryLimit, { file })
  const columns = transposed(data, rows, cols)
  return columns.map((column, k) => ({ name: shape.length === 1 || cols === 1 ? name : `${name}_${k + 1}`, column }))
}

/** Row-major numbers as columns; blocks of rows are small enough to be in the cache while each column takes its part. */
function transposed(data: Float64Array, rows: number, cols: number): Float64Array[] {
  if (cols === 1) return [data]
  const out = Array.from({ length: cols }, () => new Float64Array(rows))
  const block = 64
  for (let first = 0; first < rows; first += block) {
    const end = Math.min(first + block, rows)
    for (let k = 0; k < cols; k++) {
      const column = out[k]
      for (let i = first; i < end; i++) column[i] = data[i * cols + k]
    }
  }
  return out
}

function assemble(columns: readonly Named[], { file, named }: { file: string | undefined; named: boolean }): Table {
  const names = columns.map(({ name }) => name)
  const cells = columns.map(({ column }) => column)
  return { file, names, named, columns: cells, rows: cells[0].length, lines: null, headerLooksLikeData: false }
}

/** The whole table as one array, row by row. Text throws, naming the cell. */
export function arrayOfTable(table: Table): NumericArray {
  const { rows, cols, data } = numericColumns(
    table,
    table.names.map((_, k) => k),
  )
  return { shape: [rows, cols], data }
}

/** Each column as an array of its own, by name. Text throws, naming the cell. */
export function arraysOfTable(table: Table): Map<string, NumericArray> {
  return new Map(table.names.map((name, k) => [name, { shape: [table.rows], data: numericColumns(table, [k]).data }]))
}
