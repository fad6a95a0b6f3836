import type { Pacer } from '../../pacer.ts'
import type { ProofRecorder, Witness } from '../../proof.ts'
import { type Cone, type ConeContext, type ConeKernel, type Cut, centreOf, length, type Sign } from './cone.ts'
import { coneMaximumRankLimit } from './cone-maximum.ts'
import { directedBound } from './directed-bound.ts'
import { SampleBlock } from './sample-block.ts'

interface Node {
  readonly cone: Cone
  /** The parent's point: where the bound of the cone took its direction from. */
  readonly hint: Float64Array
  cut: { readonly edge: Cut; readonly children: readonly [Node, Node] } | undefined
}

/** A kernel that remembers every cone it was asked for, and how they hang together. */
export class RecordedTree implements ConeKernel {
  readonly name: string
  readonly #context: ConeContext
  readonly #kernel: ConeKernel
  readonly #block: SampleBlock
  readonly #roots: Node[] = []
  readonly #nodes = new Map<Cone, Node>()

  constructor(context: ConeContext, kernel: ConeKernel) {
    this.name = kernel.name
    this.#context = context
    this.#kernel = kernel
    this.#block = new SampleBlock(context.X.rows, context.r, context.c)
  }

  root(generators: Float64Array, sign: Sign, floor: number): Cone {
    const cone = this.#kernel.root(generators, sign, floor)
    this.#roots.push(this.#add(cone, centreOf(generators, this.#context.r)))
    return cone
  }

  split(parent: Cone, edge: Cut, floor: number): readonly [Cone, Cone] {
    const [first, second] = this.#kernel.split(parent, edge, floor)
    const children: [Node, Node] = [this.#add(first, parent.point), this.#add(second, parent.point)]
    this.#nodes.get(parent)!.cut = { edge, children }
    this.#nodes.delete(parent)
    return [first, second]
  }

  #add(cone: Cone, hint: Float64Array): Node {
    const node: Node = { cone, hint, cut: undefined }
    this.#nodes.set(cone, node)
    return node
  }

  /**
   * Tells the tree to a recorder, cut off where a cone's bound is at or below the claim: below it children may have
   * inherited theirs, which could not be evaluated again.
   *
   * @param samples the rows of the data as given that the rows of the context are.
   * @param unit values here times this are values of the data as given.
   */
  async replay(recorder: ProofRecorder, claim: number, samples: Int32Array, unit: number, pacer: Pacer): Promise<void> {
    recorder.start(
      this.#roots.map(({ cone }) => cone.generators),
      this.#roots.map(({ cone }) => cone.sign),
    )
    const queue: (readonly [name: number, node: Node])[] = this.#roots.map((node, name) => [name, node])
    let names = queue.length
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [name, { cone, hint, cut }] = next
      if (cut && cone.bound > claim) {
        recorder.split(name, cut.edge.from, cut.edge.to, cut.edge.point, names)
        queue.push([names, cut.children[0]], [names + 1, cut.children[1]])
        names += 2
      } else recorder.leaf(name, this.#witness(cone, hint, claim, samples, unit))
      const turn = pacer.breathe()
      if (turn) await turn
    }
  }

  #witness(
    { generators, active, crossing, sign }: Cone,
    hint: Float64Array,
    floor: number,
    samples: Int32Array,
    unit: number,
  ): Witness {
    const { r, c } = this.#context
    if (crossing.length === 0 && c > 1 && r <= coneMaximumRankLimit) return { kind: 'maximum' }
    const block = this.#gather(generators, crossing, hint)
    const { bound, lambda } = directedBound(this.#context, block, generators, active, sign, hint, floor)
    const peak = new Float64Array(r)
    for (let k = 0; k < r; k++) for (let q = 0; q < r; q++) peak[q] += lambda[k] * generators[k * r + q]
    const size = length(peak, 0, r)
    const sloped = Array.from(crossing, (_, a) => a).filter((a) => block.along[a] < 0 && block.slope[a] > 0)
    return {
      kind: 'directed',
      direction: this.#directionAt(hint, active),
      peak: size > 0 ? peak.map((value) => (value / size) * bound * unit) : peak,
      samples: sloped.map((a) => samples[crossing[a]]),
      slopes: sloped.map((a) => Math.min(1, block.slope[a])),
    }
  }

  /** F at the hint, by the samples of the block; the first axis where that is 0, as the bound has it. */
  #directionAt(hint: Float64Array, active: Float64Array): Float64Array {
    const { r, c } = this.#context
    const { hint: sides, outputs, stride, count } = this.#block
    const F = new Float64Array(c)
    for (let p = 0; p < c; p++) {
      for (let q = 0; q < r; q++) F[p] += active[p * r + q] * hint[q]
      for (let a = 0; a < count; a++) if (sides[a] > 0) F[p] += sides[a] * outputs[p * stride + a]
    }
    if (!(length(F, 0, c) > 0)) F[0] = 1
    return F
  }

  /** The block that the bound of this cone is computed from. */
  #gather(generators: Float64Array, crossing: Int32Array, hint: Float64Array): SampleBlock {
    const { X, Z, r, c, weight, zero } = this.#context
    const block = this.#block
    block.count = crossing.length
    crossing.forEach((i, a) => {
      const heightAt = (w: Float64Array, from: number): number => {
        let s = 0
        for (let q = 0; q < r; q++) s += X.data[i * r + q] * w[from + q]
        return s > zero[i] || s < -zero[i] ? s : 0
      }
      for (let k = 0; k < r; k++) block.heights[k * block.stride + a] = heightAt(generators, k * r)
      for (let p = 0; p < c; p++) block.outputs[p * block.stride + a] = Z.data[i * c + p]
      block.weight[a] = weight[i]
      block.hint[a] = heightAt(hint, 0)
    })
    return block
  }
}
