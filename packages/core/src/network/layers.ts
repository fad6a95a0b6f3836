import type { Matrix } from '../linalg/matrix.ts'
import { type Network, type Neuron, network } from '../network.ts'

/** x ↦ (W₁ᵀx + b₁)₊ᵀ W₂ + b₂, as layers of other tools have it: m hidden units, d inputs, c outputs. */
export interface Layers {
  /** W₁, d × m. */
  readonly hidden: Matrix
  /** b₁, of length m; null where the layer has none. */
  readonly hiddenBias: Float64Array | null
  /** W₂, m × c. */
  readonly output: Matrix
  /** b₂, of length c; null where the layer has none. */
  readonly outputBias: Float64Array | null
}

/**
 * The same function as a network for a problem with `bias`, or without one where the layers have none at all.
 *
 * A hidden bias becomes the weight of the column of ones. An output bias becomes one more neuron, the last, that sees
 * this column alone: (b₂-output, constant) with penalty β‖b₂‖ when balanced. Nothing else is changed or dropped, so neuron
 * j is hidden unit j.
 *
 * @throws RangeError when the shapes do not fit.
 */
export function networkFromLayers(layers: Layers): { readonly network: Network; readonly bias: boolean } {
  const { hidden, hiddenBias, output, outputBias } = layers
  requireShapes(layers)
  const bias = hiddenBias !== null || outputBias !== null
  const inputs = hidden.rows + (bias ? 1 : 0)
  const neurons: Neuron[] = Array.from({ length: hidden.cols }, (_, j) => {
    const u = new Float64Array(inputs)
    for (let i = 0; i < hidden.rows; i++) u[i] = hidden.data[i * hidden.cols + j]
    if (hiddenBias !== null) u[hidden.rows] = hiddenBias[j]
    return { u, v: output.data.slice(j * output.cols, (j + 1) * output.cols) }
  })
  if (outputBias !== null) {
    const u = new Float64Array(inputs)
    u[hidden.rows] = 1
    neurons.push({ u, v: outputBias.slice() })
  }
  return { network: network(inputs, output.cols, neurons), bias }
}

function requireShapes({ hidden, hiddenBias, output, outputBias }: Layers): void {
  const check = (holds: boolean, what: string): void => {
    if (!holds) throw new RangeError(`networkFromLayers: ${what}`)
  }
  const { cols: width } = hidden
  check(output.rows === width, `output must have ${width} rows, as hidden has columns, got ${output.rows}`)
  check(
    hiddenBias === null || hiddenBias.length === width,
    `hiddenBias must have ${width} entries, got ${hiddenBias?.length}`,
  )
  check(
    outputBias === null || outputBias.length === output.cols,
    `outputBias must have ${output.cols} entries, got ${outputBias?.length}`,
  )
}
