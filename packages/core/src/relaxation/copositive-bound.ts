import { isActive } from '../arrangement.ts'
import { type Matrix, matrix, multiplyTransposed, row } from '../linalg/matrix.ts'
import { eigenvalueUpper, frobeniusUpper, spectralUpper } from '../linalg/norms.ts'
import { arrangementAllowance } from '../oracle/enumeration.ts'
import { standardForm } from '../oracle/standard-form.ts'
import { type CopositiveCell, pairsOf } from './copositive-program.ts'

/**
 * A bound on ‖Zᵀ(Xu)₊‖ over the unit u of the given cells, from multipliers N ≥ 0 for the pairs of facets of each (none at
 * all for a cell means N = 0; negative ones count as 0), rounding included; NaN gives Infinity. On the cell of D with
 * inward normals s_i, every N ≥ 0 leaves
 *
 *     ‖ZᵀDXu‖² ≤ uᵀ(XᵀDZZᵀDX)u + Σ N_ij (s_iᵀu)(s_jᵀu) ≤ λmax(XᵀDZZᵀDX + Σ N_ij s_i s_jᵀ).
 *
 * The floats s_i are unit vectors to (r + 4)ε, so a product (s_iᵀu)(s_jᵀu) may fall below 0 by four times that.
 *
 * @param overlooked what the arrangement says of directions in none of its cells; 0 for given patterns.
 */
export function copositivePolarUpper(
  X: Matrix,
  dual: Matrix,
  cells: readonly CopositiveCell[],
  multipliers: readonly Float64Array[],
  overlooked: number,
): number {
  const standard = standardForm(X, dual)
  const { unit } = standard
  let largest = 0
  cells.forEach((cell, b) => {
    const square = cellSquareUpper(standard.X, standard.Z, cell, multipliers[b], unit)
    largest = square >= 0 ? Math.max(largest, square) : Number.POSITIVE_INFINITY
  })
  const attained =
    Math.sqrt(largest) * (1 + 2 * Number.EPSILON) + arrangementAllowance(standard.X, standard.Z, overlooked)
  const trivial = spectralUpper(standard.X) * spectralUpper(standard.Z)
  return (attained < trivial ? attained : trivial) * unit
}

/** Of ‖ZᵀDXu‖², Z in units of `unit`. */
function cellSquareUpper(
  X: Matrix,
  Z: Matrix,
  { pattern, facets }: CopositiveCell,
  N: Float64Array,
  unit: number,
): number {
  const r = X.cols
  const A = matrix(Z.cols, r)
  for (let i = 0; i < X.rows; i++) {
    if (!isActive(pattern, i)) continue
    for (let p = 0; p < Z.cols; p++) {
      for (let q = 0; q < r; q++) A.data[p * r + q] += Z.data[i * Z.cols + p] * X.data[i * r + q]
    }
  }
  const M = multiplyTransposed(A, A)
  let load = 0
  if (N.length > 0) {
    pairsOf(facets.rows).forEach(([i, j], e) => {
      const weight = N[e] > 0 ? N[e] / unit / unit : 0
      if (!(weight > 0)) return
      load += weight
      const [s, t] = [row(facets, i), row(facets, j)]
      for (let p = 0; p < r; p++) {
        for (let q = 0; q < r; q++) M.data[p * r + q] += (weight / 2) * (s[p] * t[q] + s[q] * t[p])
      }
    })
  }
  const size = frobeniusUpper(A)
  const rounding = ((Z.cols + N.length + 4) * size * size + (8 * r + 2 * N.length + 40) * load) * Number.EPSILON
  return (eigenvalueUpper(M) + rounding) * (1 + 4 * Number.EPSILON)
}
