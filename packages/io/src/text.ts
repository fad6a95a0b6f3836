import { DataError, type DataErrorPlace } from './errors.ts'

/** What the first bytes of common non-text files look like, and what to do with such a file. */
const signatures: readonly { readonly bytes: readonly number[]; readonly what: string; readonly hint: string }[] = [
  { bytes: [0x50, 0x4b, 0x03, 0x04], what: 'a zip archive or spreadsheet', hint: 'export it as CSV' },
  { bytes: [0x1f, 0x8b], what: 'gzip-compressed', hint: 'unpack it first: gunzip -c file.gz | relucent … -' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: 'zstd-compressed', hint: 'unpack it first: unzstd file.zst' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58], what: 'xz-compressed', hint: 'unpack it first: unxz file.xz' },
  { bytes: [0xff, 0xfe], what: 'UTF-16 text', hint: 'save it as UTF-8' },
  { bytes: [0xfe, 0xff], what: 'UTF-16 text', hint: 'save it as UTF-8' },
  { bytes: [0x50, 0x41, 0x52, 0x31], what: 'a Parquet file', hint: 'export it as CSV' },
]

/** Decodes UTF-8, drops a byte order mark, and refuses anything else by name: another encoding would change values silently. */
export function decodeText(source: Uint8Array | string, { file }: { readonly file?: string } = {}): string {
  const text = typeof source === 'string' ? source.replace(/^\ufeff/, '') : decodeBytes(source, file)
  if (text.includes('\0')) {
    const row = text.slice(0, text.indexOf('\0')).split('\n').length
    throw zeroByte({ file, row })
  }
  return text
}

/** Refuses the beginning of a file that is known not to be text, naming what it is. */
export function checkTextSignature(bytes: Uint8Array, file: string | undefined): void {
  const known = signatures.find((signature) => signature.bytes.every((byte, k) => bytes[k] === byte))
  if (known) throw new DataError('not-text', `expected text, found ${known.what}`, { file, hint: known.hint })
}

function decodeBytes(bytes: Uint8Array, file: string | undefined): string {
  checkTextSignature(bytes, file)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw notUtf8({ file, row: firstBadLine(bytes) })
  }
}

/** A line feed is never part of a longer UTF-8 character, so lines can be decoded one by one. */
function firstBadLine(bytes: Uint8Array): number | undefined {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let start = 0
  for (let line = 1; start <= bytes.length; line++) {
    const feed = bytes.indexOf(0x0a, start)
    const end = feed < 0 ? bytes.length : feed
    try {
      decoder.decode(bytes.subarray(start, end))
    } catch {
      return line
    }
    start = end + 1
  }
  return undefined
}

/** Longest text for which a character at a time is quicker than a decoder. */
const shortest = 24

/** A range of bytes as text; throws, naming the place, where it is not UTF-8 or has a zero byte. */
export function shortText(bytes: Uint8Array, start: number, end: number, place: DataErrorPlace): string {
  let high = 0
  let zero = false
  for (let at = start; at < end; at++) {
    high |= bytes[at]
    zero ||= bytes[at] === 0
  }
  if (zero) throw zeroByte(place)
  const part = bytes.subarray(start, end)
  if (high < 0x80 && part.length <= shortest) return String.fromCharCode.apply(null, part as unknown as number[])
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part)
  } catch {
    throw notUtf8(place)
  }
}

function zeroByte(place: DataErrorPlace): DataError {
  const hint = 'save it as UTF-8 text'
  return new DataError('not-text', 'expected text, found a zero byte (binary or UTF-16 data)', { ...place, hint })
}

function notUtf8(place: DataErrorPlace): DataError {
  const hint = 'save it as UTF-8'
  return new DataError('not-text', 'expected UTF-8 text, found bytes that are not', { ...place, hint })
}
