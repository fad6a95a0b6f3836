import { proveBound } from '../bound.ts'
import { spectralUpper } from '../linalg/norms.ts'
import type { OracleFactory } from '../oracle.ts'

/** ω(Z) ≤ ‖Z‖₂‖X‖₂: no candidates, proven before any search. The bound a run falls back on when nothing else is ready. */
export const trivialOracle: OracleFactory = (problem) => {
  const size = spectralUpper(problem.reduction.Xr)
  return {
    name: 'trivial',
    family: 'trivial',
    price: async (dual) => ({ candidates: [], bound: proveBound(problem, dual, size * spectralUpper(dual), 'trivial') }),
  }
}
