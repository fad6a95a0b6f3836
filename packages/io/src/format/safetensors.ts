import { arraysOfTable, tableOfArrays } from '../array-table.ts'
import type { Format } from '../format.ts'
import { readSafetensors, writeSafetensors } from '../safetensors.ts'
import { collect } from '../source.ts'

/** Named tensors, one row per sample in each. A table is written with one tensor per column. */
export const safetensors: Format = {
  name: 'safetensors',
  title: 'a safetensors file',
  extensions: ['.safetensors'],
  isCertain: (head) => head[8] === 0x7b && head[6] === 0 && head[7] === 0 && head[5] === 0 && head[4] === 0,
  async read(source, { memoryLimit }) {
    const { file } = source
    return tableOfArrays(readSafetensors(await collect(source, memoryLimit), { file }), { file, memoryLimit })
  },
  *write(table, { precision } = {}) {
    yield writeSafetensors(arraysOfTable(table), { dtype: precision === 'float32' ? 'F32' : 'F64' })
  },
}
