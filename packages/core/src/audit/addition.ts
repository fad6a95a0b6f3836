import { dot, type Matrix, matrix, multiplyTransposedVector } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { addOuterInto, type Network, type Neuron, objectiveRounding, predict } from '../network.ts'
import type { Candidate } from '../oracle.ts'
import type { Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import { lift } from '../reduction.ts'

/** A neuron that a network lacks. */
export interface Addition {
  /** Balanced. */
  readonly neuron: Neuron
  /** By how much the objective falls when it is added and nothing else is changed. */
  readonly gain: number
  /** ‖Zᵀφ(u)‖ / ‖u‖ at the residual Z of the network; above β the neuron lowers the objective. */
  readonly polarValue: number
}

/** Halvings of an interval of step lengths: beyond this the two ends are the same number. */
const halvings = 60

/**
 * The candidate whose addition lowers the objective most, by more than its rounding. A unit direction u with g = Zᵀφ(u), ‖g‖ > β, is added as
 * t φ(u)gᵀ/‖g‖ with the t > 0 that minimises ℓ(F + t φ(u)gᵀ/‖g‖) + β t, a convex function of t that falls at 0.
 */
export async function bestAddition(
  problem: Problem,
  net: Network,
  candidates: readonly Candidate[],
  pacer: Pacer,
): Promise<Addition | null> {
  const F = predict(net, problem.X, problem.architecture)
  const Z = problem.loss.dual(F, problem.Y)
  const rounding = objectiveRounding(problem, net)
  let best: Addition | null = null
  for (const { weights } of candidates) {
    const addition = additionAlong(problem, F, Z, lift(problem.reduction, weights))
    if (addition !== null && addition.gain > Math.max(rounding, best?.gain ?? 0)) best = addition
    const turn = pacer.breathe()
    if (turn) await turn
    if (pacer.aborted()) break
  }
  return best
}

function additionAlong(problem: Problem, F: Matrix, Z: Matrix, direction: Float64Array): Addition | null {
  const { X, Y, beta, loss, architecture } = problem
  const length = norm2(direction)
  const u = direction.map((value) => value / length)
  const atom = architecture.atom(X, u)
  const g = multiplyTransposedVector(Z, atom)
  const polarValue = norm2(g)
  if (!(polarValue > beta)) return null
  const v = g.map((value) => value / polarValue)
  const moved = (t: number): Matrix => {
    const out = matrix(F.rows, F.cols, F.data.slice())
    addOuterInto(t, atom, v, out)
    return out
  }
  const t = minimiser((at) => beta - dot(multiplyTransposedVector(loss.dual(moved(at), Y), atom), v))
  const gain = loss.value(F, Y) - loss.value(moved(t), Y) - beta * t
  const half = Math.sqrt(t)
  return { neuron: { u: u.map((value) => half * value), v: v.map((value) => half * value) }, gain, polarValue }
}

/** Where a slope that does not fall and is negative at 0 changes sign. */
function minimiser(slope: (t: number) => number): number {
  let high = 1
  while (slope(high) < 0 && high < Number.MAX_SAFE_INTEGER) high *= 2
  let low = 0
  for (let k = 0; k < halvings; k++) {
    const middle = (low + high) / 2
    if (slope(middle) < 0) low = middle
    else high = middle
  }
  return low
}
