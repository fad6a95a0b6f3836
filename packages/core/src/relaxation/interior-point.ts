import { choleskySolveInto } from '../linalg/cholesky.ts'
import { dot, type Matrix, matrix, multiply, row, scaled } from '../linalg/matrix.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import {
  type ConicIterate,
  type ConicOptions,
  type ConicProgram,
  type DoublyNonnegativeSolver,
  usualMegabytes,
} from '../relaxation.ts'
import { requireConicProgram, requirePairMemory } from './check-program.ts'
import { dualObjective, dualSlack, weightedTerms } from './dual-slack.ts'
import { factored, indexed, type IndexedBlock, type NewtonSystem, newtonSystem, seen } from './newton-system.ts'

/** Steps at most; 10 to 25 are usual. */
const mostSteps = 80

/** Of the way to the boundary. */
const backOff = 0.98

/** The start is that much further from the boundary than the magnitude of the program asks for. */
const ample = 10

/** Factor between trials of a step length, and bisections after them. */
const shorter = 0.7
const refinements = 4

/** A step this short says that rounding has taken over. */
const shortest = 1e-4

/** Primal equations count as met when they are to this, relative to the targets and what U puts against them. */
const met = 1e-7

/** Gaps below this share of the magnitude are rounding. */
const roundingShare = 1e-14

/**
 * A primal–dual interior-point method with Mehrotra's predictor and corrector, in the direction of Helmberg, Rendl,
 * Vanderbei and Wolkowicz ("An interior-point method for semidefinite programming", SIAM J. Optim. 6, 1996).
 *
 * The dual is strictly feasible at every step, up to rounding, so each iterate is worth a bound; the primal becomes so
 * with the first full step. A step costs the pairs of each block to the third power, plus the constraints to the third.
 */
export const interiorPoint: DoublyNonnegativeSolver = {
  name: 'interior-point',
  async *iterates(program, options: ConicOptions = {}) {
    const { tolerance = 1e-9, pacer = createPacer(), maxMegabytes = usualMegabytes } = options
    requirePairMemory('interiorPoint', program, maxMegabytes)
    requireConicProgram(program, 'interiorPoint')
    const blocks = program.blocks.map(indexed)
    let point = initialPoint(program, blocks)
    for (let steps = 0; point && steps < mostSteps && !pacer.expired(); steps++) {
      const turn = pacer.breathe()
      if (turn) await turn
      const next = await improved(program, blocks, point, pacer)
      if (!next) return
      point = next
      const iterate = iterateOf(program, blocks, point)
      yield iterate
      const allowed = tolerance * Math.abs(iterate.dualValue) + roundingShare * program.magnitude
      if (point.length < shortest || iterate.primalValue - iterate.dualValue <= allowed) return
    }
  },
}

