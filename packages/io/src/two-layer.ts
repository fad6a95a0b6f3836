import type { Numbers } from './table.ts'

/** x ↦ (W₁ᵀx + b₁)₊ᵀ W₂ + b₂ as another tool has it: m hidden units, d inputs, c outputs, nothing rescaled or balanced. */
export interface TwoLayerWeights {
  /** d × m. */
  readonly hidden: Numbers
  /** Length m; null where the layer has none. */
  readonly hiddenBias: Float64Array | null
  /** m × c. */
  readonly output: Numbers
  /** Length c; null where the layer has none. */
  readonly outputBias: Float64Array | null
  /** What was left out or folded in on the way, in words for a person. */
  readonly notices: readonly string[]
}
