import { createPacer } from '@relucent/core'
import { atomOf, blockDescent, type Column, type MasterProblem, type RestrictedMaster, residual } from '../internals.ts'

const warmUpSweeps = 300
const maxSteps = 100

/** A group this small beside the largest is dropped, as in the library's master. */
const negligible = 1e-10

/**
 * Second-order master that never slides a neuron: group lasso over the priced directions, block descent and then
 * Newton's method in the output weights alone. What it lacks against `cell-newton` is the sliding and the merging.
 */
export const fixedDirections: RestrictedMaster = {
  name: 'fixed-directions',
  async solve(problem, columns, { pacer = createPacer(), tolerance = 1e-11 } = {}) {
    let current = balancedOn(await blockDescent(problem, columns, warmUpSweeps, pacer))
    let value = objective(problem, current)
    for (let step = 0; step < maxSteps && !pacer.expired(); step++) {
      const { direction, gradientSize } = newtonStep(problem, current)
      if (gradientSize <= tolerance * problem.beta * Math.sqrt(current.length)) break
      let next: Column[] | undefined
      for (let length = 1; length > 1e-6 && !next; length /= 4) {
        const trial = moved(current, direction, length)
        if (objective(problem, trial) < value) next = trial
      }
      if (!next) break
      current = next
      value = objective(problem, current)
      const turn = pacer.breathe()
      if (turn) await turn
    }
    return current
  },
}

/** All of the size in v: u is a unit vector and stays what it is. */
function balancedOn(columns: readonly Column[]): Column[] {
  return columns.map(({ u, v, tight }) => {
    const size = length(u)
    return { u: u.map((x) => x / size), v: v.map((x) => x * size), tight }
  })
}

function moved(columns: readonly Column[], direction: Float64Array, fraction: number): Column[] {
  const c = columns[0]?.v.length ?? 0
  const next = columns.map(({ u, v, tight }, j) => ({
    u,
    v: v.map((x, k) => x + fraction * direction[j * c + k]),
    tight,
  }))
  const kept = next.filter(({ v }, j) => inner(v, columns[j].v) > 0)
  const largest = Math.max(0, ...kept.map(({ v }) => length(v)))
  return kept.filter(({ v }) => length(v) > negligible * largest)
}

function newtonStep(problem: MasterProblem, columns: readonly Column[]) {
  const { X, Y, beta } = problem
  const c = Y.cols
  const size = columns.length * c
  const rest = residual(problem, columns)
  const atoms = columns.map(({ u }) => atomOf(X, u))
  const H = new Float64Array(size * size)
  const g = new Float64Array(size)
  columns.forEach(({ v }, j) => {
    const norm = length(v)
    for (let i = 0; i < X.rows; i++) for (let k = 0; k < c; k++) g[j * c + k] -= atoms[j][i] * rest.data[i * c + k]
    for (let k = 0; k < c; k++) g[j * c + k] += (beta * v[k]) / norm
    for (let l = 0; l <= j; l++) {
      const gram = inner(atoms[j], atoms[l])
      for (let k = 0; k < c; k++) H[(j * c + k) * size + l * c + k] = gram
    }
    for (let k = 0; k < c; k++) {
      for (let q = 0; q <= k; q++) {
        H[(j * c + k) * size + j * c + q] += (beta / norm) * ((k === q ? 1 : 0) - (v[k] / norm) * (v[q] / norm))
      }
    }
  })
  return { direction: solved(H, g, size), gradientSize: length(g) }
}

/** −(H + shift I)⁻¹ g by Cholesky on the lower triangle, the shift raised until that succeeds. */
function solved(H: Float64Array, g: Float64Array, size: number): Float64Array {
  let mean = 0
  for (let i = 0; i < size; i++) mean += H[i * size + i] / size
  for (let shift = 0; ; shift = Math.max(100 * shift, 1e-14)) {
    const L = H.slice()
    for (let i = 0; i < size; i++) L[i * size + i] += shift * mean
    if (factored(L, size) || !(shift < 1e6)) return substituted(L, g, size)
  }
}

function factored(L: Float64Array, size: number): boolean {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let total = L[i * size + j]
      for (let k = 0; k < j; k++) total -= L[i * size + k] * L[j * size + k]
      if (j < i) L[i * size + j] = total / L[j * size + j]
      else if (total > 1e-15 * L[i * size + i]) L[i * size + i] = Math.sqrt(total)
      else return false
    }
  }
  return true
}

function substituted(L: Float64Array, g: Float64Array, size: number): Float64Array {
  const p = g.map((x) => -x)
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) p[i] -= L[i * size + k] * p[k]
    p[i] /= L[i * size + i]
  }
  for (let i = size - 1; i >= 0; i--) {
    p[i] /= L[i * size + i]
    for (let k = 0; k < i; k++) p[k] -= L[i * size + k] * p[i]
  }
  return p
}

function objective(problem: MasterProblem, columns: readonly Column[]): number {
  const rest = residual(problem, columns).data
  return inner(rest, rest) / 2 + problem.beta * columns.reduce((total, { u, v }) => total + length(u) * length(v), 0)
}

function inner(a: Float64Array, b: Float64Array): number {
  let total = 0
  for (let i = 0; i < a.length; i++) total += a[i] * b[i]
  return total
}

function length(a: Float64Array): number {
  return Math.sqrt(inner(a, a))
}
