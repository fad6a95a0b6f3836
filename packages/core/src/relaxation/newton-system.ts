import { defaultBackend } from '../linalg/backend/registry.ts'
import { choleskyInto, choleskySolveInto } from '../linalg/cholesky.ts'
import { addScaledInto, dot, type Matrix, matrix, multiply, row, transpose } from '../linalg/matrix.ts'
import type { Pacer } from '../pacer.ts'
import type { ConicBlock } from '../relaxation.ts'

/** A block with its pairs and couplings in flat arrays. */
export interface IndexedBlock {
  readonly block: ConicBlock
  readonly transposed: Matrix
  readonly pairI: Int32Array
  readonly pairJ: Int32Array
  readonly left: Int32Array
  readonly right: Int32Array
  /** The constraints that the block takes part in, and the place among them of each coupling. */
  readonly touched: Int32Array
  readonly place: Int32Array
}

export function indexed(block: ConicBlock): IndexedBlock {
  const { nonnegative, couplings, vectors } = block
  const touched = Int32Array.from(new Set(couplings.map(({ constraint }) => constraint)))
  const places = new Map(Array.from(touched, (k, t) => [k, t]))
  return {
    block,
    transposed: transpose(vectors),
    pairI: Int32Array.from(nonnegative, ([i]) => i),
    pairJ: Int32Array.from(nonnegative, ([, j]) => j),
    left: Int32Array.from(couplings, ({ left }) => left),
    right: Int32Array.from(couplings, ({ right }) => right),
    touched,
    place: Int32Array.from(couplings, ({ constraint }) => places.get(constraint) ?? 0),
  }
}

/** V M Vᵀ: all that a program sees of M. */
export function seen({ block, transposed }: IndexedBlock, M: Matrix): Matrix {
  return multiply(multiply(block.vectors, M), transposed)
}

export interface NewtonSystem {
  /** Null when the solution is not a number. */
  solve(y: Float64Array, N: readonly Float64Array[]): { dy: Float64Array; dN: Float64Array[] } | null
}

interface Eliminated {
  /** tr(A_k U A_e G), touched × pairs, times the inverse of what belongs to the pairs alone. */
  readonly reduced: Matrix
  readonly factor: Float64Array
}

/** Above this order the compiled factorisation repays its copying. */
const plainLimit = 48

/** Added to the diagonal, relative to it, where rounding has made the system indefinite. */
const ridges = [0, 1e-14, 1e-11]

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
  for (let b = 0; b < blocks.length; b++) {
    const part = eliminate(blocks[b], P[b].data, K[b].data, ratios[b], H)
    if (!part) return null
    parts.push(part)
    const turn = pacer.breathe()
    if (turn) await turn
  }
  const L = ridged(H)
  return L && { solve: (y, N) => solveWith(blocks, parts, L, y, N) }
}

function eliminate(
  at: IndexedBlock,
  P: Float64Array,
  K: Float64Array,
  ratio: Float64Array,
  H: Matrix,
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
  const [cross, inner] = [matrix(count, pairs), matrix(pairs, pairs)]
  for (let s = 0; s < left.length; s++) {
    const k = touched[place[s]]
    for (let t = 0; t <= s; t++) {
      const [l, value] = [touched[place[t]], mixed(left[s], right[s], left[t], right[t])]
      H.data[k * g + l] += value
      if (t < s) H.data[l * g + k] += value
    }
    for (let e = 0; e < pairs; e++) cross.data[place[s] * pairs + e] += mixed(left[s], right[s], pairI[e], pairJ[e])
  }
  for (let e = 0; e < pairs; e++) {
    for (let f = 0; f <= e; f++) {
      inner.data[e * pairs + f] = inner.data[f * pairs + e] = mixed(pairI[e], pairJ[e], pairI[f], pairJ[f])
    }
    inner.data[e * pairs + e] += ratio[e]
  }
  const factor = ridged(inner)
  return factor && { factor, reduced: eliminateInto(touched, cross, factor, H) }
}

/** H −= cross · inner⁻¹ · crossᵀ at the constraints touched; returns cross · inner⁻¹. */
function eliminateInto(touched: Int32Array, cross: Matrix, factor: Float64Array, H: Matrix): Matrix {
  const [count, pairs] = [cross.rows, cross.cols]
  const reduced = matrix(count, pairs)
  for (let t = 0; t < count; t++) {
    choleskySolveInto(factor, pairs, row(cross, t), row(reduced, t))
    for (let u = 0; u < count; u++) {
      let total = 0
      for (let e = 0; e < pairs; e++) total += cross.data[u * pairs + e] * reduced.data[t * pairs + e]
      H.data[touched[u] * H.cols + touched[t]] -= total
    }
  }
  return reduced
}

function solveWith(
  blocks: readonly IndexedBlock[],
  parts: readonly Eliminated[],
  L: Float64Array,
  y: Float64Array,
  N: readonly Float64Array[],
): { dy: Float64Array; dN: Float64Array[] } | null {
  const dy = y.slice()
  blocks.forEach(({ touched }, b) => touched.forEach((k, t) => (dy[k] -= dot(row(parts[b].reduced, t), N[b]))))
  choleskySolveInto(L, dy.length, dy, dy)
  const dN = blocks.map(({ touched }, b) => {
    const { factor, reduced } = parts[b]
    const step = new Float64Array(N[b].length)
    choleskySolveInto(factor, step.length, N[b], step)
    touched.forEach((k, t) => addScaledInto(-dy[k], row(reduced, t), step))
    return step
  })
  return dy.every(Number.isFinite) && dN.every((step) => step.every(Number.isFinite)) ? { dy, dN } : null
}

/** The Cholesky factor of a matrix of any size; null when it is not positive definite. */
export function factored(a: Matrix): Float64Array | null {
  if (a.rows > plainLimit) return defaultBackend().cholesky(a)?.data ?? null
  const L = new Float64Array(a.rows * a.rows)
  return choleskyInto(a, L) ? L : null
}

function ridged(H: Matrix): Float64Array | null {
  for (const ridge of ridges) {
    for (let k = 0; k < H.rows; k++) H.data[k * H.rows + k] *= 1 + ridge
    const L = factored(H)
    if (L) return L
  }
  return null
}
