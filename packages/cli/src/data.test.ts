import { parseCsv } from '@relucent/io'
import { describe, expect, test } from 'vitest'
import { matchingFeatures, matchingTargets, trainingData } from './data.ts'
import { splitRows } from './split.ts'

const table = (text: string) => parseCsv(text, { file: 'd.csv' })
const auto = { task: 'auto' } as const

describe('choosing columns', () => {
  test('all columns but the targets are features; the order of the file is kept', () => {
    const data = trainingData(table('a,y,b\n1,2,3\n4,5,6\n'), { ...auto, target: 'y' })
    expect(data.features).toEqual(['a', 'b'])
    expect([...data.X.data]).toEqual([1, 3, 4, 6])
    expect([...data.Y.data]).toEqual([2, 5])
    expect(data.task).toBe('regression')
  })

  test('several targets, names with commas in quotes, and numbers from 1', () => {
    const text = 'a,"y,1",y2\n1,2,3\n'
    expect(trainingData(table(text), { ...auto, target: '"y,1",3' }).targets).toEqual(['y,1', 'y2'])
  })

  test.each([
    [{ target: 'z' }, 'column "z": there is no such column'],
    [{ target: 'y', features: 'a,y' }, 'the target is also listed as a feature'],
    [{ target: 'y', features: 'a,a' }, '--features names the column twice'],
    [{ target: 'y', exclude: 'a,b' }, 'no feature columns are left'],
    [{ target: 'y', task: 'classification' as const }, 'every row has the class "7"'],
    [{ target: 'y,b', task: 'classification' as const }, 'takes one target column'],
  ])('%o is refused', (choice, words) => {
    expect(() => trainingData(table('a,b,y\n1,2,7\n3,4,7\n'), { ...auto, ...choice })).toThrow(words)
  })

  test('features that are all zero are refused', () => {
    expect(() => trainingData(table('a,b,y\n0,0,1\n0,-0,2\n'), { ...auto, target: 'y' })).toThrow('every feature is 0')
  })
})

describe('the task', () => {
  test('integers are regressed on unless classes are asked for', () => {
    const text = table('a,y\n1,0\n2,1\n3,1\n')
    expect(trainingData(text, { ...auto, target: 'y' }).classes).toBeNull()
    const classified = trainingData(text, { task: 'classification', target: 'y' })
    expect(classified.classes).toEqual([0, 1])
    expect([...classified.Y.data]).toEqual([1, 0, 0, 1, 0, 1])
  })

  test('text is classified', () => {
    expect(trainingData(table('a,y\n1,b\n2,a\n'), { ...auto, target: 'y' }).classes).toEqual(['a', 'b'])
  })

  test('a mixture of numbers and text is an error, unless classes are asked for', () => {
    const text = table('a,y\n1,3\n2,cat\n')
    expect(() => trainingData(text, { ...auto, target: 'y' })).toThrow(
      'd.csv, row 3, column "y": expected numbers only',
    )
    expect(() => trainingData(text, { task: 'regression', target: 'y' })).toThrow('expected a number, found "cat"')
    expect(trainingData(text, { task: 'classification', target: 'y' }).classes).toEqual(['3', 'cat'])
  })
})

describe('data for a model', () => {
  const model = { features: ['b', 'a'], targets: ['y'], classes: ['no', 'yes'] }

  test('columns are found by name in any order, extra ones ignored, missing ones listed', () => {
    expect([...matchingFeatures(table('a,id,b\n1,x,2\n'), model, { header: true }).data]).toEqual([2, 1])
    expect(() => matchingFeatures(table('a,id\n1,x\n'), model, { header: true })).toThrow('needs the column "b"')
  })

  test('without a header as many columns as the model has are taken in order', () => {
    const bare = parseCsv('1,2\n', { header: false })
    expect([...matchingFeatures(bare, model, { header: false }).data]).toEqual([1, 2])
    expect(() => matchingFeatures(parseCsv('1\n', { header: false }), model, { header: false })).toThrow('needs')
  })

  test('targets must be classes the model knows', () => {
    expect(matchingTargets(table('y,a\nyes,1\nno,1\n'), model).labels).toEqual([1, 0])
    expect(() => matchingTargets(table('y,a\nmaybe,1\n'), model)).toThrow('never saw the class "maybe"')
  })
})

describe('setting rows aside', () => {
  const text = Array.from({ length: 30 }, (_, i) => `${i + 1},${i % 3 === 0 ? 'rare' : 'common'}\n`).join('')
  const data = trainingData(table(`a,y\n${text}`), { ...auto, target: 'y' })

  test('every row goes to one side, each class in proportion, the same way for the same seed', () => {
    const { train, test: held } = splitRows(data, 0.2, 1)
    const values = [...train.X.data, ...held.X.data].sort((a, b) => a - b)
    expect(values).toEqual([...data.X.data])
    expect(held.labels?.filter((label) => label === 1)).toHaveLength(2)
    expect(held.X.rows).toBe(6)
    expect(splitRows(data, 0.2, 1).test.X.data).toEqual(held.X.data)
    expect(splitRows(data, 0.2, 2).test.X.data).not.toEqual(held.X.data)
  })

  test('a share that leaves one side empty is refused', () => {
    expect(() => splitRows(data, 0.01, 1)).toThrow('leaves no test rows')
    expect(() => splitRows(data, 0.99, 1)).toThrow('leaves no training rows')
  })
})
