import { UnsupportedProblemError } from '../errors.ts'
import { defaultBackend } from '../linalg/backend/registry.ts'
import { dot, type Matrix, matrix, transpose } from '../linalg/matrix.ts'
import { createPacer } from '../pacer.ts'
import {
  type ConicIterate,
  type ConicOptions,
  type ConicProgram,
  type DoublyNonnegativeSolver,
  usualMegabytes,
} from '../relaxation.ts'
import { requireConicProgram, requireVectorMemory } from './check-program.ts'
import { type Face, faceOf } from './face.ts'
import { dualObjective } from './dual-slack.ts'
import { positiveRoot } from './positive-root.ts'

const mostSteps = 100_000

/** Dense matrices of the order of the vectors, lists of entries included. */
const matricesAtOnce = 20

/** Steps between iterates, or this share of all so far: judging one costs the caller eigenvalue decompositions. */
const reportEvery = 50
const reportShare = 0.05

/** Over-relaxation; anything below 2 converges. */
const stretch = 1.8

/** How far apart the residuals may be before the penalty follows, and by how much it may do so. */
const balance = 2
const cautious = 2

/**
 * The alternating direction method of multipliers between two sets onto which one projects exactly: with V = QR for the
 * vectors of a block, everything the program says of U it says of the entries of P = VUVᵀ, one by one, and P = QΘQᵀ for
 * a positive semidefinite Θ = RURᵀ. A step sets entries of P, and takes the positive part of a matrix of the order of U:
 *
 *     P ← prox(Γ − M),   Θ ← (Qᵀ(P + M)Q − R⁻ᵀCR⁻¹/ρ)₊,   Γ = QΘQᵀ,   M ← M + P − Γ.
 *
 * No system is solved, so a step costs the vectors to the third power whatever the number of pairs; it takes hundreds to
 * thousands. For programs too large for `interiorPoint`, to moderate accuracy. (Boyd, Parikh, Chu, Peleato, Eckstein,
 * "Distributed optimization and statistical learning via the alternating direction method of multipliers", Found. Trends
 * Mach. Learn. 3, 2011, sections 3 and 5; the penalty follows the residuals as in 3.4.1.)
 *
 * @throws UnsupportedProblemError when an entry v_iᵀUv_j is asked for twice.
 */
export const entrywiseSplitting: DoublyNonnegativeSolver = {
  name: 'entrywise-splitting',
  async *iterates(program, options: ConicOptions = {}) {
    const { tolerance = 1e-7, pacer = createPacer(), maxMegabytes = usualMegabytes } = options
    requireVectorMemory('entrywiseSplitting', program, matricesAtOnce, maxMegabytes)
    requireConicProgram(program, 'entrywiseSplitting')
    const blocks = program.blocks.map(faceOf)
    const entries = entriesOf(program, blocks)
    const state = options.near ? startedFrom(options.near, blocks, entries) : initial(blocks)
    let nextReport = reportEvery
    for (let step = 1; step <= mostSteps && !pacer.expired(); step++) {
      const turn = pacer.breathe()
      if (turn) await turn
      const dual = setEntries(program, entries, state)
      const { apart, moved, sizeP, sizeM } = projectBlocks(blocks, state)
      const [primal, lag] = [apart / sizeP, moved / sizeM]
      if (!(primal + lag < Number.POSITIVE_INFINITY)) return
      const close = Math.max(primal, lag) < tolerance
      if (close || step >= nextReport) {
        nextReport = step + Math.max(reportEvery, Math.ceil(reportShare * step))
        const iterate = iterateOf(program, blocks, state, dual, primal)
        yield iterate
        const gap = Math.abs(iterate.primalValue - iterate.dualValue)
        if (close && !(gap > tolerance * Math.max(Math.abs(iterate.dualValue), program.magnitude))) return
      }
      if (step % Math.min(reportEvery, 10 + Math.floor(step / 10)) === 0) adapt(state, primal / lag)
    }
  },
}

