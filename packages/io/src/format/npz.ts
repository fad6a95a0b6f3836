import { arraysOfTable, tableOfArrays } from '../array-table.ts'
import type { Format } from '../format.ts'
import { readNpz, writeNpz } from '../npz.ts'
import { collect } from '../source.ts'

/** Named numpy arrays, one row per sample in each. A table is written with one array per column. */
export const npz: Format = {
  name: 'npz',
  title: 'a NumPy archive',
  extensions: ['.npz'],
  isCertain: (head) => head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4,
  async read(source, { memoryLimit }) {
    const { file } = source
    return tableOfArrays(readNpz(await collect(source, memoryLimit), { file, memoryLimit }), { file, memoryLimit })
  },
  *write(table, { precision } = {}) {
    yield writeNpz(arraysOfTable(table), { dtype: precision === 'float32' ? '<f4' : '<f8' })
  },
}
