import { arrayOfTable, tableOfArray } from '../array-table.ts'
import type { Format } from '../format.ts'
import { isNpy, readNpy, writeNpy } from '../npy.ts'
import { collect } from '../source.ts'

/** One numpy array: rows along the first axis. Column names are not stored. */
export const npy: Format = {
  name: 'npy',
  title: 'a NumPy array',
  extensions: ['.npy'],
  isCertain: isNpy,
  async read(source, { memoryLimit }) {
    const { file } = source
    return tableOfArray(readNpy(await collect(source, memoryLimit), { file }), { file, memoryLimit })
  },
  *write(table, { precision } = {}) {
    yield writeNpy(arrayOfTable(table), { dtype: precision === 'float32' ? '<f4' : '<f8' })
  },
}
