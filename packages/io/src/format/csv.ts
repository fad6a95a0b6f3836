import { readCsv } from '../csv-stream.ts'
import type { Format } from '../format.ts'
import { cellText, isNumberColumn } from '../table.ts'
import { csvLine } from '../write.ts'
import { inPieces } from '../pieces.ts'

function delimited(name: 'csv' | 'tsv', title: string, extensions: readonly string[], usual?: string): Format {
  return {
    name,
    title,
    extensions,
    read: (source, { delimiter = usual, ...options }) => readCsv(source, { ...options, delimiter }),
    *write({ names, columns, rows }, { delimiter = usual ?? ',' } = {}) {
      const cells = (row: number): (string | number)[] =>
        columns.map((column) => (isNumberColumn(column) ? column[row] : cellText(column, row)))
      yield* inPieces(function* () {
        yield csvLine(names, delimiter)
        for (let row = 0; row < rows; row++) yield csvLine(cells(row), delimiter)
      })
    },
  }
}

/** Delimited text (RFC 4180); the delimiter is guessed unless it is given. */
export const csv: Format = delimited('csv', 'a CSV file', ['.csv', '.txt', '.data', '.dat'])

/** The same with tabs. */
export const tsv: Format = delimited('tsv', 'a TSV file', ['.tsv', '.tab'], '\t')
