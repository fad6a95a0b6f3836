import { DataError } from '../errors.ts'
import type { ImportedNetwork } from '../onnx.ts'
import type { TwoLayerWeights } from '../two-layer.ts'

/** The weights of a network of two dense layers with a ReLU between them. Throws `DataError` saying what it is instead. */
export function twoLayerWeights({ file }: ImportedNetwork): TwoLayerWeights {
  throw new DataError('not-two-layer', 'ONNX files cannot be read yet', { file })
}
