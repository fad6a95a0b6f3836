import { dot, type Matrix, matrix, multiply, scaled } from '../linalg/matrix.ts'
import { inverseFrom } from '../linalg/triangular.ts'
import type { Pacer } from '../pacer.ts'
import type { ConicProgram } from '../relaxation.ts'
import { dualSlack, weightedTerms } from './dual-slack.ts'
import { factored, type IndexedBlock, type NewtonSystem, newtonSystem, seen } from './newton-system.ts'

/** Of the way to the boundary: after a short predictor, and after a full one. */
const backOff = 0.9
const closest = 0.98

/** Factor between trials of a step length, and bisections after them. */
const shorter = 0.7
const refinements = 4

/** Of μ, where the predictor alone would leave the region. */
const mostCentring = 0.8

/** A step this short says that rounding has taken over. */
export const shortest = 1e-4

/** A point of the primal and of the dual, both inside. */
export interface Point {
  readonly y: Float64Array
  readonly N: readonly Float64Array[]
  /** v_iᵀ U v_j of the pairs, kept positive by itself. */
  readonly s: readonly Float64Array[]
  readonly U: readonly Matrix[]
  readonly W: readonly Matrix[]
  readonly G: readonly Matrix[]
  /** Of the step that led here. */
  readonly length: number
}

type Direction = Pick<Point, 'y' | 'N' | 's' | 'U' | 'W'>

/** One predictor and corrector; null when rounding allows no more. */
export async function improved(
  program: ConicProgram,
  blocks: readonly IndexedBlock[],
  point: Point,
  pacer: Pacer,
): Promise<Point | null> {
  const rest = async (): Promise<void> => {
    const turn = pacer.breathe()
    if (turn) await turn
  }
  const { N, s, U, G } = point
  const P = program.blocks.map((block, b) => seen(block, U[b]))
  const K = program.blocks.map((block, b) => seen(block, G[b]))
  const ratios = s.map((values, b) => values.map((value, e) => value / N[b][e]))
  await rest()
  const system = await newtonSystem(blocks, program.curvatures, P, K, ratios, pacer)
  if (!system) return null
  const predictor = direction(program, blocks, point, system, K, 0, null)
  if (!predictor) return null
  await rest()
  const reach = stepLengths(point, predictor)
  const mu = complementarity(point)
  const left = complementarity(advanced(point, predictor, capped(reach))) / mu
  const shorterReach = Math.min(1, reach.primal, reach.dual)
  const target = mu * centring(left, shorterReach)
  await rest()
  const step = direction(program, blocks, point, system, K, target, predictor)
  if (!step) return null
  await rest()
  const share = backOff + (closest - backOff) * shorterReach
  const lengths = capped(stepLengths(point, step), share)
  await rest()
  const next = advanced(point, step, lengths)
  // From y and N anew, so that the dual stays feasible to rounding however many steps there are.
  const slack = program.blocks.map((block, b) => dualSlack(block, next.y, next.N[b]))
  const inverse = inverses(slack)
  return inverse && { ...next, W: slack, G: inverse, length: Math.max(lengths.primal, lengths.dual) }
}

/**
 * The step to complementarity μ:
 *
 *     ΔW = −Σ Δy A − Σ ΔN A,   ΔU = μG − U − ½(UΔWG + GΔWU) − E,   Δs = (μ − ΔsΔN)/N − s − (s/N)ΔN,
 *
 * E and ΔsΔN being the products of the predictor's own steps.
 */
function direction(
  program: ConicProgram,
  blocks: readonly IndexedBlock[],
  { y, N, s, U, G }: Point,
  system: NewtonSystem,
  K: readonly Matrix[],
  mu: number,
  predictor: Direction | null,
): Direction | null {
  const errors = predictor ? G.map((g, b) => symmetricProduct(predictor.U[b], predictor.W[b], g)) : null
  const centre = N.map((values, b) =>
    values.map((value, e) => (mu - (predictor ? predictor.s[b][e] * predictor.N[b][e] : 0)) / value),
  )
  const right = program.targets.map((target, k) => target - program.curvatures[k] * y[k])
  const rightN = blocks.map((at, b) => {
    const m = K[b].cols
    const Q = errors ? seen(at.block, errors[b]).data : null
    const entry = (i: number, j: number): number => mu * K[b].data[i * m + j] - (Q ? Q[i * m + j] : 0)
    at.left.forEach((left, t) => (right[at.touched[at.place[t]]] -= entry(left, at.right[t])))
    return centre[b].map((value, e) => value - entry(at.pairI[e], at.pairJ[e]))
  })
  const solution = system.solve(right, rightN)
  if (!solution) return null
  const { dy, dN } = solution
  const dW = program.blocks.map((block, b) => scaled(weightedTerms(block, dy, dN[b]), -1))
  const dU = dW.map((w, b) => {
    const out = symmetricProduct(U[b], w, G[b])
    for (let k = 0; k < out.data.length; k++) {
      out.data[k] = mu * G[b].data[k] - U[b].data[k] - out.data[k] - (errors ? errors[b].data[k] : 0)
    }
    return out
  })
  const ds = s.map((values, b) => values.map((value, e) => centre[b][e] - value - (value / N[b][e]) * dN[b][e]))
  return { y: dy, N: dN, s: ds, U: dU, W: dW }
}

