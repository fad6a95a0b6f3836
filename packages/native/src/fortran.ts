import type { LibraryHandle } from 'koffi'

/** What the address of a Fortran argument may point at: INTEGER, REAL, DOUBLE PRECISION, CHARACTER. */
export type Argument = Int32Array | Float32Array | Float64Array | Uint8Array

export type Routine = (...args: Argument[]) => void

/**
 * The routines used, each with its number of arguments and how many of them are CHARACTER.
 *
 * Fortran takes every argument by address. Compilers append the length of each CHARACTER argument by value; libraries
 * written in C ignore it, those written in Fortran may rely on it, so it is always passed.
 */
const signatures = {
  ilaver_: [3, 0],
  dgemm_: [13, 2],
  sgemm_: [13, 2],
  dsyrk_: [10, 2],
  dpotrf_: [5, 1],
  dgelqf_: [8, 0],
  dorglq_: [9, 0],
  dsyevd_: [11, 2],
  dgesdd_: [14, 1],
  dgejsv_: [19, 6],
} as const

export type Routines = Readonly<Record<keyof typeof signatures, Routine>>

/** The routines of the first library that has each; throws when one is in none of them. */
export function bindRoutines(libraries: readonly LibraryHandle[]): Routines {
  const names = Object.keys(signatures) as (keyof Routines)[]
  return Object.fromEntries(names.map((name) => [name, bind(libraries, name)])) as Routines
}

function bind(libraries: readonly LibraryHandle[], name: keyof Routines): Routine {
  const [count, characters] = signatures[name]
  const types = [...new Array<string>(count).fill('void *'), ...new Array<string>(characters).fill('size_t')]
  const lengths = new Array<number>(characters).fill(1)
  for (const library of libraries) {
    try {
      const routine = library.func(name, 'void', types)
      return (...args) => void routine(...args, ...lengths)
    } catch {}
  }
  throw new Error(`it lacks ${name}`)
}

/** The largest INTEGER of the common (LP64) interface. */
const largestInteger = 2 ** 31 - 1

/**
 * Writes INTEGER arguments into cells that every call uses again, and returns the cells: calls are synchronous, and
 * Fortran keeps no address. Throws RangeError for what 32 bits cannot hold, instead of a wrapped size.
 */
export function integers(count: number): (...values: number[]) => readonly Int32Array[] {
  const cells = Array.from({ length: count }, () => new Int32Array(1))
  return (...values) => {
    values.forEach((value, k) => {
      if (!(value <= largestInteger)) {
        throw new RangeError(`native: sizes and workspaces must be at most ${largestInteger}, got ${value}`)
      }
      cells[k][0] = value
    })
    return cells
  }
}

export function character(letter: string): Uint8Array {
  return Uint8Array.of(letter.charCodeAt(0))
}

const workspaceSize = integers(1)

/** The last workspace, while memory is not short: fresh pages cost more than the calls' other overhead together. */
let kept = new WeakRef(new Float64Array(0))

/**
 * Runs a LAPACK routine twice, first asking for the best size of its WORK (LWORK = −1), then with at least that much.
 * The answer can overflow where the least size does not.
 */
export function withWorkspace(least: number, run: (work: Float64Array, lwork: Int32Array) => void): void {
  workspaceSize(least)
  const answer = new Float64Array(1)
  run(answer, workspaceSize(-1)[0])
  const size = Math.max(least, answer[0])
  const last = kept.deref()
  const work = last && last.length >= size ? last : new Float64Array(size)
  kept = new WeakRef(work)
  run(work, workspaceSize(size)[0])
}
