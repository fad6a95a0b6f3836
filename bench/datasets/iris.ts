import { columns, type Dataset, oneHot, sharedTable } from '../dataset.ts'

const file = 'data/uci/iris.csv'
const petals = ['petal_length', 'petal_width']
const all = ['sepal_length', 'sepal_width', ...petals]

function iris(name: string, features: readonly string[], bias: boolean): Dataset {
  return {
    name,
    load() {
      const table = sharedTable(file)
      return { X: columns(table, features), Y: oneHot(columns(table, ['class']).data), bias }
    },
  }
}

/** Rank 3. */
export const irisPetals = iris('iris petals + bias', petals, true)

/** Rank 4. */
export const irisAll = iris('iris', all, false)

/** Rank 5. */
export const irisAllBias = iris('iris + bias', all, true)
