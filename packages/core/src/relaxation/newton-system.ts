import { defaultBackend } from '../linalg/backend/registry.ts'
import { choleskyInto, choleskySolveInto } from '../linalg/cholesky.ts'
import {
  type Matrix,
  matrix,
  multiply,
  multiplyTransposed,
  multiplyTransposedVector,
  multiplyVector,
  transpose,
} from '../linalg/matrix.ts'
import { solveLower, solveTransposedInto } from '../linalg/triangular.ts'
import type { Pacer } from '../pacer.ts'
import type { ConicBlock } from '../relaxation.ts'

/** A block with its pairs and couplings in flat arrays. */
export interface IndexedBlock {
  readonly block: ConicBlock
  readonly pairI: Int32Array
  readonly pairJ: Int32Array
  readonly left: Int32Array
  readonly right: Int32Array
  /** The constraints that the block takes part in, and the place among them of each coupling. */
  readonly touched: Int32Array
  readonly place: Int32Array
}

export function indexed(block: ConicBlock): IndexedBlock {
  const { nonnegative, couplings } = block
  const touched = Int32Array.from(new Set(couplings.map(({ constraint }) => constraint)))
  const places = new Map(Array.from(touched, (k, t) => [k, t]))
  return {
    block,
    pairI: Int32Array.from(nonnegative, ([i]) => i),
    pairJ: Int32Array.from(nonnegative, ([, j]) => j),
    left: Int32Array.from(couplings, ({ left }) => left),
    right: Int32Array.from(couplings, ({ right }) => right),
    touched,
    place: Int32Array.from(couplings, ({ constraint }) => places.get(constraint) ?? 0),
  }
}

/** V M Vᵀ, all that a program sees of a symmetric M: the vectors are sparse as a rule, so they come first in both products. */
export function seen({ vectors }: Pick<ConicBlock, 'vectors'>, M: Matrix): Matrix {
  return multiply(vectors, transpose(multiply(vectors, M)))
}

export interface NewtonSystem {
  /** Null when the solution is not a number. */
  solve(y: Float64Array, N: readonly Float64Array[]): { dy: Float64Array; dN: Float64Array[] } | null
}

interface Eliminated {
  /** L with LLᵀ = what belongs to the pairs alone. */
  readonly factor: Matrix
  /** L⁻¹ tr(A_e U A_k G), pairs × touched. */
  readonly half: Matrix
}

/** Above this order the compiled factorisation repays its copying. */
const plainLimit = 48

/** Added to the diagonal, relative to what it was before others were eliminated, where rounding has made the system indefinite. */
const ridges = [0, 1e-14, 1e-12, 1e-10]

/**
 * The equations of a primal–dual step, H = [tr(A_k U A_l G)] + diag(q, s/N) for all constraints k and pairs: each N_b
 * meets nothing but y, so it is eliminated block by block. Entries come from P = VUVᵀ and K = VGVᵀ alone:
 *
 *     tr(A_ij U A_kl G) = ¼ (P_ik K_jl + P_il K_jk + P_jk K_il + P_jl K_ik).
 *
 * @returns null when the system cannot be factored in floats any more.
 */
export async function newtonSystem(
  blocks: readonly IndexedBlock[],
  curvatures: Float64Array,
  P: readonly Matrix[],
  K: readonly Matrix[],
  ratios: readonly Float64Array[],
  pacer: Pacer,
): Promise<NewtonSystem | null> {
  const g = curvatures.length
  const H = matrix(g, g)
  curvatures.forEach((q, k) => (H.data[k * g + k] = q))
  const parts: Eliminated[] = []
  const diagonal = curvatures.slice()
  for (let b = 0; b < blocks.length; b++) {
    const part = eliminate(blocks[b], P[b].data, K[b].data, ratios[b], H, diagonal)
    if (!part) return null
    parts.push(part)
    const turn = pacer.breathe()
    if (turn) await turn
  }
  const L = ridged(H, diagonal)
  return L && { solve: (y, N) => solveWith(blocks, parts, L, y, N) }
}

