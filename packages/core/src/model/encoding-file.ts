import type { ColumnEncoding, Encoding } from '../preprocessing/encoding.ts'
import type { Field } from './fields.ts'

/** One entry per feature. */
export function readEncoding(field: Field, features: number): Encoding {
  const columns = field.get('columns')
  const read = columns.list().map(readColumn)
  columns.check(read.length === features, `${features} columns, as the features`)
  return { columns: read }
}

function readColumn(field: Field): ColumnEncoding {
  const indicator = field.get('indicator').flag()
  if (field.get('kind').oneOf(['number', 'category']) === 'number') {
    return { kind: 'number', fill: field.get('fill').orNull((fill) => fill.number(), null), indicator }
  }
  const categories = field
    .get('categories')
    .list()
    .map((category) => category.text())
  field
    .get('categories')
    .check(new Set(categories).size === categories.length && categories.length > 0, 'different texts')
  return { kind: 'category', categories, allowsMissing: field.get('allowsMissing').flag(), indicator }
}
