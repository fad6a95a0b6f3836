import { copied } from './bytes.ts'
import { DataError } from './errors.ts'
import { concatenated } from './inflate.ts'
import { sizeText } from './memory.ts'
import type { Source } from './source.ts'
import { checkTextSignature, shortText } from './text.ts'

export interface TextLine {
  readonly text: string
  /** From 1. */
  readonly line: number
}

const longestLine = 2 ** 28

/** Lines of a text file with their numbers, blank ones left out, piece by piece; `\n` or `\r\n` ends a line. */
export async function* textLines(source: Source): AsyncGenerator<readonly TextLine[]> {
  const { file } = source
  let held: Uint8Array[] = []
  let length = 0
  let line = 0
  let first = true
  const decode = (bytes: Uint8Array): TextLine | undefined => {
    line++
    const text = shortText(bytes, 0, bytes.length, { file, row: line })
    const clean = (line === 1 ? text.replace(/^\ufeff/, '') : text).trim()
    return clean === '' ? undefined : { text: clean, line }
  }
  for await (const piece of source.open()) {
    if (first) checkTextSignature(piece, file)
    first = false
    const end = piece.lastIndexOf(0x0a) + 1
    if (end === 0) {
      length += piece.length
      const hint = 'expected one row on each line'
      if (length > longestLine) {
        throw new DataError('too-large', `the line is longer than ${sizeText(longestLine)}`, {
          file,
          row: line + 1,
          hint,
        })
      }
      held.push(copied(piece))
      continue
    }
    const bytes = held.length === 0 ? piece.subarray(0, end) : concatenated([...held, piece.subarray(0, end)])
    const lines = splitLines(bytes).flatMap((one) => decode(one) ?? [])
    held = [copied(piece, end)]
    length = piece.length - end
    yield lines
  }
  const last = concatenated(held)
  const rest = last.length === 0 ? undefined : decode(last)
  if (rest) yield [rest]
}

/** Of bytes that end in a line feed. */
function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0x0a, at)
    lines.push(bytes.subarray(at, end))
    at = end + 1
  }
  return lines
}
