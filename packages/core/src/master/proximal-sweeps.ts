import { defaultBackend } from '../linalg/backend/registry.ts'
import { choleskyInto, choleskySolveInto } from '../linalg/cholesky.ts'
import { type Matrix, matrix, row, transpose } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Column, MasterProblem } from '../master.ts'
import type { Pacer } from '../pacer.ts'
import { addOuterInto, atomsOf, costOf, fitted } from './residual.ts'

/** A sweep that brings less than this share of what all brought is the last. */
const negligible = 1e-4

/** Doublings of a curvature until a step goes down. */
const maxDoublings = 60

/** A curvature below this share of the largest is raised to it: flat parts of a loss say nothing about the next piece. */
const leastShare = 1e-3

const maxHalvings = 40

/** What a free coefficient is damped by where its curvature vanishes, relative to the mean. */
const damping = 1e-9

/**
 * Block-wise proximal gradient over fixed directions, w_j ← prox(w_j + Zᵀa_j/L_j), and a Newton step for the unpenalised
 * coefficients, each only if the objective falls: what block descent is for the squared loss. It sorts out which new
 * columns are wanted; columns that end at zero are dropped, the others come back balanced.
 */
export async function proximalSweeps(
  problem: MasterProblem,
  columns: readonly Column[],
  coefficients: Matrix,
  sweeps: number,
  pacer: Pacer,
): Promise<{ readonly columns: Column[]; readonly coefficients: Matrix }> {
  const units = columns.map(({ u }) => u.map((value) => value / norm2(u)))
  const sweep: Sweep = {
    problem,
    atoms: transpose(atomsOf(problem.X, units)),
    weights: columns.map(({ u, v }) => v.map((value) => value * norm2(u))),
    fit: fitted(problem, columns, coefficients),
    coefficients: matrix(coefficients.rows, coefficients.cols, coefficients.data.slice()),
    value: 0,
  }
  sweep.value = problem.loss!.value(sweep.fit, problem.Y)
  const first = sweep.value + costOf(problem, columns)
  let before = first
  for (let k = 0; k < sweeps && !pacer.expired(); k++) {
    await sweepOnce(sweep, pacer)
    const after = sweep.value + problem.beta * sweep.weights.reduce((total, w) => total + norm2(w), 0)
    if (!(before - after > negligible * (first - after))) break
    before = after
  }
  const kept = columns.flatMap(({ tight }, j) => {
    const size = norm2(sweep.weights[j])
    if (!(size > 0)) return []
    const root = Math.sqrt(size)
    return [{ u: units[j].map((x) => root * x), v: sweep.weights[j].map((x) => x / root), tight }]
  })
  return { columns: kept, coefficients: sweep.coefficients }
}

/** Where a sweep is. `value` is ℓ at `fit`. */
interface Sweep {
  readonly problem: MasterProblem
  /** K × n. */
  readonly atoms: Matrix
  readonly weights: readonly Float64Array[]
  readonly coefficients: Matrix
  fit: Matrix
  value: number
}

async function sweepOnce(sweep: Sweep, pacer: Pacer): Promise<void> {
  const { problem, atoms, weights } = sweep
  const roots = problem.loss!.hessianRoot(sweep.fit, problem.Y)
  const curvatures = Float64Array.from({ length: roots.rows }, (_, i) => norm2(row(roots, i)) ** 2)
  const floor = leastShare * curvatures.reduce((most, value) => Math.max(most, value), 0) || 1
  for (let j = 0; j < weights.length; j++) {
    const a = row(atoms, j)
    let curvature = 0
    for (let i = 0; i < a.length; i++) curvature += a[i] * a[i] * Math.max(floor, curvatures[i])
    if (curvature > 0) descend(sweep, a, weights[j], curvature)
    else weights[j].fill(0)
    const turn = pacer.breathe()
    if (turn) await turn
  }
  if (problem.free) freeStep(sweep, problem.free, roots)
}

function descend(sweep: Sweep, a: Float64Array, w: Float64Array, curvature: number): void {
  const { problem } = sweep
  const c = w.length
  const pull = defaultBackend().gemm(matrix(1, a.length, a), problem.loss!.dual(sweep.fit, problem.Y)).data
  const cost = norm2(w)
  let L = curvature
  for (let attempt = 0; attempt < maxDoublings; attempt++, L *= 2) {
    const next = Float64Array.from({ length: c }, (_, k) => w[k] + pull[k] / L)
    const shrink = Math.max(0, 1 - problem.beta / L / norm2(next)) || 0
    for (let k = 0; k < c; k++) next[k] *= shrink
    const move = next.map((value, k) => value - w[k])
    if (!(norm2(move) > 0)) return
    const fit = matrix(sweep.fit.rows, c, sweep.fit.data.slice())
    addOuterInto(1, a, move, fit)
    const value = problem.loss!.value(fit, problem.Y)
    if (!(value + problem.beta * norm2(next) < sweep.value + problem.beta * cost)) continue
    w.set(next)
    sweep.fit = fit
    sweep.value = value
    return
  }
}

/** One damped Newton step for B, halved until ℓ falls. */
function freeStep(sweep: Sweep, free: Matrix, roots: Matrix): void {
  const { problem, coefficients } = sweep
  const order = coefficients.data.length
  const factor = new Float64Array(order * order)
  if (!choleskyInto(freeHessian(free, roots, coefficients.cols), factor)) return
  const step = defaultBackend().gemmTransposed(free, problem.loss!.dual(sweep.fit, problem.Y)).data
  choleskySolveInto(factor, order, step, step)
  const change = defaultBackend().gemm(free, matrix(coefficients.rows, coefficients.cols, step)).data
  for (let attempt = 0, share = 1; attempt < maxHalvings; attempt++, share /= 2) {
    const fit = matrix(
      sweep.fit.rows,
      sweep.fit.cols,
      sweep.fit.data.map((value, k) => value + share * change[k]),
    )
    const value = problem.loss!.value(fit, problem.Y)
    if (!(value < sweep.value)) continue
    for (let k = 0; k < order; k++) coefficients.data[k] += share * step[k]
    sweep.fit = fit
    sweep.value = value
    return
  }
}

/** Σ_i w_i w_iᵀ ⊗ ∇²ℓ_i, raised on its diagonal. */
function freeHessian(free: Matrix, roots: Matrix, c: number): Matrix {
  const q = free.cols
  const out = matrix(q * c, q * c)
  for (let i = 0; i < free.rows; i++) {
    const S = matrix(c, c, row(roots, i))
    const block = defaultBackend().gemm(S, transpose(S)).data
    for (let a = 0; a < q; a++) {
      for (let b = 0; b < q; b++) {
        const factor = free.data[i * q + a] * free.data[i * q + b]
        if (factor === 0) continue
        for (let k = 0; k < c; k++) {
          for (let l = 0; l < c; l++) out.data[(a * c + k) * q * c + b * c + l] += factor * block[k * c + l]
        }
      }
    }
  }
  let mean = 0
  for (let k = 0; k < q * c; k++) mean += out.data[k * (q * c + 1)] / (q * c)
  for (let k = 0; k < q * c; k++) out.data[k * (q * c + 1)] += damping * mean || damping
  return out
}
