import { ModelFormatError } from '../errors.ts'

/**
 * A value read from a JSON file together with the place it was found, so that every complaint can say
 * what file, which field, what was expected and what was there instead.
 */
export class Field {
  readonly #value: unknown
  readonly #file: string
  readonly #path: string

  constructor(file: string, path: string, value: unknown) {
    this.#file = file
    this.#path = path
    this.#value = value
  }

  get(key: string): Field {
    const path = this.#path === '' ? key : `${this.#path}.${key}`
    const record = this.#value
    if (typeof record !== 'object' || record === null || Array.isArray(record)) return this.#reject('an object')
    if (!Object.hasOwn(record, key)) throw new ModelFormatError(`${this.#file}: ${path} is missing`)
    return new Field(this.#file, path, (record as Record<string, unknown>)[key])
  }

  /** For keys that came after the first files were written. */
  optional(key: string): Field | undefined {
    const record = this.#value
    return typeof record === 'object' && record !== null && Object.hasOwn(record, key) ? this.get(key) : undefined
  }

  list(): Field[] {
    if (!Array.isArray(this.#value)) return this.#reject('a list')
    return this.#value.map((value: unknown, k) => new Field(this.#file, `${this.#path}[${k}]`, value))
  }

  text(): string {
    return typeof this.#value === 'string' ? this.#value : this.#reject('text')
  }

  flag(): boolean {
    return typeof this.#value === 'boolean' ? this.#value : this.#reject('true or false')
  }

  number(): number {
    const value = this.#value
    return typeof value === 'number' && Number.isFinite(value) ? value : this.#reject('a finite number')
  }

  positive(): number {
    const value = this.number()
    return value > 0 ? value : this.#reject('a positive number')
  }

  nonnegative(): number {
    const value = this.number()
    return value >= 0 ? value : this.#reject('a number of at least 0')
  }

  integer(): number {
    const value = this.number()
    return Number.isSafeInteger(value) ? value : this.#reject('an integer')
  }

  /** A nonnegative integer. */
  count(): number {
    const value = this.integer()
    return value >= 0 ? value : this.#reject('an integer of at least 0')
  }

  numbers(length: number): Float64Array<ArrayBuffer> {
    const values = this.list()
    if (values.length !== length) this.#reject(`${length} numbers`)
    return Float64Array.from(values, (value) => value.number())
  }

  /** A class label. */
  label(): string | number {
    return typeof this.#value === 'string' ? this.#value : this.integer()
  }

  oneOf<T extends string>(options: readonly T[]): T {
    return options.find((option) => option === this.#value) ?? this.#reject(`one of ${options.join(', ')}`)
  }

  /** JSON has no Infinity and no NaN: they are written as null. */
  orNull<T, N>(read: (field: Field) => T, absent: N): T | N {
    return this.#value === null ? absent : read(this)
  }

  /** For rules that span several fields. */
  check(holds: boolean, expected: string): void {
    if (!holds) this.#reject(expected)
  }

  #reject(expected: string): never {
    const place = this.#path === '' ? this.#file : `${this.#file}: ${this.#path}`
    throw new ModelFormatError(`${place} must be ${expected}, got ${shown(this.#value)}`)
  }
}

/**
 * Parses a file of ours. A file from the future gets its own message, since the remedy differs from that for a broken one.
 */
export function openFile(file: string, format: string, newest: number, text: string): Field {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new ModelFormatError(`${file}: must be JSON, got ${(error as Error).message}`, { cause: error })
  }
  const root = new Field(file, '', value)
  root.get('format').oneOf([format])
  const formatVersion = root.get('formatVersion').integer()
  if (formatVersion > newest) {
    throw new ModelFormatError(
      `${file}: written by a newer Relucent (format ${formatVersion}); this one reads up to ${newest}: upgrade`,
    )
  }
  root.get('formatVersion').check(formatVersion >= 1, 'at least 1')
  return root
}

/** JSON with two-space indentation and lists of plain values on one line; numbers keep all their digits. */
export function format(value: object): string {
  const spread = JSON.stringify(value, null, 2)
  return `${spread.replace(/\[\n\s*([^[\]{}]*?)\n\s*\]/g, (_, items: string) => `[${items.replace(/,\n\s*/g, ', ')}]`)}\n`
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
