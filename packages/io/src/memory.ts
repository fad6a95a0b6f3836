import { DataError } from './errors.ts'

/**
 * Bytes that reading may fill where the caller names no limit: 2 GiB.
 *
 * A host that knows its memory passes its own; this one only keeps a damaged or hostile length from taking everything.
 */
export const defaultMemoryLimit: number = 2 ** 31

/** What a column costs beside its numbers: its name and the objects around it. */
const columnOverhead = 200

/** Bytes that a table of numbers takes as float64. */
export function tableMemory(rows: number, cols: number): number {
  return cols * (8 * rows + columnOverhead)
}

/** Refuses a table larger than the limit before anything is allocated for it. */
export function checkMemory(
  { rows, cols }: { readonly rows: number; readonly cols: number },
  limit: number,
  {
    about = false,
    ...place
  }: { readonly file?: string; readonly row?: number; readonly byte?: number; readonly about?: boolean },
): void {
  const needed = tableMemory(rows, cols)
  if (needed <= limit) return
  const size = `${about ? 'about ' : ''}${Math.round(rows)} rows of ${cols} columns`
  const what = `${size} take ${sizeText(needed)} as float64, the limit is ${sizeText(limit)}`
  const hint = 'raise it with --memory-limit, or make a smaller file of fewer rows or columns'
  throw new DataError('too-large', what, { ...place, hint })
}

/** `1.2 GB`, in powers of ten. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const power = Math.min(5, Math.floor(Math.log10(bytes) / 3))
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${['', 'kB', 'MB', 'GB', 'TB', 'PB'][power]}`
}
