import { DataError, quoted } from './errors.ts'

/** A cursor over bytes that never reads past their end and says where it stood when something is wrong. */
export interface ByteReader {
  readonly file: string | undefined
  readonly view: DataView
  /** Where the next read begins. */
  position(): number
  remaining(): number
  /** The next `count` bytes, not copied. `what` names them in the error when there are fewer. */
  take(count: number, what: string): Uint8Array
  seek(position: number, what: string): void
  uint8(what: string): number
  uint16(what: string): number
  uint32(what: string): number
  /** An unsigned 64-bit length; one that no file can have throws. */
  length64(what: string): number
  /** An error at the last position read from, or at another. */
  damaged(what: string, at?: number): DataError
}

/** Little endian throughout; formats that are not use `view`. */
export function createByteReader(bytes: Uint8Array, file: string | undefined): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  let last = 0
  const advance = (count: number, what: string): number => {
    if (!(count >= 0 && count <= bytes.length - at)) throw truncated(what, count, bytes.length - at, { file, byte: at })
    last = at
    at += count
    return last
  }
  const damaged = (what: string, byte = last): DataError => new DataError('damaged', what, { file, byte, hint: again })
  return {
    file,
    view,
    position: () => at,
    remaining: () => bytes.length - at,
    take(count, what) {
      const start = advance(count, what)
      return bytes.subarray(start, start + count)
    },
    seek(position, what) {
      if (!(position >= 0 && position <= bytes.length)) {
        throw damaged(`${what} is said to be at byte ${position} of a file of ${bytes.length} bytes`, at)
      }
      at = position
    },
    uint8: (what) => view.getUint8(advance(1, what)),
    uint16: (what) => view.getUint16(advance(2, what), true),
    uint32: (what) => view.getUint32(advance(4, what), true),
    length64(what) {
      const start = advance(8, what)
      const value = view.getUint32(start, true) + view.getUint32(start + 4, true) * 2 ** 32
      if (Number.isSafeInteger(value)) return value
      throw damaged(`expected ${what}, found ${value}, longer than any file`)
    },
    damaged,
  }
}

const again = 'the file may be damaged or cut off: copy or make it again'

function truncated(
  what: string,
  needed: number,
  left: number,
  place: { file: string | undefined; byte: number },
): DataError {
  const found = left === 0 ? 'the file ends' : `only ${left} are left`
  return new DataError('truncated', `expected ${needed} bytes of ${what}, ${found}`, { ...place, hint: again })
}

/** Bytes as text for a message: what a file began with instead of what was expected. */
export function shownBytes(bytes: Uint8Array): string {
  return quoted(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

/** Text in UTF-8, or undefined where the bytes are not. */
export function utf8OrUndefined(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** A copy of a range. Not `slice`, which answers a view where the bytes are one of Node's Buffers. */
export function copied(bytes: Uint8Array, start = 0, end: number = bytes.length): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.subarray(start, end))
}
