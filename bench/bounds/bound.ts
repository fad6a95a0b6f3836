import type { Cone, ConeContext, ConeKernel, Cut } from '../../packages/core/dist/oracle/branch-and-bound/cone.js'

export type { Cone, ConeContext, ConeKernel, Cut }

/** A way to bound ‖Zᵀ(Xu)₊‖, or ± Zᵀ(Xu)₊ where the cone has a sign, over the unit vectors of a cone. */
export interface Bound {
  readonly name: string
  /** What a search over this question asks; it may remember what it was asked. */
  start(context: ConeContext): TightenCone
}

/**
 * An upper bound that holds for the cone by itself, whatever the cone says of its own; nothing at or below `floor` needs
 * to be told apart.
 *
 * @param from the cone that was cut, and how; null for a starting cone.
 */
export type TightenCone = (
  cone: Cone,
  floor: number,
  from: { readonly parent: Cone; readonly cut: Cut } | null,
) => number

/** The cones of a kernel with the smaller of two bounds: the kernel's own, and this one where that has not closed the cone. */
export function boundedBy(kernel: ConeKernel, tighten: TightenCone): ConeKernel {
  const both = (cone: Cone, floor: number, from: Parameters<TightenCone>[2]): Cone => {
    if (!(cone.bound > floor) || cone.crossing.length === 0) return cone
    const bound = tighten(cone, floor, from)
    return bound < cone.bound ? Object.assign(cone, { bound }) : cone
  }
  return {
    name: kernel.name,
    root: (generators, sign, floor) => both(kernel.root(generators, sign, floor), floor, null),
    split(parent, cut, floor) {
      const [first, second] = kernel.split(parent, cut, floor)
      const from = { parent, cut }
      return [both(first, floor, from), both(second, floor, from)]
    },
  }
}
