import { dot, type Matrix, matrix, multiply, row, subtract, transpose } from '../linalg/matrix.ts'
import { frobeniusUpper, norm2, spectralUpper } from '../linalg/norms.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import { dataHash, type Problem } from '../problem.ts'
import { ProofError, type ProofSign } from '../proof.ts'
import type { ByteReader } from './bytes.ts'
import { highest, largest } from './check-cone.ts'
import { type Cone, coneInside, directedHeights, type Samples, samplesOf, treeRounding } from './check-leaf.ts'
import { nodeKinds, type ProofHeader, readProof } from './file.ts'

export interface CheckedProof {
  /** The Z that the proof is about. */
  readonly dual: Matrix
  /** ω(Z) is at most this, as evaluated here, not as claimed; Infinity where the pacer ended the check. */
  readonly polarBound: number
  readonly leaves: number
}

/** How far, relative to the claim, a leaf may come out higher here than where it was made: this is other rounding. */
const room = 1e-9

/** Inner products of generators are at least minus this. */
const obtuse = 1e-9

/**
 * Checks a proof file against the data: that its leaves cover all directions, and what each of them bounds. It shares
 * matrices and norms with the search, nothing else, and takes nothing on trust: neither that XV stands for X, nor that the
 * cones cover R^r, nor any bound. The time is linear in the nodes, times the samples that cross them.
 *
 * @throws ModelFormatError where the file is damaged, naming the byte; ProofError where it does not prove what it claims,
 *   or for other data, naming the node.
 */
export async function checkProof(
  problem: Problem,
  bytes: Uint8Array,
  pacer: Pacer = createPacer(),
): Promise<CheckedProof> {
  const { header, tree } = readProof(bytes)
  const { dual, claim } = header
  checkSubject(problem, header)
  const { reduced, stretch, discarded } = reductionOf(problem.X, header.basis)
  const samples = samplesOf(reduced, dual)
  let [most, deepest, leaves] = [0, 0, 0]
  for (const { depth, bound } of walk(
    samples,
    header,
    tree,
    (claim / samples.unit / stretch) * (1 + room) + 2 * reduced.cols * samples.slack,
  )) {
    if (pacer.expired()) return { dual, polarBound: Number.POSITIVE_INFINITY, leaves }
    const turn = pacer.breathe()
    if (turn) await turn
    deepest = Math.max(deepest, depth)
    if (bound === undefined) continue
    most = Math.max(most, bound)
    leaves++
  }
  const rounding = treeRounding(samples, deepest)
  const tail = spectralUpper(dual) * discarded
  const polarBound = ((most + rounding) * samples.unit * stretch + tail) * (1 + 8 * Number.EPSILON) + Number.MIN_VALUE
  const allowed =
    claim * (1 + 2 * room) + 2 * (reduced.cols * samples.slack + rounding) * samples.unit * stretch + Number.MIN_VALUE
  if (!(polarBound <= allowed)) throw new ProofError(`proof: it claims ${claim}, its leaves show ${polarBound}`)
  return { dual, polarBound, leaves }
}

function checkSubject({ X, Y }: Problem, { dataHash: hash, dual, basis, axes, signed, claim }: ProofHeader): void {
  const expect = (holds: boolean, what: string): void => {
    if (!holds) throw new ProofError(`proof: ${what}`)
  }
  const inputs = basis?.rows ?? axes.rows
  expect(hash === dataHash(X, Y), `it is about data with hash ${hash}, the hash of these is ${dataHash(X, Y)}`)
  expect(dual.rows === X.rows && dual.cols === Y.cols, `Z is ${dual.rows} × ${dual.cols}, the targets are not`)
  expect(inputs === X.cols, `its directions have ${inputs} coordinates, not ${X.cols}`)
  expect(!signed || dual.cols === 1, `trees with signs need one output, got ${dual.cols}`)
  expect(
    claim >= 0 && [dual, axes, basis ?? axes].every(({ data }) => data.every(Number.isFinite)),
    'not all is finite',
  )
  // Nearly orthonormal axes are independent, so that their orthants cover the space.
  for (let k = 0; k < axes.rows; k++) {
    expect(isUnit(row(axes, k)), `axis ${k} is not of length 1`)
    for (let j = 0; j < k; j++)
      expect(Math.abs(dot(row(axes, j), row(axes, k))) <= obtuse, `axes ${j} and ${k} are oblique`)
  }
}

function isUnit(w: Float64Array): boolean {
  return Math.abs(dot(w, w) - 1) <= 1e-13
}

