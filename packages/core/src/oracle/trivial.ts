import { proveBound } from '../bound.ts'
import { multiplyTransposed } from '../linalg/matrix.ts'
import { frobeniusUpper, spectralUpper } from '../linalg/norms.ts'
import type { OracleFactory } from '../oracle.ts'

/**
 * The bound a run falls back on when nothing else is ready: no search, no candidates.
 *
 *     ω(Z) ≤ ½ (‖ZᵀX‖₂ + ‖Z‖₂‖X‖₂) ≤ ‖Z‖₂‖X‖₂
 *
 * from (Xu)₊ = ½ (Xu + |Xu|). Near an optimum ‖ZᵀX‖ ≤ 2β, so this is half of the plain product of norms.
 */
export const trivialOracle: OracleFactory = (problem) => {
  const X = problem.reduction.Xr
  const size = spectralUpper(X)
  return {
    name: 'trivial',
    family: 'trivial',
    async price(dual) {
      const product = size * spectralUpper(dual)
      // The entries of ZᵀX are sums of n products: their rounding is at most n ε of the product of Frobenius norms.
      const rounding = (X.rows + 2) * Number.EPSILON * frobeniusUpper(X) * frobeniusUpper(dual)
      const half = 0.5 * (spectralUpper(multiplyTransposed(dual, X)) + rounding + product) * (1 + 8 * Number.EPSILON)
      return { candidates: [], bound: proveBound(problem, dual, Math.min(half, product), 'trivial') }
    },
  }
}
