import type { Architecture } from '../architecture.ts'

/** Fully connected, φ(u) = (Xu)₊. */
export const dense: Architecture = {
  name: 'dense',
  formula: 'Σ_j (X u_j)₊ v_jᵀ',
  atom(X, u) {
    const out = new Float64Array(X.rows)
    for (let i = 0, at = 0; i < X.rows; i++) {
      let activation = 0
      for (let k = 0; k < X.cols; k++) activation += X.data[at++] * u[k]
      out[i] = activation <= 0 ? 0 : activation // NaN stays visible
    }
    return out
  },
}
