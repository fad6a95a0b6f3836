import { type Cone, type ConeContext, type ConeKernel, type Cut, centreOf, type Sign } from './cone.ts'
import { chooseCut } from './cut.ts'
import { directedBound } from './directed-bound.ts'
import { SampleBlock } from './sample-block.ts'

/** Cones in plain TypeScript: where WebAssembly is missing, and what the compiled kernel is tested against. */
export function plainKernel(context: ConeContext): ConeKernel {
  const { X, Z, r, c, zero } = context
  const parents = new SampleBlock(X.rows, r + 2, c)
  const block = new SampleBlock(X.rows, r, c)
  /** Which column of `parents` a generator of the cone at hand is found in. */
  const columns = new Int32Array(r)

  function read(crossing: Int32Array, vectors: readonly Float64Array[]): void {
    parents.count = crossing.length
    for (let a = 0; a < crossing.length; a++) {
      const i = crossing[a]
      for (let k = 0; k < vectors.length; k++) {
        let s = 0
        for (let q = 0; q < r; q++) s += X.data[i * r + q] * vectors[k][q]
        parents.heights[k * X.rows + a] = s > zero[i] || s < -zero[i] ? s : 0
      }
    }
  }

  /** Sorts the samples of `parents` into active, inactive and crossing; these, compacted, become `block`. */
  function classify(candidates: Int32Array, active: Float64Array): Int32Array {
    const n = X.rows
    const crossing = new Int32Array(candidates.length)
    let count = 0
    for (let a = 0; a < candidates.length; a++) {
      let [positive, negative] = [false, false]
      for (let k = 0; k < r; k++) {
        const s = parents.heights[columns[k] * n + a]
        if (s > 0) positive = true
        else if (s < 0) negative = true
        block.heights[k * n + count] = s
      }
      const i = candidates[a]
      if (positive && negative) {
        for (let p = 0; p < c; p++) block.outputs[p * n + count] = Z.data[i * c + p]
        block.weight[count] = context.weight[i]
        block.hint[count] = parents.heights[(r + 1) * n + a]
        crossing[count++] = i
      } else if (positive) {
        for (let p = 0; p < c; p++) {
          const z = Z.data[i * c + p]
          for (let q = 0; q < r; q++) active[p * r + q] += z * X.data[i * r + q]
        }
      }
    }
    block.count = count
    return crossing.slice(0, count)
  }

  function build(
    generators: Float64Array,
    active: Float64Array,
    candidates: Int32Array,
    inherited: { readonly bound: number; readonly point: Float64Array; readonly sign: Sign; readonly depth: number },
    floor: number,
  ): Cone {
    const crossing = classify(candidates, active)
    const { sign, depth } = inherited
    const found = directedBound(context, block, generators, active, sign, inherited.point, floor)
    const bound = found.bound <= inherited.bound ? found.bound : inherited.bound
    const cut = bound > floor ? chooseCut(context, block, generators, found, depth) : null
    return { generators, active, crossing, sign, depth, bound, point: found.point, value: found.value, cut }
  }

  return {
    name: 'plain',

    root(generators, sign, floor) {
      const all = Int32Array.from({ length: X.rows }, (_, i) => i)
      const point = centreOf(generators, r)
      read(all, [...rowsOf(generators, r), point, point])
      for (let k = 0; k < r; k++) columns[k] = k
      const start = { bound: Number.POSITIVE_INFINITY, point, sign, depth: 0 }
      return build(generators, new Float64Array(c * r), all, start, floor)
    },

    split(parent, { from, to, point }: Cut, floor) {
      read(parent.crossing, [...rowsOf(parent.generators, r), point, parent.point])
      const child = (lost: number): Cone => {
        const generators = parent.generators.slice()
        generators.set(point, lost * r)
        for (let k = 0; k < r; k++) columns[k] = k === lost ? r : k
        const inherited = { ...parent, depth: parent.depth + 1 }
        return build(generators, parent.active.slice(), parent.crossing, inherited, floor)
      }
      return [child(from), child(to)]
    },
  }
}

function rowsOf(W: Float64Array, r: number): Float64Array[] {
  return Array.from({ length: r }, (_, k) => W.subarray(k * r, (k + 1) * r))
}