interface Point {
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

/** W from the start of the program, N small enough; U and s on the central path but for the primal equations. */
function initialPoint(program: ConicProgram, blocks: readonly IndexedBlock[]): Point | null {
  const none = program.start.map(() => 0)
  const degree = program.blocks.reduce((total, { cost, nonnegative }) => total + cost.rows + nonnegative.length, 0)
  const mu = (ample * program.magnitude) / degree
  const N: Float64Array[] = []
  for (const { block } of blocks) {
    const pairs = block.nonnegative.length
    const ones = new Float64Array(pairs).fill(1)
    const G = inverted(dualSlack(block, program.start, new Float64Array(pairs)))
    if (!G) return null
    const load = multiply(G, weightedTerms(block, none, ones))
    const size = Math.sqrt(dot(load.data, load.data))
    N.push(ones.fill(size > 0 ? 1 / (2 * size) : 1))
  }
  const W = program.blocks.map((block, b) => dualSlack(block, program.start, N[b]))
  const G = inverses(W)
  if (!G) return null
  return {
    y: program.start,
    N,
    s: N.map((values) => values.map((v) => mu / v)),
    U: G.map((g) => scaled(g, mu)),
    W,
    G,
    length: 1,
  }
}

/** One predictor and corrector; null when rounding allows no more. */
async function improved(
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
  const P = blocks.map((block, b) => seen(block, U[b]))
  const K = blocks.map((block, b) => seen(block, G[b]))
  const ratios = s.map((values, b) => values.map((value, e) => value / N[b][e]))
  await rest()
  const system = await newtonSystem(blocks, program.curvatures, P, K, ratios, pacer)
  if (!system) return null
  const predictor = direction(program, blocks, point, system, K, 0, null)
  if (!predictor) return null
  await rest()
  const reach = stepLength(point, predictor)
  const mu = complementarity(point)
  const left = complementarity(advanced(point, predictor, reach)) / mu
  const target = mu * Math.min(0.5, Math.max(left, 1 - reach) ** 3)
  await rest()
  const step = direction(program, blocks, point, system, K, target, predictor)
  if (!step) return null
  await rest()
  const length = Math.min(1, backOff * stepLength(point, step))
  await rest()
  const next = advanced(point, step, length)
  // From y and N anew, so that the dual stays feasible to rounding however many steps there are.
  const slack = program.blocks.map((block, b) => dualSlack(block, next.y, next.N[b]))
  const inverse = inverses(slack)
  return inverse && { ...next, W: slack, G: inverse, length }
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
    const Q = errors ? seen(at, errors[b]).data : null
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

/** The longest of a few trials for which U, W, N and s stay positive; at most a little more than 1. */
function stepLength({ N, s, U, W }: Point, step: Direction): number {
  let length = 1 / backOff
  const keep = (values: Float64Array, change: Float64Array): void =>
    change.forEach((by, e) => {
      if (by < 0) length = Math.min(length, -values[e] / by)
    })
  N.forEach((values, b) => keep(values, step.N[b]))
  s.forEach((values, b) => keep(values, step.s[b]))
  const insideAt = (at: readonly Matrix[], change: readonly Matrix[], b: number) => (trial: number) =>
    factored(plus(at[b], change[b], trial)) !== null
  for (let b = 0; b < U.length; b++) {
    length = longest(length, insideAt(U, step.U, b))
    length = longest(length, insideAt(W, step.W, b))
  }
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

function advanced(point: Point, step: Direction, length: number): Point {
  const along = (values: Float64Array, change: Float64Array): Float64Array =>
    values.map((value, k) => value + length * change[k])
  return {
    ...point,
    y: along(point.y, step.y),
    N: point.N.map((values, b) => along(values, step.N[b])),
    s: point.s.map((values, b) => along(values, step.s[b])),
    U: point.U.map((values, b) => plus(values, step.U[b], length)),
    W: point.W.map((values, b) => plus(values, step.W[b], length)),
  }
}

/** Σ⟨U, W⟩ + Σ s N. */
function complementarity({ N, s, U, W }: Point): number {
  let total = 0
  U.forEach((u, b) => (total += dot(u.data, W[b].data) + dot(s[b], N[b])))
  return total / degreeOf(U, N)
}

function degreeOf(U: readonly Matrix[], N: readonly Float64Array[]): number {
  return U.reduce((total, { rows }, b) => total + rows + N[b].length, 0)
}

function plus(a: Matrix, change: Matrix, factor: number): Matrix {
  return matrix(
    a.rows,
    a.cols,
    a.data.map((value, k) => value + factor * change.data[k]),
  )
}

function inverses(W: readonly Matrix[]): Matrix[] | null {
  const out: Matrix[] = []
  for (const w of W) {
    const g = inverted(w)
    if (!g) return null
    out.push(g)
  }
  return out
}

function inverted(W: Matrix): Matrix | null {
  const n = W.rows
  const L = factored(W)
  if (!L) return null
  const G = matrix(n, n)
  for (let k = 0; k < n; k++) {
    row(G, k)[k] = 1
    choleskySolveInto(L, n, row(G, k), row(G, k))
  }
  return G
}

function iterateOf(program: ConicProgram, blocks: readonly IndexedBlock[], { y, N, U }: Point): ConicIterate {
  const { targets, curvatures } = program
  const rest = targets.map((target, k) => target - curvatures[k] * y[k])
  let scale = Math.max(...targets.map(Math.abs))
  let primalValue = 0
  blocks.forEach((at, b) => {
    const P = seen(at, U[b])
    at.left.forEach((left, t) => (rest[at.touched[at.place[t]]] -= P.data[left * P.cols + at.right[t]]))
    primalValue += dot(at.block.cost.data, U[b].data)
  })
  curvatures.forEach((q, k) => (primalValue += (q * y[k] * y[k]) / 2))
  scale = Math.max(scale, ...y.map((value, k) => Math.abs(curvatures[k] * value)))
  const feasible = rest.every((value) => Math.abs(value) <= met * scale)
  return {
    y,
    multipliers: N,
    dualValue: dualObjective(program, y),
    primal: feasible ? U : null,
    primalValue: feasible ? primalValue : Number.POSITIVE_INFINITY,
  }
}
