import { defaultBackend } from '../linalg/backend/registry.ts'
import { choleskyInto, choleskySolveInto } from '../linalg/cholesky.ts'
import { addScaledInto, dot, type Matrix, matrix, multiply, row, transpose } from '../linalg/matrix.ts'
import type { ConicBlock, ConicProgram } from '../relaxation.ts'

/** Newton's step of the barrier problem, and its length in the norm of the Hessian. */
export interface BarrierStep {
  readonly dy: Float64Array
  readonly dN: readonly Float64Array[]
  /** Below 1 the full step is feasible, and the primal point that belongs to it is positive definite. */
  readonly decrement: number
}

/** Above this order the compiled factorisation repays its copying. */
const plainLimit = 48

/** Added to the diagonal, relative to it, where rounding has made the system indefinite. */
const ridges = [0, 1e-14, 1e-11]

/**
 * Newton's step for tᵀy − ½ Σ q_k y_k² + μ (Σ log det W_b + Σ log N), divided by μ throughout.
 *
 * With G = W⁻¹ and K = V G Vᵀ all derivatives are entries of K: ⟨A_ij, G⟩ = K_ij, and
 * tr(A_ij G A_kl G) = ½(K_ik K_jl + K_il K_jk). Each N_b meets only y, so it is eliminated block by block.
 *
 * @returns null when the system cannot be solved in floats any more.
 */
export function barrierStep(
  { blocks, targets, curvatures }: ConicProgram,
  y: Float64Array,
  multipliers: readonly Float64Array[],
  inverses: readonly Matrix[],
  mu: number,
): BarrierStep | null {
  const g = y.length
  const H = matrix(g, g)
  const right = new Float64Array(g)
  for (let k = 0; k < g; k++) {
    H.data[k * g + k] = curvatures[k] / mu
    right[k] = (targets[k] - curvatures[k] * y[k]) / mu
  }
  const slope = right.slice()
  const parts: Part[] = []
  for (let b = 0; b < blocks.length; b++) {
    const part = partOf(blocks[b], multipliers[b], inverses[b])
    if (!part || !eliminateInto(part, H, right, slope)) return null
    parts.push(part)
  }
  const dy = solved(H, right)
  if (!dy) return null
  const dN = parts.map(({ touched, reduced, back }) => {
    const step = back.slice()
    touched.forEach((k, t) => addScaledInto(-dy[k], row(reduced, t), step))
    return step
  })
  const square = parts.reduce((total, { gradient }, b) => total + dot(gradient, dN[b]), dot(slope, dy))
  return { dy, dN, decrement: Math.sqrt(Math.max(0, square)) }
}

interface Part {
  /** The constraints that the block takes part in. */
  readonly touched: readonly number[]
  readonly gradientY: Float64Array
  /** touched × touched. */
  readonly outer: Matrix
  /** touched × pairs. */
  readonly cross: Matrix
  readonly gradient: Float64Array
  /** cross · H_NN⁻¹. */
  readonly reduced: Matrix
  /** H_NN⁻¹ · gradient. */
  readonly back: Float64Array
}

function partOf(block: ConicBlock, N: Float64Array, G: Matrix): Part | null {
  const { vectors, nonnegative, couplings } = block
  const K = multiply(multiply(vectors, G), transpose(vectors))
  const m = vectors.rows
  const { data } = K
  const mixed = (i: number, j: number, p: number, q: number): number =>
    (data[i * m + p] * data[j * m + q] + data[i * m + q] * data[j * m + p]) / 2
  const touched = [...new Set(couplings.map(({ constraint }) => constraint))]
  const place = new Map(touched.map((k, t) => [k, t]))
  const at = couplings.map(({ constraint }) => place.get(constraint) ?? 0)
  const [count, pairs] = [touched.length, nonnegative.length]
  const [outer, cross, inner] = [matrix(count, count), matrix(count, pairs), matrix(pairs, pairs)]
  const gradientY = new Float64Array(count)
  couplings.forEach(({ left, right }, s) => {
    gradientY[at[s]] -= data[left * m + right]
    couplings.forEach((other, t) => {
      outer.data[at[s] * count + at[t]] += mixed(left, right, other.left, other.right)
    })
    nonnegative.forEach(([i, j], e) => (cross.data[at[s] * pairs + e] += mixed(left, right, i, j)))
  })
  const gradient = new Float64Array(pairs)
  nonnegative.forEach(([i, j], e) => {
    gradient[e] = 1 / N[e] - data[i * m + j]
    for (let f = 0; f <= e; f++) {
      const [p, q] = nonnegative[f]
      inner.data[e * pairs + f] = inner.data[f * pairs + e] = mixed(i, j, p, q)
    }
    inner.data[e * pairs + e] += 1 / N[e] ** 2
  })
  const L = factored(inner)
  if (!L) return null
  const reduced = matrix(count, pairs)
  for (let t = 0; t < count; t++) choleskySolveInto(L, pairs, row(cross, t), row(reduced, t))
  const back = new Float64Array(pairs)
  choleskySolveInto(L, pairs, gradient, back)
  return { touched, gradientY, outer, cross, gradient, reduced, back }
}

/** Adds what a block contributes to the system of y once its N is eliminated, and to the gradient itself. */
function eliminateInto(part: Part, H: Matrix, right: Float64Array, slope: Float64Array): boolean {
  const { touched, gradientY, outer, cross, reduced, back } = part
  const g = H.cols
  touched.forEach((k, s) => {
    slope[k] += gradientY[s]
    right[k] += gradientY[s] - dot(row(cross, s), back)
    touched.forEach((l, t) => {
      H.data[k * g + l] += outer.data[s * outer.cols + t] - dot(row(cross, s), row(reduced, t))
    })
  })
  return right.every(Number.isFinite)
}

function factored(a: Matrix): Float64Array | null {
  if (a.rows > plainLimit) return defaultBackend().cholesky(a)?.data ?? null
  const L = new Float64Array(a.rows * a.rows)
  return choleskyInto(a, L) ? L : null
}

function solved(H: Matrix, right: Float64Array): Float64Array | null {
  const n = H.rows
  for (const ridge of ridges) {
    for (let k = 0; k < n; k++) H.data[k * n + k] *= 1 + ridge
    const L = factored(H)
    if (!L) continue
    const out = new Float64Array(n)
    choleskySolveInto(L, n, right, out)
    return out.every(Number.isFinite) ? out : null
  }
  return null
}
