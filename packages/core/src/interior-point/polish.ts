import { dot, multiplyTransposedVector } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { newtonStep, restOf, type SmoothBlock } from './newton.ts'
import type { ConeLeastSquares } from './program.ts'

/** Shares of the largest norm below which a block is taken to be zero, one after the other. */
const thresholds = [1e-3, 1e-5, 1e-7]

const maxSteps = 20

/**
 * Newton's method on the blocks that an interior-point solution leaves away from zero: its last digits, where there are no
 * walls. Returns the weights with the smallest duality gap among these blocks, possibly those given.
 */
export function polish(program: ConeLeastSquares, weights: readonly Float64Array[]): readonly Float64Array[] {
  const largest = weights.reduce((most, w) => Math.max(most, norm2(w)), 0)
  let best = weights
  let least = gapOf(program, weights)
  for (const threshold of thresholds) {
    const kept = weights.map((w) => norm2(w) > threshold * largest)
    for (const trial of refinements(program, weights, kept)) {
      const gap = gapOf(program, trial)
      if (gap < least) [best, least] = [trial, gap]
    }
  }
  return best
}

function* refinements(
  { blocks, target, beta, budget }: ConeLeastSquares,
  weights: readonly Float64Array[],
  kept: readonly boolean[],
): Generator<readonly Float64Array[]> {
  let live: (SmoothBlock & { readonly b: number })[] = blocks.flatMap(({ A, sign }, b) =>
    kept[b] ? [{ b, J: A, sign, theta: weights[b] }] : [],
  )
  let price = budget === undefined ? beta : slopeOf(live, target)
  let steepest = Number.POSITIVE_INFINITY
  for (let step = 0; step < maxSteps && live.length > 0; step++) {
    const newton = newtonStep(live, target, price, budget)
    if (!newton || !(newton.slope < steepest || step < 3)) return
    steepest = newton.slope
    price += newton.priceStep
    // A block that would pass through zero is zero.
    live = live.flatMap((block, j) => {
      const theta = block.theta.map((value, p) => value + newton.direction[j][p])
      return dot(theta, block.theta) > 0 ? [{ ...block, theta }] : []
    })
    const trial: Float64Array[] = weights.map((w) => new Float64Array(w.length))
    for (const { b, theta } of live) trial[b] = theta
    yield trial
  }
}

/** The price of the norms that fits these blocks best. */
function slopeOf(live: readonly SmoothBlock[], target: Float64Array): number {
  const rest = restOf(live, target)
  const pulls = live.map(({ J }) => norm2(multiplyTransposedVector(J, rest)))
  return pulls.reduce((total, value) => total + value, 0) / Math.max(1, pulls.length)
}

/** Primal minus dual among these blocks, the dual at the residual scaled into its feasible set; NaN for what is not. */
function gapOf({ blocks, target, beta, budget }: ConeLeastSquares, weights: readonly Float64Array[]): number {
  const rest = restOf(
    blocks.map(({ A, sign }, b) => ({ J: A, sign, theta: weights[b] })),
    target,
  )
  const cost = weights.reduce((total, w) => total + norm2(w), 0)
  const pull = blocks.reduce((most, { A }) => Math.max(most, norm2(multiplyTransposedVector(A, rest))), 0)
  if (budget !== undefined) {
    const excess = cost > budget * (1 + 4 * Number.EPSILON) ? Number.POSITIVE_INFINITY : 0
    return budget * pull - (dot(target, rest) - dot(rest, rest)) + excess
  }
  const scale = pull > beta ? beta / pull : 1
  return dot(rest, rest) / 2 + beta * cost - (scale * dot(target, rest) - (scale * scale * dot(rest, rest)) / 2)
}