interface State {
  /** What the entrywise step made, what the projection made of it, and the multipliers over ρ. */
  readonly P: readonly Matrix[]
  readonly gamma: Matrix[]
  readonly M: readonly Matrix[]
  readonly theta: Matrix[]
  rho: number
}

interface Entries {
  /** Entries of constraint k: block, positions (i, j) and (j, i), weight in the Frobenius norm. */
  readonly coupled: readonly (readonly Entry[])[]
  readonly pairs: readonly (readonly Entry[])[]
}

interface Entry {
  readonly block: number
  readonly at: number
  readonly mirrored: number
  readonly weight: number
}

function entriesOf({ blocks, targets }: ConicProgram, faces: readonly Face[]): Entries {
  const taken = faces.map(() => new Set<number>())
  const coupled: Entry[][] = Array.from(targets, () => [])
  const entry = (b: number, i: number, j: number): Entry => {
    const m = faces[b].Q.rows
    const at = Math.max(i, j) * m + Math.min(i, j)
    if (taken[b].has(at)) {
      throw new UnsupportedProblemError(
        `entrywiseSplitting: every product of two vectors must be asked for once, got (${i}, ${j}) of block ${b} twice; interiorPoint takes it`,
      )
    }
    taken[b].add(at)
    return { block: b, at, mirrored: Math.min(i, j) * m + Math.max(i, j), weight: i === j ? 1 : 2 }
  }
  const pairs = blocks.map(({ nonnegative, couplings }, b) => {
    for (const { constraint, left, right } of couplings) coupled[constraint].push(entry(b, left, right))
    return nonnegative.map(([i, j]) => entry(b, i, j))
  })
  return { coupled, pairs }
}

function initial(faces: readonly Face[]): State {
  const square = (order: (face: Face) => number) => (): Matrix[] =>
    faces.map((face) => matrix(order(face), order(face)))
  const raw = square(({ Q }) => Q.rows)
  return { P: raw(), gamma: raw(), M: raw(), theta: square(({ Q }) => Q.cols)(), rho: 1 }
}

/** Γ = VUVᵀ, and M = y/(ρf) or N/(ρf) where P is set, which is what leaves P where Γ is. */
function startedFrom(
  { y, multipliers, primal, penalty }: ConicIterate,
  faces: readonly Face[],
  entries: Entries,
): State {
  const state = initial(faces)
  if (!primal || penalty === undefined) return state
  const backend = defaultBackend()
  state.rho = penalty
  faces.forEach(({ block: { vectors }, Q }, b) => {
    const seen = backend.gemm(backend.gemm(vectors, primal[b]), transpose(vectors))
    for (let i = 0; i < seen.rows; i++) {
      for (let j = 0; j < seen.rows; j++) state.gamma[b].data[i * Q.rows + j] = seen.data[i * seen.rows + j]
    }
  })
  const put = (entry: Entry, multiplier: number): void => {
    const { data } = state.M[entry.block]
    data[entry.at] = data[entry.mirrored] = multiplier / (state.rho * entry.weight)
  }
  entries.coupled.forEach((list, k) => list.forEach((entry) => put(entry, y[k])))
  entries.pairs.forEach((list, b) => list.forEach((entry, e) => put(entry, multipliers[b][e])))
  return state
}

/**
 * P ← prox(Γ − M). Of constraint k, min r²/(2q) + ρ/2 Σ f δ² with r = t − Σ(G + δ) gives δ = y/(ρf) and
 * y = (t − Σ G)/(q + Σ 1/(ρf)): the multiplier itself. Of a pair, max(0, G), with multiplier ρf(max(0, G) − G).
 */
