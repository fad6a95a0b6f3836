import { type Matrix, multiplyTransposedVector, multiplyVector } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'

/** F(u) = Zᵀ(Xu)₊, a vector of R^c. */
export function polarVector(X: Matrix, Z: Matrix, u: Float64Array): Float64Array {
  const activations = multiplyVector(X, u)
  for (let i = 0; i < activations.length; i++) if (!(activations[i] > 0)) activations[i] = 0
  return multiplyTransposedVector(Z, activations)
}

/** ‖Zᵀ(Xu)₊‖₂ / ‖u‖₂, and 0 for u = 0. */
export function polarValue(X: Matrix, Z: Matrix, u: Float64Array): number {
  const length = norm2(u)
  return length > 0 ? norm2(polarVector(X, Z, u)) / length : 0
}
