import type { Call, Flow } from '../operator.ts'
import { type Constant, shapeText } from '../tensor.ts'

/** Values that repeat along a sample: value e of the sample meets values[⌊e / inner⌋ mod length]. */
export interface Repeated {
  readonly values: Float64Array
  readonly inner: number
}

/**
 * A constant as ONNX stretches it over the flow: shapes are aligned at their last axes, and an axis of 1 fits any.
 *
 * It must be the same for every sample, and its axes longer than 1 must be neighbours: channels, or one value each.
 */
export function repeatedOver({ dims, values }: Constant, flow: Flow, call: Call): Repeated {
  const ranks = flow.shape.length + 1
  if (values.length === 1 && dims.length <= ranks) return { values, inner: 1 }
  const full = [...new Array<number>(Math.max(0, ranks - dims.length)).fill(1), ...dims]
  const batch = flow.samples === 'first' ? full.shift() : full.pop()
  const first = full.findIndex((size) => size !== 1)
  const last = full.findLastIndex((size) => size !== 1)
  const fits = full.length === flow.shape.length && batch === 1 && first >= 0
  const agrees = full.every((size, k) => (k < first || k > last ? true : size === (flow.shape[k] ?? size)))
  const after = flow.shape.slice(last + 1).reduce<number | null>((a, b) => (a === null || b === null ? null : a * b), 1)
  if (!fits || !agrees || after === null) {
    throw call.fail(
      `a constant of shape ${shapeText(dims)} cannot be applied to each sample of shape ${shapeText(flow.shape)}`,
    )
  }
  return { values, inner: after }
}

/** What is known of a shape after a constant was stretched over it: a lone unknown size is that of the constant. */
export function shapeAfter({ shape }: Flow, { values }: Repeated): readonly (number | null)[] {
  return shape.length === 1 && shape[0] === null && values.length > 1 ? [values.length] : shape
}
