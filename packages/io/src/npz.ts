import { zipSync } from 'fflate'
import { DataError, quoted } from './errors.ts'
import { defaultMemoryLimit } from './memory.ts'
import { type NpyArray, readNpy, writeNpy } from './npy.ts'
import { zipEntries } from './zip.ts'

export interface ArraysOptions {
  readonly file?: string
  /** Most bytes that the arrays may unpack to; more are refused before they are. */
  readonly memoryLimit?: number
}

/**
 * Reads numpy's NPZ archives, compressed or not: one NPY array per entry, by name, in the order of the archive.
 *
 * @throws DataError naming the byte of the archive, or the entry and the byte in it
 */
export function readNpz(
  bytes: Uint8Array,
  { file, memoryLimit = defaultMemoryLimit }: ArraysOptions = {},
): Map<string, NpyArray> {
  const arrays = new Map<string, NpyArray>()
  for (const entry of zipEntries(bytes, { file, limit: memoryLimit })) {
    const name = entry.name.replace(/\.npy$/, '')
    if (name === entry.name) {
      const what = `expected entries called *.npy, found ${quoted(entry.name)}`
      throw new DataError('unknown-format', what, {
        file,
        byte: 0,
        hint: 'export a spreadsheet as CSV; write arrays with np.savez',
      })
    }
    if (arrays.has(name)) {
      throw new DataError('damaged', `the archive has two arrays ${quoted(name)}`, {
        file,
        byte: 0,
        hint: 'rename one',
      })
    }
    arrays.set(name, readNpy(entry.bytes, { file: file === undefined ? entry.name : `${file}: ${entry.name}` }))
  }
  return arrays
}

/** Writes named arrays as `np.savez` does (`np.savez_compressed` with `compress`); the same arrays give the same bytes. */
export function writeNpz(
  arrays: ReadonlyMap<string, Pick<NpyArray, 'shape' | 'data'>>,
  { dtype, compress = false }: { readonly dtype?: '<f8' | '<f4'; readonly compress?: boolean } = {},
): Uint8Array {
  const files = Object.fromEntries([...arrays].map(([name, array]) => [`${name}.npy`, writeNpy(array, { dtype })]))
  return zipSync(files, { level: compress ? 6 : 0, mtime: new Date(1980, 0, 1) })
}
