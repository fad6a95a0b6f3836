import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fitKernelModel, predictKernelModel } from '@relucent/core'
import { describe, expect, test } from 'vitest'
import { oneHot } from '../problems.ts'
import { accuraciesOf } from './protocol.ts'
import { splitTable } from './tables.ts'

const folder = fileURLToPath(new URL('../../../../../../shared/data/', import.meta.url))

/**
 * Test accuracies of both kernels at γ = 0.1 and 0.01 from an independent run (in NumPy) of the protocols of Prakhya, Birdal,
 * Yurtsever (ICLR 2025), by argmax and as their code counts; the paper's own tables were not at hand. All have to come out of one
 * split, to the digits given.
 */
const reference = [
  ['iris', 75, 'nngp', [0.96, 0.973], [0.827, 0.973]],
  ['iris', 75, 'ntk', [0.987, 0.987], [0.987, 0.987]],
  ['ionosphere', 175, 'nngp', [0.903, 0.909], [0.886, 0.886]],
  ['ionosphere', 175, 'ntk', [0.903, 0.92], [0.886, 0.897]],
  ['pima', 384, 'nngp', [0.724, 0.693], [0.534, 0.602]],
  ['pima', 384, 'ntk', [0.682, 0.693], [0.586, 0.62]],
  ['banknote', 686, 'nngp', [0.999, 1], [0.966, 0.983]],
  ['banknote', 686, 'ntk', [0.999, 1], [0.983, 0.985]],
] as const

describe.skipIf(!existsSync(`${folder}uci/iris.csv`))(
  'on the tables of the paper (skipped where they are missing)',
  () => {
    test.each(reference)('%s, %i to test, %s', async (name, size, kernel, argmax, original) => {
      const table = await splitTable(folder, name)
      if (table === null) throw new Error(`${name} is missing`)
      const { train, test: other, classes } = table
      expect(other.labels).toHaveLength(size)
      const Y = oneHot(train.labels, classes)
      for (const [k, relativeRidge] of [0.1, 0.01].entries()) {
        const F = predictKernelModel(fitKernelModel(train.X, Y, { kernel, relativeRidge }), other.X)
        const found = accuraciesOf(F, other.labels)
        expect([found.argmax.toFixed(3), found.original.toFixed(3)]).toEqual([
          argmax[k].toFixed(3),
          original[k].toFixed(3),
        ])
      }
    })
  },
)
