import { ModelFormatError } from '../errors.ts'

/** Appends numbers to a growing buffer, little-endian. */
export class ByteWriter {
  #view = new DataView(new ArrayBuffer(1024))
  #length = 0

  get length(): number {
    return this.#length
  }

  byte(value: number): void {
    const at = this.#room(1)
    this.#view.setUint8(at, value)
  }

  /** A nonnegative integer below 2³². */
  word(value: number): void {
    const at = this.#room(4)
    this.#view.setUint32(at, value, true)
  }

  /** A nonnegative integer, seven bits a byte, the lowest first. */
  count(value: number): void {
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte(128 + (rest % 128))
    this.byte(rest)
  }

  number(value: number): void {
    const at = this.#room(8)
    this.#view.setFloat64(at, value, true)
  }

  numbers(values: ArrayLike<number>): void {
    for (let k = 0; k < values.length; k++) this.number(values[k])
  }

  text(ascii: string): void {
    for (let k = 0; k < ascii.length; k++) this.byte(ascii.charCodeAt(k))
  }

  /** A view of what was written, valid until more is. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#view.buffer, 0, this.#length)
  }

  /** Where to write; may replace the view. */
  #room(size: number): number {
    const at = this.#length
    this.#length += size
    if (this.#length > this.#view.byteLength) {
      const larger = new Uint8Array(2 * this.#length)
      larger.set(new Uint8Array(this.#view.buffer, 0, at))
      this.#view = new DataView(larger.buffer)
    }
    return at
  }
}

/** Reads what `ByteWriter` wrote; no length in it is trusted. Throws `ModelFormatError` naming the position. */
export class ByteReader {
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get position(): number {
    return this.#at
  }

  get remaining(): number {
    return this.#view.byteLength - this.#at
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1))
  }

  word(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  count(): number {
    const start = this.#at
    let [value, unit] = [0, 1]
    for (;;) {
      const next = this.byte()
      value += (next % 128) * unit
      if (next < 128) return value
      unit *= 128
      if (unit > 2 ** 42) throw new ModelFormatError(`proof: byte ${start}: expected a count below 2⁴⁹`)
    }
  }

  number(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }

  numbers(count: number): Float64Array<ArrayBuffer> {
    const start = this.#take(8 * count)
    return Float64Array.from({ length: count }, (_, k) => this.#view.getFloat64(start + 8 * k, true))
  }

  text(length: number): string {
    const start = this.#take(length)
    return Array.from({ length }, (_, k) => String.fromCharCode(this.#view.getUint8(start + k))).join('')
  }

  #take(size: number): number {
    if (size > this.remaining) {
      throw new ModelFormatError(`proof: byte ${this.#at}: expected ${size} more bytes, got ${this.remaining}`)
    }
    const at = this.#at
    this.#at += size
    return at
  }
}

/** FNV-1a, 32 bits: every change of a single byte changes it. For noticing damage, not for security. */
export function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const value of bytes) hash = Math.imul(hash ^ value, 0x01000193)
  return hash >>> 0
}