function eliminate(
  at: IndexedBlock,
  P: Float64Array,
  K: Float64Array,
  ratio: Float64Array,
  H: Matrix,
  diagonal: Float64Array,
): Eliminated | null {
  const { block, pairI, pairJ, left, right, touched, place } = at
  const m = block.vectors.rows
  const mixed = (i: number, j: number, k: number, l: number): number =>
    (P[i * m + k] * K[j * m + l] +
      P[i * m + l] * K[j * m + k] +
      P[j * m + k] * K[i * m + l] +
      P[j * m + l] * K[i * m + k]) /
    4
  const [count, pairs, g] = [touched.length, pairI.length, H.cols]
  const [cross, inner] = [matrix(pairs, count), matrix(pairs, pairs)]
  for (let s = 0; s < left.length; s++) {
    const k = touched[place[s]]
    for (let t = 0; t <= s; t++) {
      const [l, value] = [touched[place[t]], mixed(left[s], right[s], left[t], right[t])]
      H.data[k * g + l] += value
      if (k === l) diagonal[k] += value
      if (t < s) H.data[l * g + k] += value
    }
    for (let e = 0; e < pairs; e++) cross.data[e * count + place[s]] += mixed(left[s], right[s], pairI[e], pairJ[e])
  }
  for (let e = 0; e < pairs; e++) {
    for (let f = 0; f <= e; f++) {
      inner.data[e * pairs + f] = inner.data[f * pairs + e] = mixed(pairI[e], pairJ[e], pairI[f], pairJ[f])
    }
    inner.data[e * pairs + e] += ratio[e]
  }
  const factor = ridged(
    inner,
    Float64Array.from({ length: pairs }, (_, e) => inner.data[e * pairs + e]),
  )
  if (!factor) return null
  const half = solveLower(factor, cross)
  subtractGram(H, touched, half)
  return { factor, half }
}

/** H −= halfᵀ half at the constraints touched. */
function subtractGram(H: Matrix, touched: Int32Array, half: Matrix): void {
  const gram = half.rows * half.cols > plainLimit ** 2 ? defaultBackend().gram(half) : multiplyTransposed(half, half)
  for (let t = 0; t < touched.length; t++) {
    for (let u = 0; u < touched.length; u++) {
      H.data[touched[t] * H.cols + touched[u]] -= gram.data[t * gram.cols + u]
    }
  }
}

function solveWith(
  blocks: readonly IndexedBlock[],
  parts: readonly Eliminated[],
  L: Matrix,
  y: Float64Array,
  N: readonly Float64Array[],
): { dy: Float64Array; dN: Float64Array[] } | null {
  const dy = y.slice()
  const halves = N.map((values, b) => solveLower(parts[b].factor, matrix(values.length, 1, values)).data)
  blocks.forEach(({ touched }, b) => {
    const pulled = multiplyTransposedVector(parts[b].half, halves[b])
    touched.forEach((k, t) => (dy[k] -= pulled[t]))
  })
  choleskySolveInto(L.data, dy.length, dy, dy)
  const dN = blocks.map(({ touched }, b) => {
    const { factor, half } = parts[b]
    const moved = multiplyVector(
      half,
      Float64Array.from(touched, (k) => dy[k]),
    )
    const rest = halves[b].map((value, e) => value - moved[e])
    solveTransposedInto(factor, rest)
    return rest
  })
  return dy.every(Number.isFinite) && dN.every((step) => step.every(Number.isFinite)) ? { dy, dN } : null
}

/** The Cholesky factor of a matrix of any size; null when it is not positive definite. */
export function factored(a: Matrix): Matrix | null {
  if (a.rows > plainLimit) return defaultBackend().cholesky(a)
  const L = matrix(a.rows, a.rows)
  return choleskyInto(a, L.data) ? L : null
}

function ridged(H: Matrix, diagonal: Float64Array): Matrix | null {
  let added = 0
  for (const ridge of ridges) {
    for (let k = 0; k < H.rows; k++) H.data[k * H.rows + k] += (ridge - added) * diagonal[k]
    added = ridge
    const L = factored(H)
    if (L) return L
  }
  return null
}
