import { foldWhitening, type Model, network, type Neuron } from '@relucent/core'

/** A neuron with its place among all: 1 is the strongest. */
export interface Ranked extends Neuron {
  readonly number: number
  /** Position in the model file, from 0. */
  readonly position: number
  /** ‖u‖‖v‖, its share of the weight decay: β/2 (‖u‖² + ‖v‖²) = β ‖u‖‖v‖ for a balanced neuron. */
  readonly strength: number
}

export function ranked({ network }: Pick<Model, 'network'>): Ranked[] {
  return network.neurons
    .map(({ u, v }, position) => ({ u, v, position, strength: length(u) * length(v) }))
    .toSorted((a, b) => b.strength - a.strength || a.position - b.position)
    .map((neuron, k) => ({ ...neuron, number: k + 1 }))
}

export function length(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
}

/** A line a·x + c = 0 of raw features, on one side of which a neuron is silent. */
export interface Hyperplane {
  readonly normal: Float64Array
  readonly offset: number
}

/** Where a neuron bends the function: xᵀu = 0, with preprocessing and bias taken back to the features as they were read. */
export function hyperplane({ preprocessing, bias }: Pick<Model, 'preprocessing' | 'bias'>, neuron: Neuron): Hyperplane {
  const alone = network(neuron.u.length, neuron.v.length, [neuron])
  const folded = foldWhitening({ preprocessing, network: alone })
  const [{ u }] = folded.network.neurons
  const features = u.length - (bias ? 1 : 0)
  const { kind, shift, scale } = folded.preprocessing
  const normal = u.slice(0, features)
  let offset = bias ? u[features] : 0
  if (kind !== 'none') {
    for (let k = 0; k < features; k++) {
      normal[k] /= scale[k]
      offset -= normal[k] * shift[k]
    }
  }
  return { normal, offset }
}

/** A range with room around it; around a single value as well. */
export function padded(values: Iterable<number>): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const room = high > low ? 0.06 * (high - low) : Math.abs(low) / 2 || 1
  return [low - room, high + room]
}
