import type { Architecture } from '../architecture.ts'
import { dot, row } from '../linalg/matrix.ts'

/** Fully connected, φ(u) = (Xu)₊. */
export const dense: Architecture = {
  name: 'dense',
  formula: 'Σ_j (X u_j)₊ v_jᵀ',
  atom(X, u) {
    const out = new Float64Array(X.rows)
    for (let i = 0; i < X.rows; i++) {
      const activation = dot(row(X, i), u)
      out[i] = activation <= 0 ? 0 : activation // NaN stays visible
    }
    return out
  },
}
