import { activeCount, type Cell, patternKey, patternOf } from '../arrangement.ts'
import { type Matrix, multiplyVector } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { gaussian, type Random } from '../random.ts'

export interface SampleOptions {
  /** Gates drawn at most. */
  readonly draws?: number
  /** Distinct patterns after which no more are drawn. */
  readonly maxCells?: number
}

/**
 * Patterns of random gates g ~ N(0, I): D = diag(1[Xg > 0]), each once, the one that activates no sample left out.
 *
 * Cells are found in proportion to their solid angle, so small ones may never be. A set of sampled patterns is
 * therefore not complete, however large: what is optimal over it bounds networks on it, and no others (Mishkin, Sahiner,
 * Pilanci, "Fast convex optimization for two-layer ReLU networks", ICML 2022, section 2).
 */
export function sampleCells(X: Matrix, random: Random, options: SampleOptions = {}): Cell[] {
  const { draws = 1000, maxCells = Number.POSITIVE_INFINITY } = options
  const cells = new Map<string, Cell>()
  for (let k = 0; k < draws && cells.size < maxCells; k++) {
    const gate = Float64Array.from({ length: X.cols }, () => gaussian(random))
    const size = norm2(gate)
    if (!(size > 0)) continue
    const interior = gate.map((value) => value / size)
    if (!clear(X, interior)) continue
    const pattern = patternOf(X, interior)
    if (activeCount(pattern) > 0) cells.set(patternKey(pattern), { pattern, interior })
  }
  return [...cells.values()]
}

/** Off every hyperplane by more than rounding, so that the pattern is that of an open cell. */
function clear(X: Matrix, u: Float64Array): boolean {
  const sides = multiplyVector(X, u)
  return sides.every((side, i) => {
    const size = norm2(X.data.subarray(i * X.cols, (i + 1) * X.cols))
    return size === 0 || Math.abs(side) > 16 * X.cols * Number.EPSILON * size
  })
}
