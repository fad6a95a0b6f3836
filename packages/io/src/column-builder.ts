import { type Column, numberText } from './table.ts'

/** A column that grows by one cell at a time: numbers as long as every cell is one, text from then on. */
export interface ColumnBuilder {
  readonly length: () => number
  readonly pushNumber: (value: number) => void
  readonly pushText: (cell: string) => void
  readonly finish: () => Column
}

/** For formats that store numbers as numbers: one that later meets text is written out again, which loses nothing. */
export function createColumnBuilder(expected = 64): ColumnBuilder {
  let numbers = new Float64Array(expected)
  let length = 0
  let cells: string[] | undefined
  return {
    length: () => (cells ? cells.length : length),
    pushNumber(value) {
      if (cells) {
        cells.push(numberText(value))
        return
      }
      if (length === numbers.length) numbers = grown(numbers)
      numbers[length++] = value
    },
    pushText(cell) {
      cells ??= Array.from(numbers.subarray(0, length), numberText)
      cells.push(cell)
    },
    finish: () => cells ?? numbers.subarray(0, length),
  }
}

/** Room for more, what is there copied. */
export function grown(numbers: Float64Array<ArrayBuffer>, least = 0): Float64Array<ArrayBuffer> {
  const out = new Float64Array(Math.max(64, least, Math.ceil(1.5 * numbers.length)))
  out.set(numbers)
  return out
}
