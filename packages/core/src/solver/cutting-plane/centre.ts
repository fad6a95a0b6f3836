import { defaultBackend } from '../../linalg/backend/registry.ts'
import { choleskySolveInto } from '../../linalg/cholesky.ts'
import { dot, type Matrix, matrix } from '../../linalg/matrix.ts'
import type { Pacer } from '../../pacer.ts'
import { barrierAt, barrierValue, type Localisation } from './localisation.ts'

const maxSteps = 80

/** Newton decrement at which a point counts as the centre: its multipliers then make a network to about as many digits. */
const centred = 1e-9

/** Share of the predicted decrease that a step must bring. */
const armijo = 0.1

/** Below this decrement the barrier's own rounding hides the decrease, and whole steps converge. */
const quadratic = 1e-3

/** The analytic centre of the localisation set by damped Newton steps from a point inside; where it got to, if time runs out. */
export async function analyticCentre(set: Localisation, start: Matrix, pacer: Pacer): Promise<Matrix> {
  let Z = start
  for (let step = 0; step < maxSteps && !pacer.expired(); step++) {
    const { value, gradient, hessian } = barrierAt(set, Z)
    const L = defaultBackend().cholesky(hessian)
    if (!L) return Z
    const direction = gradient.map((entry) => -entry)
    choleskySolveInto(L.data, direction.length, direction, direction)
    const decrement = Math.sqrt(Math.max(0, -dot(gradient, direction)))
    const next = moved(set, Z, direction, value, decrement)
    if (!next) return Z
    Z = next
    if (!(decrement > centred)) return Z
    const turn = pacer.breathe()
    if (turn) await turn
  }
  return Z
}

function moved(
  set: Localisation,
  Z: Matrix,
  direction: Float64Array,
  value: number,
  decrement: number,
): Matrix | undefined {
  for (let length = 1; length > 1e-12; length /= 2) {
    const next = matrix(
      Z.rows,
      Z.cols,
      Z.data.map((entry, k) => entry + length * direction[k]),
    )
    const reached = barrierValue(set, next)
    if (
      decrement < quadratic ? reached < Number.POSITIVE_INFINITY : reached <= value - armijo * length * decrement ** 2
    )
      return next
  }
  return undefined
}