/** ½(ABC + CBA). */
function symmetricProduct(A: Matrix, B: Matrix, C: Matrix): Matrix {
  const out = multiply(multiply(A, B), C)
  const n = out.rows
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      out.data[i * n + k] = out.data[k * n + i] = (out.data[i * n + k] + out.data[k * n + i]) / 2
    }
  }
  return out
}

/** How far U and s, and how far y and N, may go: they need not go equally far. */
interface Lengths {
  readonly primal: number
  readonly dual: number
}

function capped({ primal, dual }: Lengths, share = 1): Lengths {
  return { primal: Math.min(1, share * primal), dual: Math.min(1, share * dual) }
}

/**
 * σ: what the predictor would leave of μ, to a power that says how far it could go (Toh, Todd, Tütüncü, "SDPT3 — a Matlab
 * software package for semidefinite programming", Optim. Methods Softw. 11, 1999).
 */
function centring(left: number, reach: number): number {
  return left > 0 ? Math.min(1, left) ** Math.max(1, 3 * reach ** 2) : mostCentring
}

/** The longest of a few trials for which U and s, and W and N, stay positive; at most a little more than 1. */
function stepLengths({ N, s, U, W }: Point, step: Direction): Lengths {
  return { primal: insideLength(s, step.s, U, step.U), dual: insideLength(N, step.N, W, step.W) }
}

function insideLength(
  values: readonly Float64Array[],
  changes: readonly Float64Array[],
  matrices: readonly Matrix[],
  matrixChanges: readonly Matrix[],
): number {
  let length = 1 / backOff
  changes.forEach((change, b) =>
    change.forEach((by, e) => {
      if (by < 0) length = Math.min(length, -values[b][e] / by)
    }),
  )
  matrices.forEach((at, b) => {
    length = longest(length, (trial) => factored(plus(at, matrixChanges[b], trial)) !== null)
  })
  return length
}

function longest(from: number, inside: (trial: number) => boolean): number {
  if (inside(from)) return from
  let [length, outside] = [from * shorter, from]
  while (length > shortest / 2 && !inside(length)) [length, outside] = [length * shorter, length]
  for (let k = 0; k < refinements; k++) {
    const middle = (length + outside) / 2
    if (inside(middle)) length = middle
    else outside = middle
  }
  return length
}

function advanced(point: Point, step: Direction, { primal, dual }: Lengths): Point {
  const along = (values: Float64Array, change: Float64Array, length: number): Float64Array =>
    values.map((value, k) => value + length * change[k])
  return {
    ...point,
    y: along(point.y, step.y, dual),
    N: point.N.map((values, b) => along(values, step.N[b], dual)),
    s: point.s.map((values, b) => along(values, step.s[b], primal)),
    U: point.U.map((values, b) => plus(values, step.U[b], primal)),
    W: point.W.map((values, b) => plus(values, step.W[b], dual)),
  }
}

/** Σ⟨U, W⟩ + Σ s N. */
export function complementarity({ N, s, U, W }: Point): number {
  let total = 0
  U.forEach((u, b) => (total += dot(u.data, W[b].data) + dot(s[b], N[b])))
  return total / degreeOf(U, N)
}

export function degreeOf(U: readonly Matrix[], N: readonly Float64Array[]): number {
  return U.reduce((total, { rows }, b) => total + rows + N[b].length, 0)
}

function plus(a: Matrix, change: Matrix, factor: number): Matrix {
  return matrix(
    a.rows,
    a.cols,
    a.data.map((value, k) => value + factor * change.data[k]),
  )
}

export function inverses(W: readonly Matrix[]): Matrix[] | null {
  const out: Matrix[] = []
  for (const w of W) {
    const g = inverted(w)
    if (!g) return null
    out.push(g)
  }
  return out
}

export function inverted(W: Matrix): Matrix | null {
  const L = factored(W)
  return L && inverseFrom(L)
}
