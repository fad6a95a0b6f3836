import { dot, type Matrix, matrix, multiply, scaled } from '../linalg/matrix.ts'
import { inverseFrom } from '../linalg/triangular.ts'
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

/** Of the way to the boundary: after a short predictor, and after a full one. */
const backOff = 0.9
const closest = 0.98

/** The start is that much further from the boundary than the magnitude of the program asks for. */
const ample = 10

/** Of the way from the start of the program to a point that is given. */
const towards = 0.9

/** Factor between trials of a step length, and bisections after them. */
const shorter = 0.7
const refinements = 4

/** Of μ, where the predictor alone would leave the region. */
const mostCentring = 0.8

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
    const { tolerance = 1e-9, near, pacer = createPacer(), maxMegabytes = usualMegabytes } = options
    requirePairMemory('interiorPoint', program, maxMegabytes)
    requireConicProgram(program, 'interiorPoint')
    const blocks = program.blocks.map(indexed)
    let point = near ? pointNear(program, blocks, near) : initialPoint(program, blocks)
    for (let steps = 0; point && steps < mostSteps && !pacer.expired(); steps++) {
      const turn = pacer.breathe()
      if (turn) await turn
      const next = await improved(program, blocks, point, pacer)
      if (!next) return
      point = next
      const iterate = iterateOf(program, blocks, point)
      yield iterate
      const allowed = tolerance * Math.abs(iterate.dualValue) + roundingShare * program.magnitude
      // Nearly feasible, U can be worth less than the optimum: what both would still win counts as well.
      const left = complementarity(point) * degreeOf(point.U, point.N)
      const gap = Math.max(left, Math.abs(iterate.primalValue - iterate.dualValue))
      if (point.length < shortest || gap <= allowed) return
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

/** The start of the program, with U and s on the central path but for the primal equations. */
function initialPoint(program: ConicProgram, blocks: readonly IndexedBlock[]): Point | null {
  const degree = program.blocks.reduce((total, { cost, nonnegative }) => total + cost.rows + nonnegative.length, 0)
  const N = smallMultipliers(program, blocks)
  return N && centred(program, program.start, N, (ample * program.magnitude) / degree)
}

/** N so small that W of the start stays positive definite. */
function smallMultipliers({ start }: ConicProgram, blocks: readonly IndexedBlock[]): Float64Array[] | null {
  const none = start.map(() => 0)
  const N: Float64Array[] = []
  for (const { block } of blocks) {
    const pairs = block.nonnegative.length
    const ones = new Float64Array(pairs).fill(1)
    const G = inverted(dualSlack(block, start, new Float64Array(pairs)))
    if (!G) return null
    const load = multiply(G, weightedTerms(block, none, ones))
    const size = Math.sqrt(dot(load.data, load.data))
    N.push(ones.fill(size > 0 ? 1 / (2 * size) : 1))
  }
  return N
}

/** From the start of the program as far towards a given dual point as stays well inside. */
function pointNear(
  program: ConicProgram,
  blocks: readonly IndexedBlock[],
  { y, multipliers }: Pick<ConicIterate, 'y' | 'multipliers'>,
): Point | null {
  const N = smallMultipliers(program, blocks)
  if (!N) return null
  const between = (from: Float64Array, to: Float64Array, share: number): Float64Array =>
    from.map((value, k) => value + share * (to[k] - value))
  const wanted = multipliers.map((values) => values.map((value) => Math.max(0, value)))
  for (let share = towards; share > shortest; share *= shorter) {
    const at = between(program.start, y, share)
    const reach = Math.abs(dualObjective(program, at))
    const point = centred(
      program,
      at,
      N.map((values, b) => between(values, wanted[b], share)),
      ((1 - share) * reach) / program.blocks.reduce((total, { cost }) => total + cost.rows, 0),
    )
    if (point) return point
  }
  return initialPoint(program, blocks)
}

function centred(program: ConicProgram, y: Float64Array, N: readonly Float64Array[], mu: number): Point | null {
  const W = program.blocks.map((block, b) => dualSlack(block, y, N[b]))
  const G = inverses(W)
  if (!G || !(mu > 0)) return null
  return { y, N, s: N.map((values) => values.map((v) => mu / v)), U: G.map((g) => scaled(g, mu)), W, G, length: 1 }
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
  const L = factored(W)
  return L && inverseFrom(L)
}

/** Soft constraints, q > 0, hold by themselves: r is what is left of them. The others have to, and so have the pairs. */
function iterateOf(program: ConicProgram, blocks: readonly IndexedBlock[], { y, N, U, s }: Point): ConicIterate {
  const { targets, curvatures } = program
  const rest = targets.slice()
  const scales = targets.map(Math.abs)
  let primalValue = 0
  let feasible = true
  const products = blocks.map((at, b) => seen(at, U[b]))
  const largest = products.reduce((most, { data }) => data.reduce((a, value) => Math.max(a, Math.abs(value)), most), 0)
  blocks.forEach((at, b) => {
    const P = products[b]
    const m = P.cols
    s[b].forEach((value, e) => {
      feasible &&= Math.abs(value - P.data[at.pairI[e] * m + at.pairJ[e]]) <= met * largest
    })
    at.left.forEach((left, t) => {
      const [k, value] = [at.touched[at.place[t]], P.data[left * m + at.right[t]]]
      rest[k] -= value
      scales[k] = Math.max(scales[k], Math.abs(value))
    })
    primalValue += dot(at.block.cost.data, U[b].data)
  })
  const scale = Math.max(...scales)
  curvatures.forEach((q, k) => {
    if (q > 0) primalValue += rest[k] ** 2 / (2 * q)
    else feasible &&= Math.abs(rest[k]) <= met * scale
  })
  return {
    y,
    multipliers: N,
    dualValue: dualObjective(program, y),
    primal: U,
    primalValue: feasible ? primalValue : Number.POSITIVE_INFINITY,
  }
}
