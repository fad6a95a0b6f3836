import { LimitedMemory } from '../linalg/limited-memory.ts'
import { dot } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import { gaussian, seededRandom } from '../random.ts'
import {
  type ConicIterate,
  type ConicOptions,
  type ConicProgram,
  type DoublyNonnegativeSolver,
  usualMegabytes,
} from '../relaxation.ts'
import { requireConicProgram, requireVectorMemory } from './check-program.ts'
import { dualObjective } from './dual-slack.ts'
import { FactoredProgram, type Multipliers } from './factored-program.ts'

/** Rounds at most: one of descent, then the multipliers. */
const mostRounds = 300

/** Steps of one round of descent, and what it remembers. */
const mostSteps = 500
const memory = 30

/** The penalty in units of the program at first, at first near a point that is given, and at most, and its growth when violations do not fall to this share. */
const firstPenalty = 10
const laterPenalty = 100
const largestPenalty = 1000
const growth = 2
const slow = 0.7

/** A round of descent ends when moving by the length of R would gain this share of the magnitude, later rounds at less. */
const flat = 0.01
const flatter = 2

/** Sufficient decrease, and halvings in search of it. */
const decrease = 1e-4
const halvings = 25

/** Cost of the random start, as a share of the magnitude of the program. */
const startShare = 0.01

/** Constraints may be off by this share of the largest entry for the primal value to count. */
const met = 1e-5

/** Of every block: P and T with what makes them, and the steps remembered, which are thin. */
const matricesAtOnce = 8

/** An iterate with how far off its constraints are, relative to the largest entry. */
export interface LagrangianIterate extends ConicIterate {
  readonly violation: number
}

/**
 * The method of multipliers on U = RRᵀ with factors R of few columns, by limited-memory BFGS (Burer and Monteiro, "A
 * nonlinear programming algorithm for solving semidefinite programs via low-rank factorization", Math. Program. 95, 2003).
 *
 * An evaluation costs the vectors squared times the columns, and nothing is decomposed: it soon knows which pairs are
 * active, and goes on where equations would be too many. Its last digits take long, see `activePairs`. With few columns the descent
 * is nonconvex and may end elsewhere than at the optimum; y and N are worth what they prove all the same.
 */
export const augmentedLagrangian: DoublyNonnegativeSolver = {
  name: 'augmented-lagrangian',
  iterates: (program, options) => lagrangianIterates(program, options),
}

/** The same iterates, with what is left of the constraints. */
export async function* lagrangianIterates(
  program: ConicProgram,
  { tolerance = 1e-6, near, pacer = createPacer(), maxMegabytes = usualMegabytes }: ConicOptions = {},
): AsyncGenerator<LagrangianIterate> {
  requireVectorMemory('augmentedLagrangian', program, matricesAtOnce, maxMegabytes)
  requireConicProgram(program, 'augmentedLagrangian')
  const factored = new FactoredProgram(program)
  let multipliers: Multipliers = near ? { y: near.y, N: near.multipliers } : factored.none()
  let factors = near?.primal ? factored.factors(near.primal) : randomFactors(program, factored)
  let [penalty, last] = [near ? laterPenalty : firstPenalty, Number.POSITIVE_INFINITY]
  for (let round = 0; round < mostRounds && !pacer.expired(); round++) {
    const enough = (flat * program.magnitude) / (1 + round) ** flatter
    factors = await descended(factored, factors, multipliers, penalty, enough, pacer)
    const reading = factored.read(factors)
    const violation = factored.violation(reading)
    multipliers = factored.update(multipliers, reading, penalty)
    const dualValue = dualObjective(program, multipliers.y)
    if (!Number.isFinite(violation + dualValue)) return
    const primalValue = violation <= met ? factored.value(reading) : Number.POSITIVE_INFINITY
    const { y, N } = multipliers
    yield { y, multipliers: N, dualValue, primal: factored.matrices(factors), primalValue, violation }
    if (violation <= tolerance && Math.abs(primalValue - dualValue) <= tolerance * Math.abs(dualValue)) return
    if (!(violation <= slow * last)) penalty = Math.min(largestPenalty, penalty * growth)
    last = violation
  }
}

function randomFactors({ blocks, magnitude }: ConicProgram, { length }: FactoredProgram): Float64Array {
  const next = seededRandom(1)
  const costs = blocks.map(({ cost }) => norm2(cost.data) / Math.sqrt(cost.rows)).filter((cost) => cost > 0)
  const cost = costs.reduce((sum, value) => sum + value, 0) / Math.max(1, costs.length)
  const size = Math.sqrt((startShare * magnitude) / (cost * length))
  return Float64Array.from({ length }, () => size * gaussian(next))
}

/** Factors at which the augmented Lagrangian is flat enough, or as far as steps, time and rounding allow. */
async function descended(
  factored: FactoredProgram,
  start: Float64Array,
  multipliers: Multipliers,
  penalty: number,
  enough: number,
  pacer: Pacer,
): Promise<Float64Array> {
  const curvature = new LimitedMemory(memory)
  let at = start
  let gradient: Float64Array = new Float64Array(start.length)
  let value = factored.evaluate(at, multipliers, penalty, gradient)
  for (let step = 0; step < mostSteps && !pacer.expired(); step++) {
    const size = norm2(gradient)
    if (!(size * norm2(at) > enough)) break
    const direction = curvature.direction(gradient)
    const slope = dot(gradient, direction)
    if (!(slope < 0)) break
    let length = curvature.empty ? Math.min(1, (0.1 * norm2(at)) / size) : 1
    let next: { at: Float64Array; value: number; gradient: Float64Array } | null = null
    for (let k = 0; k < halvings && !next; k++, length /= 2) {
      const turn = pacer.breathe()
      if (turn) await turn
      const there = at.map((x, i) => x + length * direction[i])
      const slopes = new Float64Array(at.length)
      const reached = factored.evaluate(there, multipliers, penalty, slopes)
      if (reached <= value + decrease * length * slope) next = { at: there, value: reached, gradient: slopes }
    }
    if (!next) break
    const [from, old] = [at, gradient]
    ;({ at, value, gradient } = next)
    curvature.remember(
      at.map((x, i) => x - from[i]),
      gradient.map((g, i) => g - old[i]),
    )
  }
  return at
}
