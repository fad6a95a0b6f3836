/** The width of numbers in a file. */
export type Precision = 'float' | 'double'

/** x ↦ Σ_j (zᵀu_j)₊ v_j with z = (x − shift) / scale, and a 1 behind it where there is a bias. */
export interface TrainedNetwork {
  readonly network: {
    readonly inputs: number
    readonly outputs: number
    readonly neurons: readonly { readonly u: Float64Array; readonly v: Float64Array }[]
    /** Added to every output. */
    readonly outputBias?: Float64Array
    /** A linear part, which ONNX files of ours do not hold. */
    readonly skip?: unknown
  }
  readonly bias: boolean
  /** Empty where the features are used as they are. */
  readonly preprocessing: { readonly shift: readonly number[]; readonly scale: readonly number[] }
}

export interface FoldedWeights {
  /** Neurons × features, at least one neuron. */
  readonly hidden: Float64Array
  readonly hiddenBias: Float64Array | null
}

/**
 * The first layer on raw features. Weights are rounded to the precision of the file first and the bias is made to fit
 * them: then rounding is felt by x − shift, not by x, which may be much larger.
 */
export function foldedWeights({ network, bias, preprocessing }: TrainedNetwork, precision: Precision): FoldedWeights {
  const { shift, scale } = preprocessing
  const features = network.inputs - (bias ? 1 : 0)
  const round = precision === 'float' ? Math.fround : (value: number): number => value
  const width = Math.max(1, network.neurons.length)
  const hidden = new Float64Array(width * features)
  const hiddenBias = new Float64Array(width)
  network.neurons.forEach(({ u }, j) => {
    let sum = bias ? u[features] : 0
    for (let k = 0; k < features; k++) {
      const weight = round(u[k] / (scale[k] ?? 1))
      hidden[j * features + k] = weight
      sum -= weight * (shift[k] ?? 0)
    }
    hiddenBias[j] = sum
  })
  return { hidden, hiddenBias: bias || shift.length > 0 ? hiddenBias : null }
}
