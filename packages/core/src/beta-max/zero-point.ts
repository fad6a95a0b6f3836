import { feasibleDual, remainderOf } from '../dual.ts'
import { type Matrix, matrix } from '../linalg/matrix.ts'
import { frobeniusUpper, norm2 } from '../linalg/norms.ts'
import { cellNewton } from '../master/cell-newton.ts'
import { type Network, predict } from '../network.ts'
import type { Pacer } from '../pacer.ts'
import { type Problem, withBeta } from '../problem.ts'
import { columnGeneration } from '../solver/column-generation.ts'
import { restricted } from '../solver/restricted.ts'

/** The best that can be done without neurons. */
export interface ZeroPoint {
  /** F = W B at the optimal B; zeros where nothing is unpenalised. */
  readonly point: Matrix
  /** A dual optimum there, or near one. */
  readonly dual: Matrix
  /** Bounds the distance of `dual` to the exact optimum, where that is `single`. */
  readonly distance: number
  /** There is only one dual optimum. */
  readonly single: boolean
  /** No network without neurons has a loss below this. */
  readonly lowerBound: number
  /** The unpenalised part alone fits all but `optimality` of the loss. */
  readonly nothingLeft: boolean
}

/** With an unpenalised part, this much of the loss counts as nothing where nothing less can be told apart. */
export const optimality = 1e-9

/** Slopes at F = 0 are a few operations on the targets, or on the grid of a softmax dual: known to this, relative. */
const slopeAccuracy = 2 ** -44

/** How accurately the unpenalised coefficients are found. */
const accuracy = 1e-12

export async function zeroPoint(problem: Problem, pacer: Pacer): Promise<ZeroPoint> {
  const { loss, Y, free } = problem
  const zeros = matrix(Y.rows, Y.cols)
  if (free === null) {
    const dual = loss.dual(zeros, Y)
    const exact = loss.name === 'squared' && problem.weights === null
    const distance = exact ? 0 : slopeAccuracy * Y.cols * frobeniusUpper(dual)
    const lowerBound = loss.value(zeros, Y) - loss.valueError(zeros, Y)
    return { point: zeros, dual, distance, single: isSingle(problem, zeros), lowerBound, nothingLeft: false }
  }
  const fit = restricted(problem, cellNewton)
  await fit.solve([], { tolerance: accuracy, pacer })
  const point = predict({ inputs: problem.X.cols, outputs: Y.cols, neurons: [], ...fit.free }, problem.X)
  const dual = fit.dual()
  const { norm, radius } = remainderOf(problem, dual)
  const lowerBound = Math.max(0, loss.dualValue(dual, Y, 1, radius) || 0)
  const value = loss.value(point, Y) + loss.valueError(point, Y)
  const gap = Math.max(0, value - lowerBound)
  const distance = loss.kinked ? 0 : Math.sqrt(2 * loss.smoothness(Y) * gap) * (1 + 8 * Number.EPSILON) + norm
  const nothingLeft = value <= optimality * loss.value(zeros, Y)
  return { point, dual, distance, single: !loss.kinked, lowerBound, nothingLeft }
}

/** Whether no entry of F lies on a kink. */
function isSingle({ loss, Y }: Problem, F: Matrix): boolean {
  if (!loss.dualRange) return true
  const { low, high } = loss.dualRange(F, Y)
  return low.data.every((entry, k) => entry === high.data[k])
}

/** Claims after which a solve has said what it can about a β: a count, so that the answer does not depend on the machine. */
const maxClaims = 60

/** A network this much better than none, relative, decides. */
const decisive = 1e-7

/**
 * What column generation finds at this β: the largest (p₀ − ℓ(N))/cost(N) among its networks, below which every β has a
 * better network than zero, and its last dual.
 */
export async function columnGenerationAt(
  problem: Problem,
  beta: number,
  { lowerBound, dual: start }: ZeroPoint,
  pacer: Pacer,
): Promise<{ readonly slope: number; readonly dual: Matrix }> {
  const there = withBeta(problem, beta)
  let [slope, dual, count] = [0, feasibleDual(there, start), 0]
  const context = { pacer, tolerance: 1e-4, seed: 0, timed: <T>(_: string, work: () => Promise<T>) => work() }
  for await (const claim of columnGeneration().claims(there, context)) {
    slope = Math.max(slope, slopeOf(there, claim.network, lowerBound))
    dual = claim.dual
    if (slope > beta * (1 + decisive) || ++count >= maxClaims || pacer.expired()) break
  }
  return { slope, dual }
}

/** Rounded down by more than its rounding: 0 where the network is no better than none. */
function slopeOf({ X, Y, loss }: Problem, net: Network, lowerBound: number): number {
  const cost = net.neurons.reduce((total, { u, v }) => total + norm2(u) * norm2(v), 0)
  const F = predict(net, X)
  const drift = (net.inputs + net.neurons.length + 4) * Number.EPSILON * (frobeniusUpper(F) + frobeniusUpper(X) * cost)
  const value = loss.value(F, Y) + loss.valueError(F, Y) + drift * frobeniusUpper(loss.dual(F, Y))
  const slope = ((lowerBound - value) / cost) * (1 - 16 * Number.EPSILON)
  return slope > 0 && slope < Number.POSITIVE_INFINITY ? slope : 0
}
