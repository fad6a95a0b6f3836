import { copied } from './bytes.ts'
import { DataError } from './errors.ts'
import { concatenated, createGunzip } from './inflate.ts'
import { sizeText } from './memory.ts'

/** Where bytes come from: a file, an upload, an array. Nothing is held in memory before it is asked for. */
export interface Source {
  /** Name used in error messages, and to tell the format. */
  readonly file: string | undefined
  /** Bytes in all, where that is known beforehand. */
  readonly size?: number
  /**
   * The bytes from the beginning, in pieces. May be called again, and left before the end.
   *
   * A piece holds only until the next is asked for, so that a source may fill one buffer over and over.
   */
  open(): AsyncIterable<Uint8Array>
}

const pieceSize = 1 << 20

/** Bytes that are already in memory. */
export function bytesSource(bytes: Uint8Array, file?: string): Source {
  return {
    file,
    size: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize)
    },
  }
}

/** The first `count` bytes, or all where there are fewer. */
export async function headOf(source: Source, count: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of source.open()) {
    parts.push(copied(part, 0, count - length))
    length += part.length
    if (length >= count) break
  }
  return concatenated(parts)
}

/** All bytes, for formats that cannot be read piece by piece; refused beyond `limit`. */
export async function collect(source: Source, limit: number): Promise<Uint8Array> {
  const tooLarge = (): DataError => {
    const what = `the file has more than ${sizeText(limit)}, the limit set for memory`
    return new DataError('too-large', what, { file: source.file, hint: 'raise it with --memory-limit' })
  }
  if (source.size !== undefined && source.size > limit) throw tooLarge()
  let out = new Uint8Array(source.size ?? pieceSize)
  let length = 0
  for await (const part of source.open()) {
    const end = length + part.length
    if (end > limit) throw tooLarge()
    if (end > out.length) out = concatenated([out.subarray(0, length)], Math.max(end, Math.min(limit, 2 * out.length)))
    out.set(part, length)
    length = end
  }
  return out.subarray(0, length)
}

/** The same file without its gzip layer; the checksum is verified by whoever reads to the end. */
export function gunzipped(source: Source): Source {
  const { file } = source
  return {
    file: file?.replace(/\.gz$/i, ''),
    async *open() {
      const ready: Uint8Array[] = []
      const unpack = createGunzip((data) => ready.push(data), { file })
      for await (const part of source.open()) {
        for (let at = 0; at < part.length; at += gzipPiece) {
          unpack.push(copied(part, at, at + gzipPiece), false)
          yield* ready.splice(0)
        }
      }
      unpack.push(new Uint8Array(), true)
      yield* ready.splice(0)
    },
  }
}

/** Deflate grows at most about a thousandfold, so a piece of this size unpacks to some 16 MB at most. */
const gzipPiece = 1 << 14
