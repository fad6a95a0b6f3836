import { createPacer } from '../pacer.ts'
import {
  type ConicIterate,
  type ConicOptions,
  type ConicProgram,
  type DoublyNonnegativeSolver,
  usualMegabytes,
} from '../relaxation.ts'
import { lagrangianIterates } from './augmented-lagrangian.ts'
import { interiorPoint } from './interior-point.ts'
import { seen } from './newton-system.ts'

/** Violations at which the first method has found out enough. */
const rough = 3e-5

/** Pairs and constraints at most for the second method, whose equations are so many dense matrices of that order. */
const mostUnknowns = 6000
const matricesAtOnce = 4

/** Rounds at most, and the pairs that may join in one: so many, or this share of those there are. */
const mostRounds = 30
const fewest = 300
const share = 0.25

/** v_iᵀUv_j below this share of √(v_iᵀUv_i v_jᵀUv_j) is a violation. */
const violated = -1e-5

/** The next round starts near the iterate that was first this close to its optimum: nearer ones lie in corners. */
const early = 0.03

/** A round that lacks pairs need not come nearer than this to an optimum that is not wanted. */
const enough = 1e-3

/** Pairs of every block, by their places among all of it. */
type Chosen = readonly (readonly number[])[]

/**
 * `augmentedLagrangian` until it knows roughly which pairs have multipliers; then `interiorPoint` with those pairs alone,
 * started near the multipliers found, and again with the pairs added that its U violates, until there is none.
 *
 * Of the thousands of pairs of a large program some hundreds are active, and only they have to enter equations whose cost
 * is their number to the third power. To leave pairs out relaxes the program, so y and N of every round are dual points of
 * all of it. Where too many pairs are active, the first method goes on by itself.
 */
export const activePairs: DoublyNonnegativeSolver = {
  name: 'active-pairs',
  async *iterates(program, options: ConicOptions = {}) {
    const { tolerance = 1e-9, pacer = createPacer(), maxMegabytes = usualMegabytes } = options
    const most = Math.min(mostUnknowns, Math.sqrt((maxMegabytes * 2 ** 20) / (8 * matricesAtOnce)))
    let near: ConicIterate | null = null
    let chosen: Chosen = []
    for await (const iterate of lagrangianIterates(program, { ...options, tolerance, pacer })) {
      yield iterate
      chosen = iterate.multipliers.map(positivePlaces)
      if (iterate.violation > rough || unknowns(program, chosen) > most) continue
      near = iterate
      break
    }
    for (let round = 0; near && round < mostRounds && !pacer.expired(); round++) {
      let missing: Chosen | null = null
      let halfway: ConicIterate | null = null
      for await (const iterate of restrictedIterates(program, chosen, near, { tolerance, pacer })) {
        const gap = Math.abs(iterate.primalValue - iterate.dualValue) / Math.abs(iterate.dualValue)
        if (gap <= early) halfway ??= iterate
        missing = violatedPairs(program, chosen, iterate)
        yield count(missing) > 0 ? { ...iterate, primalValue: Number.POSITIVE_INFINITY } : iterate
        if (count(missing) > 0 && gap <= enough) break
      }
      if (!missing || count(missing) === 0) return
      chosen = chosen.map((places, b) => [...places, ...(missing?.[b] ?? [])])
      if (unknowns(program, chosen) > most) return
      near = halfway ?? near
    }
  },
}

/** What `interiorPoint` makes of the program with the chosen pairs alone; the others have multiplier 0. */
async function* restrictedIterates(
  program: ConicProgram,
  chosen: Chosen,
  near: ConicIterate,
  options: ConicOptions,
): AsyncGenerator<ConicIterate> {
  const blocks = program.blocks.map((block, b) => ({
    ...block,
    nonnegative: chosen[b].map((e) => block.nonnegative[e]),
  }))
  const multipliers = chosen.map((places, b) => Float64Array.from(places, (e) => near.multipliers[b][e]))
  const start = { ...options, near: { ...near, multipliers } }
  for await (const iterate of interiorPoint.iterates({ ...program, blocks }, start)) {
    const all = program.blocks.map(({ nonnegative }, b) => {
      const N = new Float64Array(nonnegative.length)
      chosen[b].forEach((e, at) => (N[e] = iterate.multipliers[b][at]))
      return N
    })
    yield { ...iterate, multipliers: all }
  }
}

/** The pairs left out that U violates most. */
function violatedPairs({ blocks }: ConicProgram, chosen: Chosen, { primal }: ConicIterate): Chosen {
  const most = Math.max(fewest, Math.floor(share * count(chosen)))
  const found: { readonly block: number; readonly place: number; readonly cosine: number }[] = []
  blocks.forEach(({ vectors, nonnegative }, b) => {
    if (!primal) return
    const P = seen({ vectors }, primal[b])
    const known = new Set(chosen[b])
    nonnegative.forEach(([i, j], e) => {
      const cosine = P.data[i * P.cols + j] / Math.sqrt(P.data[i * P.cols + i] * P.data[j * P.cols + j])
      if (cosine < violated && !known.has(e)) found.push({ block: b, place: e, cosine })
    })
  })
  const worst = found.toSorted((a, b) => a.cosine - b.cosine).slice(0, most)
  return blocks.map((_, b) => worst.filter(({ block }) => block === b).map(({ place }) => place))
}

function positivePlaces(values: Float64Array): number[] {
  const out: number[] = []
  values.forEach((value, e) => {
    if (value > 0) out.push(e)
  })
  return out
}

function count(chosen: Chosen): number {
  return chosen.reduce((total, { length }) => total + length, 0)
}

function unknowns({ targets }: ConicProgram, chosen: Chosen): number {
  return targets.length + count(chosen)
}
