import { columns, type Dataset, oneHot, sharedTable } from '../dataset.ts'

const features = ['variance', 'skewness', 'curtosis', 'entropy']

function banknote(name: string, outputs: 'classes' | 'number', bias: boolean): Dataset {
  return {
    name,
    load() {
      const table = sharedTable('data/uci/banknote.csv')
      const target = columns(table, ['class'])
      return { X: columns(table, features), Y: outputs === 'classes' ? oneHot(target.data) : target, bias }
    },
  }
}

/** 1372 × 4, two classes one-hot. */
export const banknoteClasses = banknote('banknote', 'classes', false)

/** The same, the class as one number. */
export const banknoteNumber = banknote('banknote, one output', 'number', false)

/** Rank 5. */
export const banknoteBias = banknote('banknote + bias', 'classes', true)
