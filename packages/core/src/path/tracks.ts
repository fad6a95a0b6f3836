import { dot } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Network, Neuron } from '../network.ts'

/** A network whose neurons have numbers. */
export interface Tracked {
  readonly network: Network
  readonly tracks: readonly number[]
}

/** Neurons whose weights point this much the same way are called the same; a name for figures, nothing is proven by it. */
const alike = 0.9

/**
 * Numbers the neurons of a network so that each shares its number with its like in the network before: the pairs with the
 * largest cos(u, u′) cos(v, v′) first, none twice, none below 0.9; the others get numbers from `fresh`.
 */
export function trackedNeurons({ neurons }: Network, before: Tracked | undefined, fresh: () => number): number[] {
  const earlier = before?.network.neurons ?? []
  const pairs = neurons.flatMap((neuron, j) =>
    earlier.map((other, k) => ({ j, k, likeness: likeness(neuron, other) })).filter((pair) => pair.likeness >= alike),
  )
  const tracks = new Map<number, number>()
  const taken = new Set<number>()
  for (const { j, k } of pairs.toSorted((a, b) => b.likeness - a.likeness)) {
    if (tracks.has(j) || taken.has(k)) continue
    taken.add(k)
    tracks.set(j, before?.tracks[k] ?? fresh())
  }
  return neurons.map((_, j) => tracks.get(j) ?? fresh())
}

function likeness(a: Neuron, b: Neuron): number {
  const cosine = (x: Float64Array, y: Float64Array): number => dot(x, y) / (norm2(x) * norm2(y))
  const [inner, outer] = [cosine(a.u, b.u), cosine(a.v, b.v)]
  return inner > 0 && outer > 0 ? inner * outer : 0
}
