import { type ConeBlock, solveConeLeastSquares } from '../../interior-point.ts'
import { polish } from '../../interior-point/polish.ts'
import { addScaledInto, dot, type Matrix, matrix } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import { atomOf } from '../../master/residual.ts'
import { addOuterInto, balance, type Neuron } from '../../network.ts'
import { prune } from '../../network/prune.ts'
import type { Pacer } from '../../pacer.ts'
import type { Problem } from '../../problem.ts'
import { project } from '../../reduction.ts'
import { lifted, unit } from '../parts.ts'

/** (Xu)₊ wᵀ. */
export interface Atom {
  /** A unit vector in reduced coordinates. */
  readonly u: Float64Array
  /** (X_r u)₊. */
  readonly a: Float64Array
  /** Its length is what the atom takes of the budget. */
  readonly w: Float64Array
}

/** Two directions this close are one atom: apart they only make least squares ill-conditioned. */
const sameDirection = 1 - 1e-13

/** Atoms that a correction leaves with less than this share of the gauge are dropped. */
const negligible = 1e-9

/** So many more atoms than nc + 1 are let grow before they are pruned to that many. */
const slack = 64

/** Σ (Xu_j)₊w_jᵀ, with Σ ‖w_j‖ for its gauge. Immutable; every method returns another one. */
export class Atoms {
  readonly #problem: Problem
  readonly all: readonly Atom[]
  /** n × c. */
  readonly F: Matrix

  constructor(problem: Problem, all: readonly Atom[] = []) {
    this.#problem = problem
    this.all = all
    this.F = matrix(problem.Y.rows, problem.Y.cols)
    for (const { a, w } of all) addOuterInto(1, a, w, this.F)
  }

  /** Y − F, a fresh matrix. */
  residual(): Matrix {
    const { Y } = this.#problem
    return matrix(
      Y.rows,
      Y.cols,
      Y.data.map((value, k) => value - this.F.data[k]),
    )
  }

  gauge(): number {
    return this.all.reduce((total, { w }) => total + norm2(w), 0)
  }

  neurons(): Neuron[] {
    return this.all.map(({ u, w }) => ({ u, v: w }))
  }

  /** ½‖F − Y‖² + β Σ ‖w_j‖, in plain floating point. */
  objective(): number {
    const { data } = this.residual()
    return dot(data, data) / 2 + this.#problem.beta * this.gauge()
  }

  scaled(factor: number): Atoms {
    return new Atoms(
      this.#problem,
      this.all.map(({ u, a, w }) => ({ u, a, w: w.map((value) => factor * value) })),
    )
  }

  /** With w (Xu)₊ added; a direction at hand takes it in. Pruned to nc + 1 atoms once there are many more. */
  with(u: Float64Array, w: Float64Array): Atoms {
    const twin = this.all.findIndex((atom) => dot(atom.u, u) > sameDirection)
    if (twin >= 0) {
      const joined = this.all.map((atom, j) => {
        if (j !== twin) return atom
        const sum = atom.w.slice()
        addScaledInto(1, w, sum)
        return { ...atom, w: sum }
      })
      return new Atoms(this.#problem, joined)
    }
    const all = [...this.all, { u, a: atomOf(this.#problem.reduction.Xr, u), w }]
    const grown = new Atoms(this.#problem, all)
    return all.length > this.#problem.Y.data.length + 1 + slack ? grown.#pruned() : grown
  }

  /** The best w for these directions: penalised by β, or within a budget. */
  async corrected(limit: { readonly beta: number; readonly budget?: number }, pacer: Pacer): Promise<Atoms> {
    const { Y } = this.#problem
    const live = this.all.filter(({ a }) => norm2(a) > 0)
    if (live.length === 0) return new Atoms(this.#problem)
    const blocks = live.map(({ a }): ConeBlock => ({ A: kronecker(a, Y.cols), sign: 1, walls: null, interior: null }))
    const program = { blocks, target: Y.data, ...limit }
    const weights = polish(program, (await solveConeLeastSquares(program, { pacer })).weights)
    const largest = weights.reduce((total, w) => total + norm2(w), 0)
    return new Atoms(
      this.#problem,
      live.flatMap((atom, j) => (norm2(weights[j]) > negligible * largest ? [{ ...atom, w: weights[j] }] : [])),
    )
  }

  /** Carathéodory: the same F from nc + 1 atoms, at no higher gauge. */
  #pruned(): Atoms {
    const { reduction } = this.#problem
    const { neurons } = prune(this.#problem, balance(lifted(this.#problem, this.neurons())))
    return new Atoms(
      this.#problem,
      neurons.map(({ u, v }) => {
        const reduced = project(reduction, u)
        const size = norm2(reduced)
        const direction = unit(reduced)
        return { u: direction, a: atomOf(reduction.Xr, direction), w: v.map((value) => size * value) }
      }),
    )
  }
}

/** a ⊗ I_c: what w ∈ R^c adds to the flattened fit. */
function kronecker(a: Float64Array, c: number): Matrix {
  const out = matrix(a.length * c, c)
  for (let i = 0; i < a.length; i++) for (let k = 0; k < c; k++) out.data[(i * c + k) * c + k] = a[i]
  return out
}
