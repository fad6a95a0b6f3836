import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { forward } from './forward.ts'
import { type AttributeSketch, rowsOf, runtimeOutputs, sketchedModel } from './onnx.fixtures.ts'
import { readOnnx } from './read.ts'

/** One axis of a window that fits into its data: what every runtime accepts. */
const axis = fc
  .record({ kernel: fc.integer({ min: 1, max: 4 }), dilation: fc.integer({ min: 1, max: 3 }), room: fc.nat(5) })
  .chain(({ kernel, dilation, room }) =>
    fc.record({
      kernel: fc.constant(kernel),
      dilation: fc.constant(dilation),
      size: fc.constant((kernel - 1) * dilation + 1 + room),
      stride: fc.integer({ min: 1, max: 3 }),
      before: fc.nat(kernel - 1),
      after: fc.nat(kernel - 1),
    }),
  )

const windows = fc.record({
  operator: fc.constantFrom('Conv', 'MaxPool', 'AveragePool'),
  axes: fc.array(axis, { minLength: 1, maxLength: 2 }),
  padding: fc.constantFrom('NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'),
  roundUp: fc.boolean(),
  countPadding: fc.boolean(),
  channels: fc.integer({ min: 1, max: 3 }),
})

test('any window is read as onnxruntime computes it, or refused because its attributes are ambiguous', async () => {
  let compared = 0
  await fc.assert(
    fc.asyncProperty(windows, async ({ operator, axes, padding, roundUp, countPadding, channels }) => {
      const all = <K extends keyof (typeof axes)[number]>(key: K): number[] => axes.map((each) => each[key])
      const attributes: Record<string, AttributeSketch> = {
        kernel_shape: all('kernel'),
        strides: all('stride'),
        dilations: all('dilation'),
        ...(padding === 'NOTSET' ? { pads: [...all('before'), ...all('after')] } : { auto_pad: padding }),
        ...(operator === 'Conv' ? { group: channels } : { ceil_mode: roundUp ? 1 : 0 }),
        ...(operator === 'AveragePool' ? { count_include_pad: countPadding ? 1 : 0 } : {}),
      }
      const weights = {
        name: 'w',
        dims: [channels, 1, ...all('kernel')],
        values: numbers(channels * product(all('kernel'))),
      }
      const bytes = sketchedModel({
        opset: 19,
        input: { name: 'x', dims: [null, channels, ...all('size')] },
        nodes: [{ op: operator, inputs: operator === 'Conv' ? ['x', 'w'] : ['x'], outputs: ['y'], attributes }],
        constants: operator === 'Conv' ? [weights] : [],
      })
      const dilated = padding.startsWith('SAME') && all('dilation').some((step) => step > 1)
      const ambiguous = dilated || (padding === 'VALID' && roundUp && operator !== 'Conv')
      if (ambiguous) {
        expect(() => readOnnx(bytes)).toThrow(DataError)
        return
      }
      fc.pre(!padding.startsWith('SAME') || axes.every(({ stride, kernel }) => stride <= kernel)) // onnxruntime fails
      const size = channels * product(all('size'))
      const values = numbers(2 * size)
      const theirs = await runtimeOutputs(bytes, { dims: [2, channels, ...all('size')], values })
      const ours = forward(readOnnx(bytes), rowsOf(2, size, values))
      expect(ours.data.length).toBe(theirs.data.length)
      theirs.data.forEach((value, k) => expect(ours.data[k]).toBeCloseTo(value, 5))
      compared++
    }),
    { numRuns: 100 },
  )
  expect(compared).toBeGreaterThan(20)
})

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1)

/** Small integers in no order: their sums are exact in single precision. */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, k) => ((k * 7919 + 13) % 17) - 8)
}
