import { applyPreprocessing, fitPreprocessing } from '@relucent/core'
import { columns, type Dataset, oneHot, sharedTable } from '../dataset.ts'

/** A UCI set, its features standardised, a column of ones beside them; classes one-hot, a number as it is. */
function standardised(name: string, target: string, outputs: 'classes' | 'number'): Dataset {
  return {
    name: `${name} + bias`,
    load() {
      const table = sharedTable(`data/uci/${name}.csv`)
      const features = columns(
        table,
        table.names.filter((column) => column !== target),
      )
      const Y = columns(table, [target])
      const X = applyPreprocessing(fitPreprocessing('standardize', features), features)
      return { X, Y: outputs === 'classes' ? oneHot(Y.data) : Y, bias: true }
    },
  }
}

/** 306 × 4, rank 4. */
export const haberman = standardised('haberman', 'survival', 'classes')

/** 748 × 5, rank 4: the amount given is proportional to the number of times. */
export const blood = standardised('blood', 'donated', 'classes')

/** 151 × 6, rank 6, three classes. */
export const teaching = standardised('teaching', 'class_attribute', 'classes')

/** 308 × 7, rank 7, one number. */
export const yacht = standardised('yacht', 'resistance', 'number')

/** 310 × 7, rank 7, if barely: one angle is the sum of two others but for the rounding of the table. */
export const vertebral = standardised('vertebral_2c', 'class', 'classes')
