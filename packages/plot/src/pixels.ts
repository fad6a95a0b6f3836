/** Colours as bytes, row by row: red, green, blue. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** 3 · width · height. */
  readonly data: Uint8Array
}

/**
 * A PNG file of these pixels (W3C, "Portable network graphics specification", third edition), in blocks that are stored, not packed: no
 * package is needed for it, and pictures of a few hundred pixels do not mind.
 */
export function pngOf({ width, height, data }: Pixels): Uint8Array {
  if (!(data.length === 3 * width * height && width > 0 && height > 0)) {
    throw new RangeError(`pngOf: ${width} × ${height} pixels need ${3 * width * height} bytes, got ${data.length}`)
  }
  const lines = new Uint8Array(height * (3 * width + 1)) // each begins with its filter: none
  for (let y = 0; y < height; y++) {
    lines.set(data.subarray(3 * width * y, 3 * width * (y + 1)), y * (3 * width + 1) + 1)
  }
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header.set([8, 2], 8) // bits a channel; red, green, blue
  return joined([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    chunk('IDAT', stored(lines)),
    chunk('IEND', new Uint8Array(0)),
  ])
}

const mostStored = 65_535

/** A zlib stream (RFC 1950) of stored blocks (RFC 1951). */
function stored(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)]
  for (let from = 0; from < bytes.length; from += mostStored) {
    const block = bytes.subarray(from, from + mostStored)
    const last = from + mostStored >= bytes.length ? 1 : 0
    const { length } = block
    parts.push(Uint8Array.of(last, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255), block)
  }
  let [low, high] = [1, 0]
  for (const byte of bytes) {
    low = (low + byte) % 65_521
    high = (high + low) % 65_521
  }
  return joined([...parts, bigEndian(high * 65_536 + low)])
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const body = joined([Uint8Array.from(name, (letter) => letter.charCodeAt(0)), data])
  return joined([bigEndian(data.length), body, bigEndian(checksum(body))])
}

/** CRC-32, bit by bit. */
function checksum(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0)
  }
  return ~value >>> 0
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((total, { length }) => total + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
