import { UnsupportedProblemError } from '../errors.ts'
import { type Matrix, matrix, row } from '../linalg/matrix.ts'
import { dataHash, type Problem } from '../problem.ts'
import { proofRankLimit, type ProofRecorder, type ProofSign, type Witness } from '../proof.ts'
import { ByteWriter } from './bytes.ts'
import { nodeKinds, writeProof } from './file.ts'

type Node =
  | { readonly from: number; readonly to: number; readonly point: Float64Array; readonly firstChild: number }
  | Witness

/** Keeps what a search reports about one Z, and makes a proof file of it. */
export class ProofRecord implements ProofRecorder {
  readonly #problem: Problem
  readonly #dual: Matrix
  readonly #nodes = new Map<number, Node>()
  #axes: Matrix = matrix(0, 0)
  #signed = false
  /** The node of an orthant for a sign, as `name` writes it. */
  readonly #roots = new Map<string, number>()

  /** @throws UnsupportedProblemError when there would be too many orthants. */
  constructor(problem: Problem, dual: Matrix) {
    const { rank } = problem.reduction
    if (rank > proofRankLimit) {
      throw new UnsupportedProblemError(`ProofRecord: proofs go up to rank ${proofRankLimit}, got rank ${rank}`)
    }
    this.#problem = problem
    this.#dual = matrix(dual.rows, dual.cols, dual.data.slice())
  }

  start(cones: readonly Float64Array[], signs: readonly ProofSign[]): void {
    const r = this.#problem.reduction.rank
    this.#nodes.clear()
    this.#roots.clear()
    this.#axes = matrix(r, r, Float64Array.from(cones[0] ?? []))
    this.#signed = signs.some((sign) => sign !== 0)
    cones.forEach((cone, node) => this.#roots.set(name(this.#orthantOf(cone), signs[node]), node))
  }

  split(node: number, from: number, to: number, point: Float64Array, firstChild: number): void {
    this.#nodes.set(node, { from, to, point: point.slice(), firstChild })
  }

  leaf(node: number, witness: Witness): void {
    this.#nodes.set(node, witness)
  }

  /**
   * The proof file.
   *
   * @param claim what was proven of ω(Z), reduction and rounding included.
   * @throws Error when an orthant or a node was never reported: the search has not accounted for all directions.
   */
  toBytes(claim: number): Uint8Array<ArrayBuffer> {
    const { X, Y, reduction } = this.#problem
    const tree = new ByteWriter()
    const signs: readonly ProofSign[] = this.#signed ? [1, -1] : [0]
    // Nothing to cover in rank 0: ω = 0.
    for (let orthant = 0; reduction.rank > 0 && orthant < 2 ** reduction.rank; orthant++) {
      for (const sign of signs) this.#write(this.#rootOf(orthant, sign), tree)
    }
    const header = {
      dataHash: dataHash(X, Y),
      claim,
      dual: this.#dual,
      basis: reduction.V,
      axes: this.#axes,
      signed: this.#signed,
    }
    return writeProof(header, tree.bytes())
  }

  #rootOf(orthant: number, sign: ProofSign): number {
    const root = this.#roots.get(name(orthant, sign))
    if (root === undefined) throw new Error(`ProofRecord: orthant ${orthant} with sign ${sign} was never started`)
    return root
  }

  /** Bit k is set where row k is minus the k-th axis. */
  #orthantOf(cone: Float64Array): number {
    const r = this.#axes.rows
    let orthant = 0
    for (let k = 0; k < r; k++) {
      const axis = row(this.#axes, k)
      const generator = cone.subarray(k * r, (k + 1) * r)
      if (generator.every((value, q) => value === axis[q])) continue
      if (!generator.every((value, q) => value === -axis[q])) {
        throw new Error(`ProofRecord: the starting cones must be orthants of common axes, got another generator ${k}`)
      }
      orthant += 2 ** k
    }
    return orthant
  }

  #write(root: number, out: ByteWriter): void {
    const stack = [root]
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const what = this.#nodes.get(node)
      if (what === undefined) throw new Error(`ProofRecord: node ${node} is neither split nor a leaf`)
      if ('kind' in what) writeLeaf(what, this.#signed, out)
      else {
        out.byte(nodeKinds.split)
        out.byte(what.from)
        out.byte(what.to)
        out.numbers(what.point)
        stack.push(what.firstChild + 1, what.firstChild)
      }
    }
  }
}

function name(orthant: number, sign: ProofSign): string {
  return `${orthant}, ${sign}`
}

/** Slopes of 1, the most frequent, take one bit beside the distance to the sample before. */
function writeLeaf(witness: Witness, signed: boolean, out: ByteWriter): void {
  out.byte(nodeKinds[witness.kind])
  if (witness.kind === 'maximum') return
  const { direction, peak, samples, slopes } = witness
  if (!signed) out.numbers(direction)
  out.numbers(peak)
  out.count(samples.length)
  let last = 0
  for (let a = 0; a < samples.length; a++) {
    const partial = slopes[a] !== 1
    out.count(2 * (samples[a] - last) + Number(partial))
    if (partial) out.number(slopes[a])
    last = samples[a]
  }
}
