import { eigh } from '../linalg/eigh.ts'
import { type Matrix, matrix, row } from '../linalg/matrix.ts'
import { frobeniusUpper } from '../linalg/norms.ts'
import type { ConicOptions, ConicProgram, Coupling, DoublyNonnegativeSolver } from '../relaxation.ts'
import { pairsOf } from './copositive-program.ts'
import { weightedTerms } from './dual-slack.ts'
import { interiorPoint } from './interior-point.ts'
import { provenDualValue } from './proven-dual-value.ts'

export interface RelaxedConeMaximum {
  /** Proven: uᵀRu is at most this for every unit u of the cone. */
  readonly bound: number
  /** ⟨R, U⟩ of the U below, in floats: what the relaxation attains, up to the tolerance. Never a bound. */
  readonly attained: number
  /** Positive semidefinite, trace 1, W U Wᵀ ≥ 0, up to the tolerance; null when the method ended before it had one. */
  readonly U: Matrix | null
  /** N ≥ 0 of the bound, for the pairs of rows of W in the order of `pairsOf`. */
  readonly multipliers: Float64Array
}

/**
 * The semidefinite relaxation of a cone-constrained principal component:
 *
 *     max ⟨R, U⟩   s.t. W U Wᵀ ≥ 0 entrywise, tr U = 1, U positive semidefinite,
 *
 * for a symmetric R, semidefinite or not, and rows of W of about unit length (Deshpande, Montanari, Richard, "Cone-constrained
 * principal component analysis", NIPS 2014; equation (3) of Sahiner, Ergen, Pauly, Pilanci, ICLR 2021). It is the maximum
 * of uᵀRu over the unit u with W u ≥ 0 when W has at most four rows; else an upper bound, and sometimes a strict one.
 *
 * The bound is λmax(R + Σ N_ij w_i w_jᵀ) for the N ≥ 0 found, rounding included. Above, the rows of W are exact: a cone
 * whose normals were rounded is the caller's to account for.
 */
export async function relaxedConeMaximum(
  R: Matrix,
  W: Matrix,
  { solver = interiorPoint, ...options }: ConicOptions & { readonly solver?: DoublyNonnegativeSolver } = {},
): Promise<RelaxedConeMaximum> {
  const program = coneMaximumProgram(R, W)
  const block = program.blocks[0]
  let best: RelaxedConeMaximum = {
    bound: Number.POSITIVE_INFINITY,
    attained: Number.NEGATIVE_INFINITY,
    U: null,
    multipliers: new Float64Array(block.nonnegative.length),
  }
  const offer = (multipliers: Float64Array): void => {
    const load = weightedTerms({ ...block, couplings: [] }, new Float64Array(1), multipliers)
    const { values } = eigh(
      matrix(
        R.rows,
        R.cols,
        R.data.map((value, k) => value + load.data[k]),
      ),
    )
    const y = Float64Array.of(-values[R.rows - 1])
    const bound = -provenDualValue(program, { y, multipliers: [multipliers] })
    if (bound < best.bound) best = { ...best, bound, multipliers }
  }
  offer(new Float64Array(block.nonnegative.length))
  for await (const { multipliers, primal, primalValue } of solver.iterates(program, options)) {
    offer(multipliers[0])
    if (primal && -primalValue > best.attained) best = { ...best, attained: -primalValue, U: primal[0] }
  }
  return best
}

/** tr U = 1 is written as Σ e_kᵀ U e_k. */
export function coneMaximumProgram(R: Matrix, W: Matrix): ConicProgram {
  const r = R.rows
  const vectors = matrix(W.rows + r, r)
  vectors.data.set(W.data)
  const couplings: Coupling[] = []
  for (let k = 0; k < r; k++) {
    row(vectors, W.rows + k)[k] = 1
    couplings.push({ constraint: 0, left: W.rows + k, right: W.rows + k })
  }
  const size = frobeniusUpper(R) || 1
  return {
    blocks: [
      {
        cost: matrix(
          r,
          r,
          R.data.map((value) => -value),
        ),
        vectors,
        nonnegative: pairsOf(W.rows),
        couplings,
      },
    ],
    targets: Float64Array.of(1),
    curvatures: Float64Array.of(0),
    trace: 1,
    magnitude: size,
    start: Float64Array.of(-2 * size),
  }
}
