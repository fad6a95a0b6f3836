import { DataError } from '../errors.ts'
import type { ImportedNetwork } from '../onnx.ts'

export interface ReadOnnxOptions {
  /** Name used in error messages. */
  readonly file?: string
}

/** Reads the network of an ONNX file. Throws `DataError` for whatever is damaged or not supported, and says where. */
export function readOnnx(_bytes: Uint8Array, { file }: ReadOnnxOptions = {}): ImportedNetwork {
  throw new DataError('unsupported-network', 'ONNX files cannot be read yet', { file })
}
