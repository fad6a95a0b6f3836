import { ModelFormatError } from '../errors.ts'
import { type Matrix, matrix } from '../linalg/matrix.ts'
import { proofRankLimit } from '../proof.ts'
import { ByteReader, ByteWriter, checksum } from './bytes.ts'

const magic = 'RELUCENT'
const formatVersion = 1

/** What a proof file says before its tree. */
export interface ProofHeader {
  /** `dataHash` of the X and Y it is about. */
  readonly dataHash: string
  /** The tree shows ω(Z) to be at most this. */
  readonly claim: number
  /** Z, n × c. */
  readonly dual: Matrix
  /** V, d × r: the tree is about XV; null when it is about X itself. */
  readonly basis: Matrix | null
  /** r × r, one axis a row; the roots of the tree are their orthants. */
  readonly axes: Matrix
  /** Each orthant comes twice, for F and for −F; with one output only. */
  readonly signed: boolean
}

/** The first byte of a node. */
export const nodeKinds = { split: 0, directed: 1, maximum: 2 } as const

/**
 * Lays out a proof: magic, version, length of the whole, shape, data hash, claim, Z, V, axes; the tree; a checksum.
 *
 * The tree is in preorder, orthant by orthant (generator k is minus the k-th axis where bit k of the orthant's number is
 * set; first the sign +1, then −1). All numbers are little-endian, sizes of lists seven bits a byte.
 */
export function writeProof(header: ProofHeader, tree: Uint8Array): Uint8Array<ArrayBuffer> {
  const { dataHash, claim, dual, basis, axes, signed } = header
  const out = new ByteWriter()
  const length =
    lengthBefore + 8 * (1 + dual.data.length + (basis?.data.length ?? 0) + axes.data.length) + tree.length + 4
  out.text(magic)
  out.word(formatVersion)
  out.number(length)
  for (const size of [dual.rows, dual.cols, axes.rows, basis?.rows ?? 0, Number(signed)]) out.word(size)
  out.text(dataHash.padEnd(hashLength))
  out.number(claim)
  for (const { data } of basis ? [dual, basis, axes] : [dual, axes]) out.numbers(data)
  for (const value of tree) out.byte(value)
  out.word(checksum(out.bytes()))
  return out.bytes().slice()
}

const hashLength = 16
const lengthBefore = magic.length + 4 + 8 + 5 * 4 + hashLength

/** The header, and a reader that stands before the tree. Throws `ModelFormatError` naming the byte and the reason. */
export function readProof(bytes: Uint8Array): { header: ProofHeader; tree: ByteReader } {
  const whole = new ByteReader(bytes)
  if (whole.text(magic.length) !== magic) throw new ModelFormatError('proof: byte 0: expected a proof of relucent')
  const version = whole.word()
  if (version !== formatVersion) {
    throw new ModelFormatError(`proof: byte 8: expected format ${formatVersion}, got ${version}`)
  }
  const length = whole.number()
  if (length !== bytes.length) {
    throw new ModelFormatError(`proof: byte ${bytes.length}: expected the file to end at byte ${length}`)
  }
  const body = bytes.subarray(0, bytes.length - 4)
  if (new ByteReader(bytes.subarray(bytes.length - 4)).word() !== checksum(body)) {
    throw new ModelFormatError(`proof: byte ${body.length}: expected another checksum: the file was changed`)
  }
  const tree = new ByteReader(body)
  tree.text(lengthBefore - hashLength - 5 * 4)
  const [n, c, r, d, signed] = Array.from({ length: 5 }, () => tree.word())
  if (r > proofRankLimit) throw new ModelFormatError(`proof: expected a rank of at most ${proofRankLimit}, got ${r}`)
  const read = (rows: number, cols: number): Matrix => matrix(rows, cols, tree.numbers(rows * cols))
  const dataHash = tree.text(hashLength).trimEnd()
  const claim = tree.number()
  const [dual, basis, axes] = [read(n, c), d > 0 ? read(d, r) : null, read(r, r)]
  return { header: { dataHash, claim, dual, basis, axes, signed: signed === 1 }, tree }
}

/** The Z that a proof is about. Throws `ModelFormatError` where the file is damaged. */
export function proofDual(bytes: Uint8Array): Matrix {
  return readProof(bytes).header.dual
}
