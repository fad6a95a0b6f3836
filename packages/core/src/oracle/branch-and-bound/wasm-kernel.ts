import { newKernels } from '../../linalg/kernels.ts'
import type { Kernels } from '../../linalg/kernels/instance.ts'
import { type Cone, type ConeContext, type ConeKernel, centreOf, type Sign } from './cone.ts'

/**
 * Cones compiled to WebAssembly, strict arithmetic only: these are bounds. Null where the engine cannot run them, or has no
 * memory for so many samples.
 *
 * Every kernel has an instance of its own, and in its memory the samples and room for one parent and two children: calls
 * copy a parent in and its children out.
 */
export function wasmKernel(context: ConeContext): ConeKernel | null {
  const kernels = newKernels('strict')
  if (!kernels) return null
  let table: number
  try {
    table = kernels.calls.prepareCones(context.X.rows, context.r, context.c, context.slack)
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return null
    throw error
  }
  return kernelOver(context, kernels, table)
}

/** Where kernels/cones.ts keeps what, by place in its table. */
const places = {
  X: 0,
  Z: 1,
  weight: 2,
  zero: 3,
  metric: 4,
  vectors: 5,
  active: 6,
  crossing: 7,
  children: [8, 14],
} as const

/** By place in a child's list of answers. */
const answers = { crossing: 0, bound: 1, value: 2, cut: 3, from: 4, to: 5 } as const

function kernelOver(context: ConeContext, kernels: Kernels, table: number): ConeKernel {
  const { X, Z, r, c } = context
  const n = X.rows
  const { calls } = kernels
  const addresses = kernels.integers(table, 20)
  const at = (place: number, count: number): Float64Array => kernels.doubles(addresses[place] >>> 0, count)
  at(places.X, n * r).set(X.data)
  at(places.Z, n * c).set(Z.data)
  at(places.weight, n).set(context.weight)
  at(places.zero, n).set(context.zero)
  at(places.metric, r * r).set(context.metric.data)
  const generators = at(places.vectors, r * r)
  const cutPoint = at(places.vectors, (r + 1) * r).subarray(r * r)
  const hint = at(places.vectors, (r + 2) * r).subarray((r + 1) * r)
  const active = at(places.active, c * r)
  const crossing = kernels.integers(addresses[places.crossing] >>> 0, n)
  const children = places.children.map((first) => ({
    generators: at(first, r * r),
    active: at(first + 1, c * r),
    crossing: kernels.integers(addresses[first + 2] >>> 0, n),
    answer: at(first + 3, 8),
    point: at(first + 4, r),
    cutPoint: at(first + 5, r),
  }))

  function read(which: 0 | 1, sign: Sign, depth: number): Cone {
    const child = children[which]
    const { answer } = child
    return {
      generators: child.generators.slice(),
      active: child.active.slice(),
      crossing: child.crossing.slice(0, answer[answers.crossing]),
      sign,
      depth,
      bound: answer[answers.bound],
      point: child.point.slice(),
      value: answer[answers.value],
      cut:
        answer[answers.cut] === 0
          ? null
          : { from: answer[answers.from], to: answer[answers.to], point: child.cutPoint.slice() },
    }
  }

  return {
    name: 'wasm',

    root(start, sign, floor) {
      generators.set(start)
      hint.set(centreOf(start, r))
      active.fill(0)
      calls.rootCone(sign, floor)
      return read(0, sign, 0)
    },

    split(parent, { from, to, point }, floor) {
      const { sign, depth } = parent
      generators.set(parent.generators)
      cutPoint.set(point)
      hint.set(parent.point)
      active.set(parent.active)
      crossing.set(parent.crossing)
      calls.splitCone(parent.crossing.length, from, to, sign, depth + 1, parent.bound, floor)
      return [read(0, sign, depth + 1), read(1, sign, depth + 1)]
    },
  }
}
