import type { Numbers } from './table.ts'

/**
 * A network read from an ONNX file: a chain of layers, each applied to what the one before it computed.
 *
 * The values of one sample are kept flat, in row-major order of their shape (channels first for images). Batches are
 * rows, whatever axis the file had them on.
 */
export interface ImportedNetwork {
  /** Name used in messages. */
  readonly file: string | undefined
  /** Of one sample, without the batch: [784], or [1, 28, 28] for channels × height × width. */
  readonly inputShape: readonly number[]
  readonly outputShape: readonly number[]
  readonly layers: readonly ImportedLayer[]
  /** The metadata_props of the file. */
  readonly metadata: ReadonlyMap<string, string>
  /** What was left out or folded in on the way, in words for a person. */
  readonly notices: readonly string[]
}

export type ImportedLayer = DenseLayer | ReluLayer | ScaleLayer | ReshapeLayer | ConvolutionLayer | PoolLayer

/** y = xᵀW + b. */
export interface DenseLayer extends FromNode {
  readonly kind: 'dense'
  /** Inputs × outputs. */
  readonly weights: Numbers
  readonly bias: Float64Array | null
}

/** y = max(x, 0), value by value. */
export interface ReluLayer extends FromNode {
  readonly kind: 'relu'
}

/** y_e = factor_k x_e + offset_k with k = ⌊e / inner⌋ mod length: one pair for each channel, feature, or for everything. */
export interface ScaleLayer extends FromNode {
  readonly kind: 'scale'
  readonly factor: Float64Array
  readonly offset: Float64Array
  /** How many neighbouring values share a pair: height × width where pairs belong to channels. */
  readonly inner: number
}

/** The same values under another shape. */
export interface ReshapeLayer extends FromNode {
  readonly kind: 'reshape'
  readonly shape: readonly number[]
}

/** A cross-correlation, as ONNX and deep learning call convolution. */
export interface ConvolutionLayer extends FromNode {
  readonly kind: 'convolution'
  /** Output channels × input channels of one group × kernel height × kernel width. */
  readonly weights: Float64Array
  readonly bias: Float64Array | null
  readonly inputChannels: number
  readonly outputChannels: number
  readonly groups: number
  readonly window: Window
}

export interface PoolLayer extends FromNode {
  readonly kind: 'average-pool' | 'max-pool'
  readonly channels: number
  /** Whether an average divides by the padding too; without meaning for a maximum. */
  readonly countsPadding: boolean
  readonly window: Window
}

/** A kernel that slides over a plane, [height, width] each. Series have height 1. */
export interface Window {
  readonly input: Pair
  readonly output: Pair
  readonly kernel: Pair
  readonly stride: Pair
  readonly dilation: Pair
  /** Padding above and to the left, then below and to the right. */
  readonly before: Pair
  readonly after: Pair
}

export type Pair = readonly [number, number]

interface FromNode {
  /** The node of the file it comes from, for messages: `Gemm "fc1"`. */
  readonly node: string
}
