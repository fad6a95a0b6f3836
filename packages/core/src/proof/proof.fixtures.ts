import { eigh } from '../linalg/eigh.ts'
import { dot, type Matrix, matrix, multiply, multiplyTransposed, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { qr } from '../linalg/qr.ts'
import type { Instance } from '../oracle/oracle.fixtures.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import type { Problem } from '../problem.ts'
import type { ProofRecorder, ProofSign, Witness } from '../proof.ts'
import { gaussian, type Random } from '../random.ts'
import { highest, largest } from './check-cone.ts'
import { type Cone, coneInside, directedHeights, type Samples, samplesOf } from './check-leaf.ts'
import { ProofRecord } from './record.ts'

/** What a cone's leaf may say: a bound in units of the samples and what makes it checkable. */
interface Opinion {
  readonly bound: number
  readonly witness: Witness
}

interface Tree {
  readonly problem: Problem
  readonly samples: Samples
  readonly axes: Matrix
  readonly signed: boolean
  readonly recorder: ProofRecorder
}

/** A proof by bisection, of ω(Z) ≤ target if it comes to that within 4000 nodes; returns what its leaves show. */
export function bisect(
  { problem, Z: dual }: Instance,
  recorder: ProofRecorder,
  { target, signed = false }: { target: number; signed?: boolean },
): number {
  const { Xr, rank, V } = problem.reduction
  const samples = samplesOf(Xr, dual)
  const axes = eigh(multiplyTransposed(Xr, Xr)).vectors
  const queue = started({ problem, samples, axes, signed, recorder })
  let [nodes, worst] = [queue.length, 0]
  for (let next = queue.pop(); next; next = queue.pop()) {
    const { node, cone } = next
    const { bound, witness } = opinionOn(samples, cone)
    recorder.leaf(node, witness)
    if (bound * samples.unit <= target || nodes > 4000) worst = Math.max(worst, bound * samples.unit)
    else {
      const [from, to] = longestEdge(Xr, cone)
      const [a, b] = shares(samples, cone, from, to)
      const point = unit(cone.generators[from].map((value, q) => a * value + b * cone.generators[to][q]))
      recorder.split(node, from, to, point, nodes)
      for (const [k, leaving] of [from, to].entries()) {
        const generators = cone.generators.map((w, j) => (j === leaving ? point : w))
        queue.push({ node: nodes + k, cone: coneInside(samples, generators, cone) })
      }
      nodes += 2
    }
  }
  return worst * (V ? 1 + 1e-12 : 1) + (rank > 0 ? 1e-12 * samples.mass * samples.unit : 0)
}

/** Any tree at all: random axes, cuts, directions, slopes, vectors. Whatever it shows must hold. */
export function arbitraryTree({ problem, Z: dual }: Instance, random: Random, signed: boolean): ProofRecord {
  const { Xr, rank: r } = problem.reduction
  const record = new ProofRecord(problem, dual)
  const samples = samplesOf(Xr, dual)
  const queue = started({ problem, samples, axes: qr(randomMatrix(random, r, r)).Q, signed, recorder: record })
  let nodes = queue.length
  for (let next = queue.pop(); next; next = queue.pop()) {
    const { node, cone } = next
    const own = opinionOn(samples, cone)
    if (r < 2 || nodes > 300 || random() < 0.55) {
      const direction = random() < 0.3 ? new Float64Array(dual.cols) : randomMatrix(random, 1, dual.cols).data
      const chosen = cone.crossing.filter(() => random() < 0.7)
      const slopes = chosen.map(() => (random() < 0.5 ? 1 : random()))
      const sloped = new Map(chosen.map((i, a) => [i, slopes[a]]))
      const peak = peakOver(cone, directedHeights(samples, cone, direction, sloped)).map((value) => {
        return (random() < 0.2 ? value * (1 + 0.3 * gaussian(random)) : value) * samples.unit
      })
      const directed: Witness = { kind: 'directed', direction, peak, samples: chosen, slopes }
      record.leaf(node, random() < 0.5 ? own.witness : directed)
      continue
    }
    const from = Math.floor(r * random())
    const to = (from + 1 + Math.floor((r - 1) * random())) % r
    const share = random() < 0.1 ? 0 : random()
    const [a, b] = random() < 0.5 ? shares(samples, cone, from, to) : [share, 1 - share]
    const point = unit(cone.generators[from].map((value, q) => a * value + b * cone.generators[to][q]))
    record.split(node, from, to, point, nodes)
    for (const [k, leaving] of [from, to].entries()) {
      const generators = cone.generators.map((w, j) => (j === leaving ? point : w))
      queue.push({ node: nodes + k, cone: coneInside(samples, generators, cone) })
    }
    nodes += 2
  }
  return record
}

function started({ problem, samples, axes, signed, recorder }: Tree): { node: number; cone: Cone }[] {
  const r = problem.reduction.rank
  const signs: ProofSign[] = signed ? [1, -1] : [0]
  const all = Array.from({ length: samples.X.rows }, (_, i) => i)
  const whole = { active: matrix(samples.Z.cols, r), crossing: all, depth: -1 }
  const cones: Cone[] = []
  for (let orthant = 0; r > 0 && orthant < 2 ** r; orthant++) {
    const generators = Array.from({ length: r }, (_, k) => {
      const axis = Float64Array.from({ length: r }, (_entry, q) => axes.data[q * r + k])
      return orthant & (1 << k) ? axis.map((value) => -value) : axis
    })
    for (const sign of signs) cones.push(coneInside(samples, generators, { ...whole, sign }))
  }
  recorder.start(
    cones.map(({ generators }) => Float64Array.from(generators.flatMap((w) => Array.from(w)))),
    cones.map(({ sign }) => sign),
  )
  return cones.map((cone, node) => ({ node, cone }))
}

function opinionOn(samples: Samples, cone: Cone): Opinion {
  if (cone.crossing.length === 0 && cone.sign === 0) {
    return { bound: largest(cone.active, cone.generators, 0) + 1e-13 * samples.mass, witness: { kind: 'maximum' } }
  }
  const middle = unit(cone.generators.reduce((sum, w) => sum.map((value, q) => value + w[q])))
  const sides = multiply(samples.X, matrix(middle.length, 1, middle)).data
  const direction = multiplyTransposed(samples.Z, matrix(sides.length, 1, sides.map((side) => Math.max(0, side)))).data // biome-ignore format: short
  const chosen = cone.crossing.filter((i) => sides[i] > 0)
  const slopes = new Map(chosen.map((i) => [i, 1]))
  const heights = directedHeights(samples, cone, direction, slopes)
  const peak = peakOver(cone, heights)
  const inUnits = peak.map((value) => value * samples.unit)
  return {
    bound: highest(cone.generators, heights, peak),
    witness: { kind: 'directed', direction, peak: inUnits, samples: chosen, slopes: chosen.map(() => 1) },
  }
}

/** The projection onto the cone of a vector with these heights: coordinate descent on λ ≥ 0. */
function peakOver({ generators: W }: Cone, heights: Float64Array): Float64Array {
  const lambda = new Float64Array(W.length)
  const u = new Float64Array(W.length)
  for (let sweep = 0; sweep < 300; sweep++) {
    W.forEach((w, k) => {
      const change = Math.max(-lambda[k], heights[k] - dot(w, u))
      lambda[k] += change
      for (let q = 0; q < u.length; q++) u[q] += change * w[q]
    })
  }
  return u
}

function longestEdge(X: Matrix, { generators: W }: Cone): [from: number, to: number] {
  let [from, to, longest] = [0, 1, -1]
  const images = W.map((w) => multiply(X, matrix(w.length, 1, w)).data)
  for (let j = 0; j < W.length; j++) {
    for (let k = 0; k < j; k++) {
      const length = norm2(images[j].map((value, q) => value - images[k][q]))
      if (length > longest) [from, to, longest] = [j, k, length]
    }
  }
  return [from, to]
}

/** On the hyperplane of a sample that crosses the edge where there is one and few others, else in the middle. */
function shares({ X }: Samples, { generators: W, crossing }: Cone, from: number, to: number): [a: number, b: number] {
  for (const i of crossing.length <= 3 * W.length ? crossing : []) {
    const [one, other] = [dot(row(X, i), W[from]), dot(row(X, i), W[to])]
    if (one * other < 0 && Math.min(Math.abs(one), Math.abs(other)) > 1e-6) return [Math.abs(other), Math.abs(one)]
  }
  return [1, 1]
}

function unit(x: Float64Array): Float64Array {
  const size = norm2(x)
  return x.map((value) => value / size)
}
