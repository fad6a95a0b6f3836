import { columns, type Dataset, sharedTable } from '../dataset.ts'

/** Planted problems that other systems have been run on: X.csv and Y.csv in one folder. */
export function rival(folder: string): Dataset {
  return {
    name: `rivals ${folder}`,
    load() {
      const read = (part: string) => columns(sharedTable(`rivals/${folder}/${part}.csv`, { header: false }))
      return { X: read('X'), Y: read('Y') }
    },
  }
}
