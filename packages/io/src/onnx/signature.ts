import { DataError } from '../errors.ts'

/** Files that people take for ONNX, by their first bytes. */
const signatures: readonly { readonly bytes: readonly number[]; readonly what: string; readonly hint: string }[] = [
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    what: 'a zip archive, as PyTorch and NumPy write them',
    hint: 'export the network with torch.onnx.export',
  },
  { bytes: [0x89, 0x48, 0x44, 0x46], what: 'an HDF5 file, as Keras writes them', hint: 'convert it with tf2onnx' },
  { bytes: [0x80, 0x04], what: 'a Python pickle', hint: 'convert the network with skl2onnx or torch.onnx.export' },
  { bytes: [0x7b], what: 'JSON', hint: 'a model.json of Relucent is exported with relucent export' },
  { bytes: [0x1f, 0x8b], what: 'gzip-compressed data', hint: 'unpack it first' },
]

/** Tells a file of another format from a damaged one. */
export function refuseOtherFormats(bytes: Uint8Array, file: string | undefined): void {
  if (bytes.length === 0) throw new DataError('empty-file', 'the file is empty', { file })
  const known = signatures.find((signature) => signature.bytes.every((byte, k) => bytes[k] === byte))
  if (known) throw new DataError('not-onnx', `expected an ONNX model, found ${known.what}`, { file, hint: known.hint })
}
