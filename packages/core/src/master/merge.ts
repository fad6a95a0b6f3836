import { dot, type Matrix, matrix, multiplyVector } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem } from '../master.ts'
import { addOuterInto, atomOf, costOf, fitted, masterObjective, residual } from './residual.ts'

/** Cosine above which two directions are tried as one; the objective, not this number, decides. */
const nearlyParallel = 1 - 1e-3

/** The objective is only known this well: copies of one neuron must not stay apart because of it. */
const rounding = 16 * Number.EPSILON

/**
 * Replaces pairs of neurons of one closed cell by a single one where that does not raise the objective.
 *
 * In a closed cell the atom is linear in u: with parallel v the sum Σ ‖v‖u does the same work at no more cost (triangle
 * inequality), with parallel u the sum Σ ‖u‖v does. Without this, column generation gathers clusters of near-copies.
 */
export function mergeColumns(
  problem: MasterProblem,
  columns: readonly Column[],
  coefficients: Matrix = matrix(problem.free?.cols ?? 0, problem.Y.cols),
): Column[] {
  const { loss, Y } = problem
  const merged = [...columns]
  // The fit, or for the squared loss what is left of Y: either changes by the outer products of the columns.
  let rest = loss ? fitted(problem, merged, coefficients) : residual(problem, merged)
  const added = loss ? 1 : -1
  const valueOf = (list: readonly Column[], at: Matrix): number =>
    loss ? loss.value(at, Y) + costOf(problem, list) : masterObjective(problem, list, at)
  let objective = valueOf(merged, rest)
  for (let i = 0; i < merged.length; i++) {
    for (let j = i + 1; j < merged.length; j++) {
      const joined = join(problem.X, merged[i], merged[j])
      if (!joined) continue
      const trial = matrix(rest.rows, rest.cols, rest.data.slice())
      for (const old of [merged[i], merged[j]]) addOuterInto(-added, atomOf(problem.X, old.u), old.v, trial)
      addOuterInto(added, atomOf(problem.X, joined.u), joined.v, trial)
      const next = merged.filter((_, k) => k !== i && k !== j)
      const value = valueOf([...next, joined], trial)
      if (!(value <= objective + rounding * Math.abs(objective))) continue
      merged[i] = joined
      merged.splice(j, 1)
      rest = trial
      objective = value
      j = i // the joined neuron may now take in others
    }
  }
  return merged
}

/** The sum of two neurons of one closed cell with nearly parallel outputs or inputs; undefined otherwise. */
function join(X: Matrix, a: Column, b: Column): Column | undefined {
  const [ua, ub, va, vb] = [norm2(a.u), norm2(b.u), norm2(a.v), norm2(b.v)]
  const sameOutputs = dot(a.v, b.v) > nearlyParallel * va * vb
  const sameInputs = dot(a.u, b.u) > nearlyParallel * ua * ub
  if ((!sameOutputs && !sameInputs) || !shareClosedCell(X, a, b)) return undefined
  const u = combine(a.u, sameOutputs ? va : 1 / ua, b.u, sameOutputs ? vb : 1 / ub)
  const v = combine(a.v, sameOutputs ? 1 / va : ua, b.v, sameOutputs ? 1 / vb : ub)
  // Sums of two unit vectors: halved, they are unit again, up to the angle between them.
  const halved = sameOutputs ? v.map((x) => x / 2) : v
  const halvedInput = sameOutputs ? u : u.map((x) => x / 2)
  const inB = new Set(b.tight)
  const ratio = Math.sqrt(norm2(halved) / norm2(halvedInput))
  return {
    u: halvedInput.map((x) => ratio * x),
    v: halved.map((x) => x / ratio),
    tight: a.tight.filter((i) => inB.has(i)),
  }
}

/** No sample is active for one and inactive for the other; on its hyperplane it goes with either. */
function shareClosedCell(X: Matrix, a: Column, b: Column): boolean {
  const tight = new Set([...a.tight, ...b.tight])
  const [ofA, ofB] = [multiplyVector(X, a.u), multiplyVector(X, b.u)]
  for (let i = 0; i < X.rows; i++) if (ofA[i] * ofB[i] < 0 && !tight.has(i)) return false
  return true
}

function combine(x: Float64Array, a: number, y: Float64Array, b: number): Float64Array {
  return x.map((value, k) => a * value + b * y[k])
}
