import { matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import {
  addFreePartInto,
  addOuterInto,
  balance,
  type Network,
  network,
  objective,
  objectiveRounding,
} from '../network.ts'
import type { Problem } from '../problem.ts'

/** φ(u) direction, with ‖direction‖ = 1: the whole magnitude is in u, so that the cost is β‖u‖. */
interface Piece {
  readonly u: Float64Array
  readonly direction: Float64Array
  readonly atom: Float64Array
}

/**
 * Two outputs count as parallel up to this angle. At a stationary point turning both to their mean changes the objective
 * only to second order, 1e-14; elsewhere the objective is compared before a merge is accepted.
 */
const parallel = 1e-7

/** φ is additive on a closed cell. It is asked for up to the accuracy to which neurons lie on their cell's boundary. */
const additive = 1e-9

/**
 * Replaces neurons of the same closed cell with parallel outputs by their sum,
 *
 *     φ(u₁)gᵀ + φ(u₂)gᵀ = φ(u₁ + u₂)gᵀ on the data, ‖u₁ + u₂‖ ≤ ‖u₁‖ + ‖u₂‖,
 *
 * which never raises the objective. Restricted masters slow down by orders of magnitude among near-parallel neurons.
 * Neurons that no sample activates are dropped. The result is balanced.
 */
export function merge(problem: Problem, net: Network): Network {
  const start = balance(net)
  const pieces = toPieces(problem, start)
  const F = matrix(problem.X.rows, net.outputs)
  addFreePartInto(start, problem.X, F)
  for (const piece of pieces) addOuterInto(1, piece.atom, piece.direction, F)
  const allowed = objective(problem, start) + objectiveRounding(problem, start)
  let cost = pieces.reduce((total, { u }) => total + norm2(u), 0)
  const kept: Piece[] = []
  for (let piece of pieces) {
    for (let k = kept.length - 1; k >= 0; k--) {
      const sum = sumOf(problem, kept[k], piece)
      if (sum === undefined) continue
      const trial = matrix(F.rows, F.cols, Float64Array.from(F.data))
      addOuterInto(-1, kept[k].atom, kept[k].direction, trial)
      addOuterInto(-1, piece.atom, piece.direction, trial)
      addOuterInto(1, sum.atom, sum.direction, trial)
      const trialCost = cost - norm2(kept[k].u) - norm2(piece.u) + norm2(sum.u)
      if (!(problem.loss.value(trial, problem.Y) + problem.beta * trialCost <= allowed)) continue
      F.data.set(trial.data)
      cost = trialCost
      kept.splice(k, 1)
      piece = sum
    }
    kept.push(piece)
  }
  const merged = balance(
    network(
      net.inputs,
      net.outputs,
      kept.map(({ u, direction }) => ({ u, v: direction })),
      net,
    ),
  )
  return objective(problem, merged) <= allowed ? merged : start
}

function toPieces(problem: Problem, net: Network): Piece[] {
  return net.neurons.flatMap(({ u, v }) => {
    const outer = norm2(v)
    const inner = u.map((value) => value * outer)
    const atom = problem.architecture.atom(problem.X, inner)
    return atom.every((value) => value === 0) ? [] : [{ u: inner, direction: v.map((value) => value / outer), atom }]
  })
}

/** The one piece that equals both together on the data, if there is one. */
function sumOf(problem: Problem, a: Piece, b: Piece): Piece | undefined {
  if (!(norm2(a.direction.map((value, k) => value - b.direction[k])) <= parallel)) return undefined
  const u = a.u.map((value, k) => value + b.u[k])
  const atom = sumOfAtoms(problem, a, b, u)
  if (atom === undefined) return undefined
  const wa = norm2(a.u)
  const wb = norm2(b.u)
  const mean = a.direction.map((value, k) => wa * value + wb * b.direction[k])
  const length = norm2(mean)
  return { u, direction: mean.map((value) => value / length), atom }
}

/** φ(u₁ + u₂) where it is φ(u₁) + φ(u₂). Most pairs lie in different cells: one of the first samples shows it. */
function sumOfAtoms({ X, architecture }: Problem, a: Piece, b: Piece, sum: Float64Array): Float64Array | undefined {
  const allowed = additive * (norm2(a.atom) + norm2(b.atom))
  const out = new Float64Array(X.rows)
  for (let i = 0; i < X.rows; i++) {
    const [value] = architecture.atom(matrix(1, X.cols, row(X, i)), sum)
    if (!(Math.abs(value - a.atom[i] - b.atom[i]) <= allowed)) return undefined
    out[i] = value
  }
  return out
}
