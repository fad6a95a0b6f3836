import { DataError, type DataErrorPlace, listed, quoted } from './errors.ts'
import { parseNumber } from './number.ts'
import { cellPlace, cellText, columnKind, type Table } from './table.ts'

/** A class is named by text or by an integer. */
export type ClassLabel = string | number

/** In a column of labels "none" or "-" may be a class; these are not. */
const missingLabels = new Set(['', '?', 'na', 'n/a', '#n/a', '<na>', 'nan', 'null'])

/** How labels are read: as integers (1, 1.0 and 1e0 are one class) or as they are written. */
export type LabelKind = 'integer' | 'text'

/** Integers when every cell is a number, text otherwise. */
export function labelKind(table: Table, column: number): LabelKind {
  return columnKind(table, column).kind === 'numeric' ? 'integer' : 'text'
}

/** A target column as class labels. A missing label throws, naming its row. */
export function classLabels(table: Table, column: number, kind: LabelKind): ClassLabel[] {
  const cells = table.columns[column]
  return Array.from({ length: table.rows }, (_, row) => {
    const place = cellPlace(table, row, column)
    const text = cellText(cells, row).trim()
    if (missingLabels.has(text.toLowerCase())) {
      const what = text === '' ? 'expected a class, the cell is empty' : `expected a class, found ${quoted(text)}`
      throw new DataError('missing-value', what, { ...place, hint: 'fill the value in or remove the row' })
    }
    return kind === 'integer' ? integerLabel(text, place) : text
  })
}

function integerLabel(text: string, place: DataErrorPlace): number {
  const parsed = parseNumber(text)
  if (parsed.kind === 'number' && Number.isSafeInteger(parsed.value)) return parsed.value + 0
  const hint = 'classes are integers or text; for other numbers use --task regression'
  throw new DataError('not-a-class', `expected an integer class, found ${quoted(text)}`, { ...place, hint })
}

/** The distinct labels in a fixed order: integers by size, text by code unit, never by the machine's language. */
export function distinctClasses(labels: readonly ClassLabel[]): ClassLabel[] {
  return [...new Set(labels)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/** Position of every label among `classes`; a label that is not among them throws, naming its row. */
export function classIndices(
  labels: readonly ClassLabel[],
  classes: readonly ClassLabel[],
  place: { readonly table: Table; readonly column: number },
): number[] {
  const positions = new Map(classes.map((label, k) => [label, k]))
  return labels.map((label, row) => {
    const k = positions.get(label)
    if (k !== undefined) return k
    const { table, column } = place
    throw new DataError('unknown-class', `the model never saw the class ${quoted(String(label))}`, {
      ...cellPlace(table, row, column),
      hint: `its classes are ${listed(classes.map(String))}`,
    })
  })
}