function setEntries(
  { targets, curvatures }: ConicProgram,
  { coupled, pairs }: Entries,
  { P, gamma, M, rho }: State,
): Pick<ConicIterate, 'y' | 'multipliers'> {
  P.forEach(({ data }, b) => {
    for (let k = 0; k < data.length; k++) data[k] = gamma[b].data[k] - M[b].data[k]
  })
  const set = ({ block, at, mirrored }: Entry, value: number): void => {
    P[block].data[at] = value
    P[block].data[mirrored] = value
  }
  const y = targets.map((target, k) => {
    let [rest, give] = [target, curvatures[k]]
    for (const { block, at, weight } of coupled[k]) {
      rest -= P[block].data[at]
      give += 1 / (rho * weight)
    }
    return give > 0 ? rest / give : 0
  })
  coupled.forEach((entries, k) => {
    for (const entry of entries) set(entry, P[entry.block].data[entry.at] + y[k] / (rho * entry.weight))
  })
  const multipliers = pairs.map((entries) =>
    Float64Array.from(entries, (entry) => {
      const value = P[entry.block].data[entry.at]
      if (value >= 0) return 0
      set(entry, 0)
      return -rho * entry.weight * value
    }),
  )
  return { y, multipliers }
}

interface Residuals {
  readonly apart: number
  readonly moved: number
  readonly sizeP: number
  readonly sizeM: number
}

/** Θ, Γ and M of every block. */
function projectBlocks(faces: readonly Face[], { P, gamma, M, theta, rho }: State): Residuals {
  const backend = defaultBackend()
  let [apart, moved, sizeP, sizeM] = [0, 0, 0, 0]
  faces.forEach(({ Q, cost }, b) => {
    const [p, m, old] = [P[b].data, M[b].data, gamma[b].data]
    const mixed = m.map((value, k) => value + stretch * p[k] + (1 - stretch) * old[k])
    const inner = backend.gemmTransposed(Q, backend.gemm(matrix(Q.rows, Q.rows, mixed), Q))
    for (let k = 0; k < inner.data.length; k++) inner.data[k] -= cost.data[k] / rho
    const root = positiveRoot(inner)
    theta[b] = backend.gram(root)
    const next = backend.gram(backend.gemm(root, transpose(Q)))
    for (let k = 0; k < p.length; k++) {
      const value = next.data[k]
      m[k] = mixed[k] - value
      apart += (p[k] - value) ** 2
      moved += (value - old[k]) ** 2
      sizeP += Math.max(p[k] ** 2, value ** 2)
      sizeM += m[k] ** 2
    }
    gamma[b] = next
  })
  const tiny = Number.MIN_VALUE
  return {
    apart: Math.sqrt(apart),
    moved: Math.sqrt(moved),
    sizeP: Math.sqrt(sizeP) + tiny,
    sizeM: Math.sqrt(sizeM) + tiny,
  }
}

/** ρ follows the ratio of the residuals; the multipliers ρM stay what they are. */
function adapt(state: State, ratio: number): void {
  if (!(ratio > balance || ratio < 1 / balance)) return
  const factor = Math.min(cautious, Math.max(1 / cautious, Math.sqrt(ratio)))
  state.rho *= factor
  for (const { data } of state.M) for (let k = 0; k < data.length; k++) data[k] /= factor
}

function iterateOf(
  program: ConicProgram,
  faces: readonly Face[],
  { gamma, theta, rho }: State,
  { y, multipliers }: Pick<ConicIterate, 'y' | 'multipliers'>,
  residual: number,
): ConicIterate {
  const { targets, curvatures } = program
  const rest = targets.slice()
  let primalValue = 0
  const primal = faces.map(({ block, inverse, cost }, b) => {
    const m = gamma[b].rows
    for (const { constraint, left, right } of block.couplings) rest[constraint] -= gamma[b].data[left * m + right]
    primalValue += dot(cost.data, theta[b].data)
    const backend = defaultBackend()
    return backend.gemm(backend.gemm(inverse, theta[b]), transpose(inverse))
  })
  rest.forEach((r, k) => (primalValue += curvatures[k] > 0 ? r ** 2 / (2 * curvatures[k]) : 0))
  const feasible = residual <= met
  return {
    y,
    multipliers,
    dualValue: dualObjective(program, y),
    primal,
    penalty: rho,
    primalValue: feasible ? primalValue : Number.POSITIVE_INFINITY,
  }
}

/** Entries as they should be and as they are may differ by this share of all of them for a primal point to count. */
const met = 1e-6
