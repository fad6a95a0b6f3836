import type { Cone, ConeKernel, Cut } from './bound.ts'

/**
 * Cuts chosen by what they achieve: the children of several are bounded, and those are kept whose larger bound is the
 * smallest (strong branching; Applegate, Bixby, Chvátal, Cook, "Finding cuts in the TSP", 1995). Candidates are the
 * kernel's own cut and the middles of the edges that are longest where Xu is measured.
 */
export function strongBranching(kernel: ConeKernel, r: number, metric: Float64Array, candidates: number): ConeKernel {
  return {
    name: kernel.name,
    root: (generators, sign, floor) => kernel.root(generators, sign, floor),
    split(parent, own, floor) {
      let best = kernel.split(parent, own, floor)
      for (const cut of longestEdges(parent, r, metric, candidates - 1)) {
        const other = kernel.split(parent, cut, floor)
        if (worse(best) > worse(other)) best = other
      }
      return best
    },
  }
}

/** Open children first by the larger bound, then by the smaller: one that closes is worth more than two that are halved. */
function worse([first, second]: readonly [Cone, Cone]): number {
  return Math.max(first.bound, second.bound) + 1e-3 * Math.min(first.bound, second.bound)
}

function longestEdges({ generators: W }: Cone, r: number, metric: Float64Array, count: number): Cut[] {
  const quadratic = (x: Float64Array): number => {
    let total = 0
    for (let p = 0; p < r; p++) for (let q = 0; q < r; q++) total += x[p] * metric[p * r + q] * x[q]
    return total
  }
  const scaled = Array.from({ length: r }, (_, k) => {
    const w = W.slice(k * r, (k + 1) * r)
    const size = Math.sqrt(quadratic(w))
    return w.map((value) => value / size)
  })
  const edges = scaled.flatMap((from, j) =>
    scaled.slice(0, j).map((to, k) => ({ j, k, length: quadratic(from.map((value, q) => value - to[q])) })),
  )
  return edges
    .toSorted((a, b) => b.length - a.length)
    .slice(0, count)
    .map(({ j, k }) => {
      const sum = scaled[j].map((value, q) => value + scaled[k][q])
      const size = Math.hypot(...sum)
      return { from: j, to: k, point: sum.map((value) => value / size) }
    })
}
