import { dot } from '../linalg/matrix.ts'
import { createPacer } from '../pacer.ts'
import {
  type ConicIterate,
  type ConicOptions,
  type ConicProgram,
  type DoublyNonnegativeSolver,
  usualMegabytes,
} from '../relaxation.ts'
import { requireConicProgram, requirePairMemory } from './check-program.ts'
import { dualObjective } from './dual-slack.ts'
import { initialPoint, pointNear } from './interior-start.ts'
import { indexed, type IndexedBlock, seen } from './newton-system.ts'
import { complementarity, degreeOf, improved, type Point, shortest } from './primal-dual-step.ts'

/** Steps at most; 10 to 25 are usual. */
const mostSteps = 80

/** Primal equations count as met when they are to this, relative to the targets and what U puts against them. */
const met = 1e-7

/** Gaps below this share of the magnitude are rounding. */
const roundingShare = 1e-14

/**
 * A primal–dual interior-point method with Mehrotra's predictor and corrector, in the direction of Helmberg, Rendl,
 * Vanderbei and Wolkowicz ("An interior-point method for semidefinite programming", SIAM J. Optim. 6, 1996).
 *
 * The dual is strictly feasible at every step, up to rounding, so each iterate is worth a bound; the primal becomes so
 * with the first full step. A step costs the pairs of each block to the third power, plus the constraints to the third.
 */
export const interiorPoint: DoublyNonnegativeSolver = {
  name: 'interior-point',
  async *iterates(program, options: ConicOptions = {}) {
    const { tolerance = 1e-9, near, pacer = createPacer(), maxMegabytes = usualMegabytes } = options
    requirePairMemory('interiorPoint', program, maxMegabytes)
    requireConicProgram(program, 'interiorPoint')
    const blocks = program.blocks.map(indexed)
    let point = near ? pointNear(program, blocks, near) : initialPoint(program, blocks)
    for (let steps = 0; point && steps < mostSteps && !pacer.expired(); steps++) {
      const turn = pacer.breathe()
      if (turn) await turn
      const next = await improved(program, blocks, point, pacer)
      if (!next) return
      point = next
      const iterate = iterateOf(program, blocks, point)
      yield iterate
      const allowed = tolerance * Math.abs(iterate.dualValue) + roundingShare * program.magnitude
      // Nearly feasible, U can be worth less than the optimum: what both would still win counts as well.
      const left = complementarity(point) * degreeOf(point.U, point.N)
      const gap = Math.max(left, Math.abs(iterate.primalValue - iterate.dualValue))
      if (point.length < shortest || gap <= allowed) return
    }
  },
}

/** Soft constraints, q > 0, hold by themselves: r is what is left of them. The others have to, and so have the pairs. */
function iterateOf(program: ConicProgram, blocks: readonly IndexedBlock[], { y, N, U, s }: Point): ConicIterate {
  const { targets, curvatures } = program
  const rest = targets.slice()
  const scales = targets.map(Math.abs)
  let primalValue = 0
  let feasible = true
  const products = program.blocks.map((block, b) => seen(block, U[b]))
  const largest = products.reduce((most, { data }) => data.reduce((a, value) => Math.max(a, Math.abs(value)), most), 0)
  blocks.forEach((at, b) => {
    const P = products[b]
    const m = P.cols
    s[b].forEach((value, e) => {
      feasible &&= Math.abs(value - P.data[at.pairI[e] * m + at.pairJ[e]]) <= met * largest
    })
    at.left.forEach((left, t) => {
      const [k, value] = [at.touched[at.place[t]], P.data[left * m + at.right[t]]]
      rest[k] -= value
      scales[k] = Math.max(scales[k], Math.abs(value))
    })
    primalValue += dot(at.block.cost.data, U[b].data)
  })
  const scale = Math.max(...scales)
  curvatures.forEach((q, k) => {
    if (q > 0) primalValue += rest[k] ** 2 / (2 * q)
    else feasible &&= Math.abs(rest[k]) <= met * scale
  })
  return {
    y,
    multipliers: N,
    dualValue: dualObjective(program, y),
    primal: U,
    primalValue: feasible ? primalValue : Number.POSITIVE_INFINITY,
  }
}
