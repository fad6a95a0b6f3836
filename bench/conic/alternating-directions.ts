import { defaultBackend, type DoublyNonnegativeSolver, createPacer, type Matrix, matrix } from '@relucent/core'
import { dualSlack, indexed, newtonSystem, seen, weightedTerms } from '../internals.ts'

type Program = Parameters<DoublyNonnegativeSolver['iterates']>[0]
type Flat = ReturnType<typeof indexed>
type System = NonNullable<Awaited<ReturnType<typeof newtonSystem>>>

const mostSteps = 50_000
const reportEvery = 25

/** The longest step of the multipliers for which two blocks converge. */
const stretch = 1.6

/** How far apart the residuals may be before the penalty changes. */
const balance = 3

/** Factor by which it changes then. */
const cautious = 1.5

/** Keeps the system of hard constraints regular. */
const regular = 1e-13

/**
 * The other way to solve the conic programs: the alternating direction method of multipliers on the dual, (y, N) in one
 * linear system that is factored once per penalty, (W, N₊) by projection. (Wen, Goldfarb, Yin, "Alternating direction
 * augmented Lagrangian methods for semidefinite programming", Math. Prog. Comp. 2, 2010.) Kept here for comparison only.
 */
export const alternatingDirections: DoublyNonnegativeSolver = {
  name: 'alternating-directions',
  async *iterates(program, { tolerance = 1e-9, pacer = createPacer() } = {}) {
    let state = initial(program)
    const flat = program.blocks.map(indexed)
    let system = await systemOf(program, flat, state.sigma)
    let nextChange = 2 * reportEvery
    for (let step = 1; system && step <= mostSteps && !pacer.expired(); step++) {
      const turn = pacer.breathe()
      if (turn) await turn
      const next = advanced(program, flat, state, system)
      if (!next) return
      state = next
      if (step % reportEvery !== 0) continue
      const iterate = iterateOf(program, state)
      yield iterate
      const gap = Math.abs(iterate.primalValue - iterate.dualValue)
      const residual = Math.max(state.primalResidual, state.dualResidual)
      if (residual < tolerance / 10 && gap <= tolerance * Math.abs(iterate.dualValue)) return
      const ratio = state.primalResidual / state.dualResidual
      if (step >= nextChange && (ratio > balance || ratio < 1 / balance)) {
        state = { ...state, sigma: state.sigma * Math.min(cautious, Math.max(1 / cautious, ratio)) }
        system = await systemOf(program, flat, state.sigma)
        nextChange = step + Math.max(2 * reportEvery, Math.ceil(0.1 * step))
      }
    }
  },
}

interface State {
  readonly y: Float64Array
  readonly n: readonly Float64Array[]
  /** N₊. */
  readonly p: readonly Float64Array[]
  readonly W: readonly Matrix[]
  /** Multipliers: of W + Σ y A + Σ N A = C, the primal point, and of N = N₊. */
  readonly U: readonly Matrix[]
  readonly t: readonly Float64Array[]
  readonly sigma: number
  readonly primalResidual: number
  readonly dualResidual: number
}

function initial({ blocks, start }: Program): State {
  const none = blocks.map(({ nonnegative }) => new Float64Array(nonnegative.length))
  const W = blocks.map((block, b) => dualSlack(block, start, none[b]))
  const U = W.map(({ rows }) => matrix(rows, rows))
  return { y: start, n: none, p: none, W, U, t: none, sigma: 1, primalResidual: 1, dualResidual: 1 }
}

function systemOf({ blocks, curvatures }: Program, flat: readonly Flat[], sigma: number): Promise<System | null> {
  const grams = flat.map((at) => seen(at.block, identity(at.block.cost.rows)))
  const ones = blocks.map(({ nonnegative }) => new Float64Array(nonnegative.length).fill(1))
  return newtonSystem(
    flat,
    curvatures.map((q) => q / sigma + regular),
    grams,
    grams,
    ones,
    createPacer(),
  )
}

function advanced(program: Program, flat: readonly Flat[], { p, W, U, t, sigma }: State, system: System): State | null {
  const right = program.targets.map((value) => value / sigma)
  const rightN: Float64Array[] = []
  flat.forEach((at, b) => {
    const Q = seen(at.block, combined(at.block.cost, [W[b], -1], [U[b], -1 / sigma]))
    at.left.forEach((left, s) => (right[at.touched[at.place[s]]] += Q.data[left * Q.cols + at.right[s]]))
    rightN.push(p[b].map((value, e) => value - t[b][e] / sigma + Q.data[at.pairI[e] * Q.cols + at.pairJ[e]]))
  })
  const solution = system.solve(right, rightN)
  if (!solution) return null
  const { dy: y, dN: n } = solution
  const terms = program.blocks.map((block, b) => weightedTerms(block, y, n[b]))
  const nextW = terms.map((term, b) => positivePart(combined(program.blocks[b].cost, [term, -1], [U[b], -1 / sigma])))
  const nextP = n.map((values, b) => values.map((value, e) => Math.max(0, value + t[b][e] / sigma)))
  const errors = nextW.map((w, b) => combined(w, [terms[b], 1], [program.blocks[b].cost, -1]))
  const apart = n.map((values, b) => values.map((value, e) => value - nextP[b][e]))
  const nextU = U.map((u, b) => combined(u, [errors[b], stretch * sigma]))
  const costs = program.blocks.map(({ cost }) => cost)
  const moved = nextW.map((w, b) => combined(w, [W[b], -1]))
  return {
    y,
    n,
    p: nextP,
    W: nextW,
    U: nextU,
    t: t.map((values, b) => values.map((value, e) => value + stretch * sigma * apart[b][e])),
    sigma,
    primalResidual:
      size(
        errors.map(({ data }) => data),
        apart,
      ) /
      (1 + size(costs.map(({ data }) => data))),
    dualResidual: (sigma * size(moved.map(({ data }) => data))) / (1e-9 + size(nextU.map(({ data }) => data))),
  }
}

function iterateOf({ blocks, targets, curvatures }: Program, { y, p, U }: State) {
  let dualValue = 0
  let primalValue = 0
  for (let k = 0; k < y.length; k++) {
    dualValue += (targets[k] - (curvatures[k] * y[k]) / 2) * y[k]
    primalValue += (curvatures[k] * y[k] ** 2) / 2
  }
  blocks.forEach(({ cost }, b) => cost.data.forEach((value, k) => (primalValue += value * U[b].data[k])))
  return { y, multipliers: p, dualValue, primal: U, primalValue }
}

function combined(a: Matrix, ...others: readonly (readonly [Matrix, number])[]): Matrix {
  const data = a.data.slice()
  for (const [other, factor] of others) for (let k = 0; k < data.length; k++) data[k] += factor * other.data[k]
  return matrix(a.rows, a.cols, data)
}

function size(...groups: readonly (readonly Float64Array[])[]): number {
  let square = 0
  for (const group of groups) for (const values of group) for (const value of values) square += value * value
  return Math.sqrt(square)
}

function identity(n: number): Matrix {
  return matrix(
    n,
    n,
    Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0)),
  )
}

function positivePart(a: Matrix): Matrix {
  const { values, vectors } = defaultBackend().eigh(a)
  const n = a.rows
  const roots = matrix(
    n,
    n,
    vectors.data.map((value, k) => value * Math.sqrt(Math.max(0, values[k % n]))),
  )
  const transposed = matrix(
    n,
    n,
    roots.data.map((_, k) => roots.data[(k % n) * n + Math.floor(k / n)]),
  )
  return defaultBackend().gram(transposed)
}
