import { type Matrix, matrix } from '../linalg/matrix.ts'
import { type Network, type Neuron, network } from '../network.ts'
import type { Problem } from '../problem.ts'
import type { Random } from '../random.ts'

/** A few neurons of a layer: U (inputs × width) and then V (width × outputs), one after the other from `offset` on. */
interface Block {
  readonly offset: number
  readonly width: number
}

/** Where each weight of a network of fixed width is in one vector. */
export interface Layout {
  readonly inputs: number
  readonly neurons: number
  readonly outputs: number
  readonly size: number
  readonly blocks: readonly Block[]
}

/** Neurons to a block: wide enough for the kernels, and little enough for one product not to take long. */
const blockWidth = 128

export function createLayout(inputs: number, neurons: number, outputs: number): Layout {
  const blocks: Block[] = []
  for (let first = 0; first < neurons; first += blockWidth) {
    blocks.push({ offset: first * (inputs + outputs), width: Math.min(blockWidth, neurons - first) })
  }
  return { inputs, neurons, outputs, size: neurons * (inputs + outputs), blocks }
}

/** Views of block k: writing to them writes to the vector. */
export function weightsOf(layout: Layout, vector: Float64Array, k: number): { U: Matrix; V: Matrix } {
  const { inputs, outputs, blocks } = layout
  const { offset, width } = blocks[k]
  const middle = offset + inputs * width
  return {
    U: matrix(inputs, width, vector.subarray(offset, middle)),
    V: matrix(width, outputs, vector.subarray(middle, middle + width * outputs)),
  }
}

/**
 * Uniform within ±√(6/fan-in) in each layer: outputs of about the size of the inputs, whatever the width (He, Zhang,
 * Ren, Sun, "Delving deep into rectifiers", ICCV 2015, equation (10)).
 */
export function kaimingUniform(layout: Layout, random: Random): Float64Array {
  const vector = new Float64Array(layout.size)
  layout.blocks.forEach((_, k) => {
    const { U, V } = weightsOf(layout, vector, k)
    fill(U.data, Math.sqrt(6 / layout.inputs), random)
    fill(V.data, Math.sqrt(6 / layout.neurons), random)
  })
  return vector
}

function fill(values: Float64Array, limit: number, random: Random): void {
  for (let i = 0; i < values.length; i++) values[i] = limit * (2 * random() - 1)
}

export function toNetwork(layout: Layout, vector: Float64Array, { X, Y }: Problem): Network {
  const neurons: Neuron[] = layout.blocks.flatMap(({ width }, k) => {
    const { U, V } = weightsOf(layout, vector, k)
    return Array.from({ length: width }, (_, j) => ({
      u: Float64Array.from({ length: U.rows }, (_entry, i) => U.data[i * width + j]),
      v: V.data.slice(j * V.cols, (j + 1) * V.cols),
    }))
  })
  return network(X.cols, Y.cols, neurons)
}
