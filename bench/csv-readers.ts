import { createReadStream, readFileSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { numericColumns, readTable } from '@relucent/io'

/** Reads a file of numbers below a header into one row-major matrix. */
export type CsvReader = (file: string) => Promise<Matrix>

export interface Matrix {
  readonly cols: number
  readonly data: Float64Array
}

/** Numbers as they come, without a second copy of more than half of them. */
class Collected {
  private parts: Float64Array[] = []
  private part = new Float64Array(1 << 16)
  private used = 0

  push(value: number): void {
    if (this.used === this.part.length) {
      this.parts.push(this.part)
      this.part = new Float64Array(1 << 16)
      this.used = 0
    }
    this.part[this.used++] = value
  }

  joined(): Float64Array {
    const out = new Float64Array(this.parts.length * (1 << 16) + this.used)
    this.parts.forEach((part, k) => out.set(part, k * (1 << 16)))
    out.set(this.part.subarray(0, this.used), this.parts.length * (1 << 16))
    return out
  }
}

async function ours(file: string): Promise<Matrix> {
  const { size } = await stat(file)
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const handle = await open(file)
    const buffer = new Uint8Array(1 << 18)
    try {
      for (;;) {
        const { bytesRead } = await handle.read(buffer)
        if (bytesRead === 0) return
        yield buffer.subarray(0, bytesRead)
      }
    } finally {
      await handle.close()
    }
  }
  const table = await readTable({ file, size, open: pieces })
  return numericColumns(
    table,
    table.names.map((_, k) => k),
  )
}

async function udsvTyped(file: string): Promise<Matrix> {
  const { inferSchema, initParser } = await import('udsv')
  const text = readFileSync(file, 'utf8')
  const rows: readonly (readonly unknown[])[] = initParser(inferSchema(text)).typedArrs(text)
  return flat(rows)
}

/** Cells stay strings: what its parsing costs by itself, and no matrix. */
async function udsvText(file: string): Promise<Matrix> {
  const { inferSchema, initParser } = await import('udsv')
  const text = readFileSync(file, 'utf8')
  const rows = initParser(inferSchema(text)).stringArrs(text)
  return { cols: rows[0].length, data: new Float64Array() }
}

function flat(rows: readonly (readonly unknown[])[]): Matrix {
  const cols = rows[0].length
  const data = new Float64Array(rows.length * cols)
  rows.forEach((row, i) => {
    for (let k = 0; k < cols; k++) data[i * cols + k] = Number(row[k])
  })
  return { cols, data }
}

interface PapaChunks {
  parse(
    input: NodeJS.ReadableStream,
    options: { chunk: (result: { data: string[][] }) => void; complete: () => void; skipEmptyLines: boolean },
  ): void
}

async function papaparse(file: string): Promise<Matrix> {
  const papa = createRequire(import.meta.url)('papaparse') as PapaChunks
  const numbers = new Collected()
  let cols = 0
  await new Promise<void>((resolve) => {
    const chunk = ({ data }: { data: string[][] }): void => {
      for (const row of cols === 0 ? data.slice(1) : data) for (const cell of row) numbers.push(Number(cell))
      cols ||= data[0].length
    }
    papa.parse(createReadStream(file, 'utf8'), { chunk, complete: resolve, skipEmptyLines: true })
  })
  return { cols, data: numbers.joined() }
}

async function csvParse(file: string): Promise<Matrix> {
  const { parse } = await import('csv-parse')
  const numbers = new Collected()
  let cols = 0
  for await (const row of createReadStream(file).pipe(parse({ from: 2 })) as AsyncIterable<string[]>) {
    for (const cell of row) numbers.push(Number(cell))
    cols = row.length
  }
  return { cols, data: numbers.joined() }
}

async function csvParser(file: string): Promise<Matrix> {
  const { default: parser } = await import('csv-parser')
  const numbers = new Collected()
  let cols = 0
  for await (const row of createReadStream(file).pipe(parser()) as AsyncIterable<Record<string, string>>) {
    const cells = Object.values(row)
    for (const cell of cells) numbers.push(Number(cell))
    cols = cells.length
  }
  return { cols, data: numbers.joined() }
}

/** Ours first; the others into the same kind of matrix, except where a name says otherwise. */
export const csvReaders: Readonly<Record<string, CsvReader>> = {
  '@relucent/io': ours,
  udsv: udsvTyped,
  'udsv, cells as text': udsvText,
  papaparse,
  'csv-parse': csvParse,
  'csv-parser': csvParser,
}