/** ω_X(Z) ≤ ‖V‖₂ ω_{XV}(Z) + ‖Z‖₂ ‖X − XV Vᵀ‖₂, the ReLU being 1-Lipschitz: for any V, and any matrix in place of XV. */
function reductionOf(X: Matrix, V: Matrix | null): { reduced: Matrix; stretch: number; discarded: number } {
  if (V === null) return { reduced: X, stretch: 1, discarded: 0 }
  const reduced = multiply(X, V)
  const rounding = (V.cols + 2) * Number.EPSILON * (frobeniusUpper(X) + frobeniusUpper(reduced) * frobeniusUpper(V))
  const discarded = (spectralUpper(subtract(X, multiply(reduced, transpose(V)))) + rounding) * (1 + 4 * Number.EPSILON)
  return { reduced, stretch: spectralUpper(V), discarded }
}

/** Reads the tree in preorder, makes every cone from the one it is part of, and yields the bound of each leaf. */
function* walk(
  samples: Samples,
  { axes, signed, dual }: ProofHeader,
  tree: ByteReader,
  limit: number,
): Generator<{ readonly depth: number; readonly bound?: number }> {
  const r = axes.rows
  const all = Array.from({ length: dual.rows }, (_, i) => i).filter((i) => row(dual, i).some((value) => value !== 0))
  const signs: readonly ProofSign[] = signed ? [1, -1] : [0]
  let node = 0
  for (let orthant = 0; r > 0 && orthant < 2 ** r; orthant++) {
    // Generator k is minus the k-th axis where bit k is set.
    const corner = Array.from({ length: r }, (_, k) => row(axes, k).map((q) => (orthant & (1 << k) ? -q : q)))
    for (const sign of signs) {
      const whole = { active: matrix(dual.cols, r), crossing: all, sign, depth: -1 }
      const stack = [coneInside(samples, corner, whole)]
      for (let cone = stack.pop(); cone; cone = stack.pop(), node++) {
        const kind = tree.byte()
        if (kind === nodeKinds.split) {
          stack.push(...children(cone))
          yield { depth: cone.depth }
          continue
        }
        const bound = kind === nodeKinds.directed ? directed(cone) : maximum(cone, kind)
        if (!(bound <= limit)) fail(`its bound is ${bound / limit} times what the claim allows`)
        yield { depth: cone.depth, bound }
      }
    }
  }
  if (tree.remaining > 0) fail(`${tree.remaining} bytes are left after the last`)

  /** Wherever on an edge the point is, the two children cover the cone. */
  function children(cone: Cone): Cone[] {
    const W = cone.generators
    const [from, to, point] = [tree.byte(), tree.byte(), tree.numbers(r)]
    if (from === to || from >= r || to >= r) fail(`there is no edge from ${from} to ${to}`)
    if (!isUnit(point)) fail('the point of the cut is not of length 1')
    if (!(distanceToEdge(W[from], W[to], point) <= 8 * Number.EPSILON)) fail('the point of the cut is off its edge')
    if (!W.every((w) => dot(w, point) >= -obtuse)) fail('generators are at an obtuse angle')
    return [to, from].map((leaving) => coneInside(samples, W.with(leaving, point), cone))
  }

  function directed(cone: Cone): number {
    const [direction, peak, count] = [tree.numbers(signed ? 0 : dual.cols), tree.numbers(r), tree.count()]
    const slopes = new Map<number, number>()
    for (let a = 0, sample = 0; a < count; a++) {
      const code = tree.count()
      sample += Math.floor(code / 2)
      const slope = code % 2 === 1 ? tree.number() : 1
      if (!(sample < dual.rows && slope >= 0 && slope <= 1)) fail(`sample ${sample} has slope ${slope}`)
      slopes.set(sample, slope)
    }
    const scaledPeak = peak.map((value) => value / samples.unit)
    return highest(cone.generators, directedHeights(samples, cone, direction, slopes), scaledPeak)
  }

  function maximum({ active, generators, crossing, sign }: Cone, kind: number): number {
    if (kind !== nodeKinds.maximum) fail(`there is no kind ${kind} of node`)
    if (crossing.length > 0 || sign !== 0) fail('samples cross it, or it has a sign')
    const slack = 1.01 * r * samples.slack
    return largest(active, generators, limit - slack) + slack
  }

  function fail(why: string): never {
    throw new ProofError(`proof: node ${node} (byte ${tree.position}): ${why}`)
  }
}

/** How far the unit vector p is from the nearest direction on the edge. */
function distanceToEdge(from: Float64Array, to: Float64Array, p: Float64Array): number {
  const edge = to.map((value, q) => value - from[q])
  // Orthogonal to p what is left of both is small where it should be, without loss of digits.
  const [start, slope] = [from, edge].map((vector) => vector.map((value, q) => value - dot(vector, p) * p[q]))
  const square = dot(slope, slope)
  const share = square > 0 ? Math.min(1, Math.max(0, -dot(start, slope) / square)) : 0
  const q = from.map((value, k) => value + share * edge[k])
  const size = norm2(q)
  return norm2(p.map((value, k) => value - q[k] / size))
}
