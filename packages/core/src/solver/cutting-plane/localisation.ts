import { defaultBackend } from '../../linalg/backend/registry.ts'
import { addScaledInto, dot, type Matrix, matrix, multiplyTransposedVector, row } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import { addOuterInto } from '../../network.ts'

/** ‖Zᵀa‖ ≤ β for the atom a = (Xu)₊ of a unit direction u. */
export interface Cut {
  readonly u: Float64Array
  readonly a: Float64Array
  /** A unit g, where only its shadow ⟨a gᵀ, Z⟩ ≤ β counts. */
  readonly g: Float64Array | null
}

/** Where the dual optimum still can be: a level of the dual objective, within the cuts. */
export interface Localisation {
  readonly Y: Matrix
  readonly beta: number
  readonly cuts: readonly Cut[]
  /** −½‖Z − Y‖² + ½‖Y‖² is to exceed this. */
  readonly level: number
  /**
   * Points whose tangents stand in for the level: f(Z_k) + ⟨Y − Z_k, Z − Z_k⟩ ≥ level, besides the ball ‖Z − Y‖ ≤ ‖Y‖.
   * Null where the level itself, a ball about Y, is used.
   */
  readonly tangents: readonly Matrix[] | null
}

/** f(Z) = −½‖Z − Y‖² + ½‖Y‖². */
export function dualObjective(Y: Matrix, Z: Matrix): number {
  return dot(Z.data, Y.data) - dot(Z.data, Z.data) / 2
}

/** Value, gradient and Hessian of the barrier at a point inside. */
export interface Barrier {
  readonly value: number
  readonly gradient: Float64Array
  readonly hessian: Matrix
}

/**
 * The logarithmic barrier −w log(r² − ‖Z − Y‖²) − Σ log(β² − ‖Zᵀa‖²), with logarithms of the linear slacks where there are
 * shadows and tangents. The level weighs twice as much as all cuts, so that a centre leaves at most a quarter of the gap.
 */
export function barrierValue(set: Localisation, Z: Matrix): number {
  const { radius, weight } = ballOf(set)
  let value = -weight * Math.log(radius - squaredDistance(set.Y, Z))
  for (const cut of set.cuts) value -= Math.log(slackOf(set, cut, Z))
  for (const at of set.tangents ?? []) value -= Math.log(tangentSlack(set, at, Z))
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value
}

export function barrierAt(set: Localisation, Z: Matrix): Barrier {
  const { Y, cuts, tangents } = set
  const order = Z.data.length
  const { radius, weight } = ballOf(set)
  const away = Z.data.map((value, k) => value - Y.data[k])
  const slack = radius - dot(away, away)
  const gradient = away.map((value) => (2 * weight * value) / slack)
  const rows: Float64Array[] = [away.map((value) => (2 * Math.sqrt(weight) * value) / slack)]
  for (const cut of cuts) addCut(set, cut, Z, gradient, rows)
  for (const at of tangents ?? []) {
    const size = tangentSlack(set, at, Z)
    const normal = Y.data.map((value, k) => (value - at.data[k]) / size)
    addScaledInto(-1, normal, gradient)
    rows.push(normal)
  }
  const stacked = matrix(rows.length, order)
  rows.forEach((values, k) => row(stacked, k).set(values))
  const hessian = matrix(order, order)
  for (let k = 0; k < order; k++) hessian.data[k * (order + 1)] = (2 * weight) / slack
  defaultBackend().rankUpdate(hessian, stacked, 1)
  return { value: barrierValue(set, Z), gradient, hessian }
}

/**
 * The output weights that the multipliers of a centre put on its cuts: there the gradient of the level is balanced by
 * those of the cuts, Y − Z = Σ (S/(w D_j)) a_j (Zᵀa_j)ᵀ with slacks S and D_j, which is a network whose residual is Z.
 */
export function multipliers(set: Localisation, Z: Matrix): Float64Array[] {
  const { radius, weight } = ballOf(set)
  const share = (radius - squaredDistance(set.Y, Z)) / weight
  return set.cuts.map((cut) => {
    const pull = multiplyTransposedVector(Z, cut.a)
    return pull.map((value) => (share * value) / slackOf(set, cut, Z))
  })
}

/** r² and its weight: the ball of the level, or the first one where tangents stand in for it. */
function ballOf({ Y, level, cuts, tangents }: Localisation): { radius: number; weight: number } {
  const whole = dot(Y.data, Y.data)
  return tangents ? { radius: whole, weight: 1 } : { radius: whole - 2 * level, weight: 2 * Math.max(1, cuts.length) }
}

function squaredDistance(Y: Matrix, Z: Matrix): number {
  let total = 0
  for (let k = 0; k < Z.data.length; k++) total += (Z.data[k] - Y.data[k]) ** 2
  return total
}

/** β² − ‖Zᵀa‖², or β − ⟨a gᵀ, Z⟩; not positive outside. */
function slackOf({ beta }: Localisation, { a, g }: Cut, Z: Matrix): number {
  const pull = multiplyTransposedVector(Z, a)
  if (g) return beta - dot(pull, g)
  const size = norm2(pull)
  return (beta - size) * (beta + size)
}

function tangentSlack({ Y, level }: Localisation, at: Matrix, Z: Matrix): number {
  let total = dualObjective(Y, at) - level
  for (let k = 0; k < Z.data.length; k++) total += (Y.data[k] - at.data[k]) * (Z.data[k] - at.data[k])
  return total
}

function addCut(set: Localisation, cut: Cut, Z: Matrix, gradient: Float64Array, rows: Float64Array[]): void {
  const { a, g } = cut
  const slack = slackOf(set, cut, Z)
  const [n, c] = [Z.rows, Z.cols]
  const outer = matrix(n, c)
  if (g) {
    addOuterInto(1 / slack, a, g, outer)
    addScaledInto(1, outer.data, gradient)
    rows.push(outer.data)
    return
  }
  addOuterInto(2 / slack, a, multiplyTransposedVector(Z, a), outer)
  addScaledInto(1, outer.data, gradient)
  rows.push(outer.data)
  const size = Math.sqrt(2 / slack)
  for (let k = 0; k < c; k++) {
    const values = new Float64Array(n * c)
    for (let i = 0; i < n; i++) values[i * c + k] = size * a[i]
    rows.push(values)
  }
}
