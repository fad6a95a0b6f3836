import { dot, type Matrix, matrix, multiplyTransposedVector } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import { atomOf } from '../../master/residual.ts'
import { addOuterInto } from '../../network.ts'
import type { Candidate } from '../../oracle.ts'
import type { Pacer } from '../../pacer.ts'
import type { Problem } from '../../problem.ts'
import type { Atoms } from './atoms.ts'

/** How far towards a new vertex: 2/(2 + k), the exact minimum on the way, or all weights anew. */
export type Variant = 'classic' | 'line-search' | 'fully-corrective'

/** Within Σ ‖w‖ ≤ budget; or, the whole gauge being at most `most`, with β Σ ‖w‖ as a penalty. */
export type Limit = { readonly budget: number } | { readonly most: number }

/** Vertices added at once by a correction: an oracle answers several, and each costs it nothing more. */
const maxVertices = 8

/** One step of Frank–Wolfe from R = Y − F, whose best vertices are the candidates. */
export function step(
  variant: Variant,
  problem: Problem,
  atoms: Atoms,
  dual: Matrix,
  candidates: readonly Candidate[],
  limit: Limit,
  k: number,
  pacer: Pacer,
): Atoms | Promise<Atoms> {
  if (variant === 'fully-corrective') {
    const zero = new Float64Array(problem.Y.cols)
    const grown = candidates.slice(0, maxVertices).reduce((sum, { weights }) => sum.with(weights, zero), atoms)
    return grown.corrected('budget' in limit ? { beta: 0, budget: limit.budget } : { beta: problem.beta }, pacer)
  }
  const vertex = vertexOf(problem, dual, candidates[0].weights)
  if ('budget' in limit) return within(variant, atoms, dual, vertex, limit.budget, k)
  return variant === 'classic' ? onEpigraph(problem, atoms, vertex, limit.most, k) : inPlane(problem, atoms, vertex)
}

/** (Xu)₊gᵀ with ‖u‖ = ‖g‖ = 1 and ⟨R, (Xu)₊gᵀ⟩ = ‖Rᵀ(Xu)₊‖ = s. */
interface Vertex {
  readonly u: Float64Array
  readonly g: Float64Array
  readonly s: number
  readonly product: Matrix
}

function vertexOf({ reduction, Y }: Problem, dual: Matrix, u: Float64Array): Vertex {
  const a = atomOf(reduction.Xr, u)
  const pull = multiplyTransposedVector(dual, a)
  const s = norm2(pull)
  const g = pull.map((value) => value / s)
  const product = matrix(Y.rows, Y.cols)
  addOuterInto(1, a, g, product)
  return { u, g, s, product }
}

/** F ← (1 − γ)F + γ t (Xu)₊gᵀ. */
function within(
  variant: 'classic' | 'line-search',
  atoms: Atoms,
  dual: Matrix,
  { u, g, product }: Vertex,
  t: number,
  k: number,
): Atoms {
  const towards = product.data.map((value, at) => t * value - atoms.F.data[at])
  const exact = dot(dual.data, towards) / dot(towards, towards)
  const length = variant === 'classic' ? 2 / (2 + k) : exact > 0 ? Math.min(1, exact) : 0
  return atoms.scaled(1 - length).with(
    u,
    g.map((value) => length * t * value),
  )
}

/** The same on { (F, τ) : gauge of F ≤ τ ≤ most } for ½‖F − Y‖² + βτ, whose best vertex is (0, 0) when s ≤ β. */
function onEpigraph({ beta }: Problem, atoms: Atoms, { u, g, s }: Vertex, most: number, k: number): Atoms {
  const length = 2 / (2 + k)
  const shrunk = atoms.scaled(1 - length)
  if (!(s > beta)) return shrunk
  return shrunk.with(
    u,
    g.map((value) => length * most * value),
  )
}

/**
 * The best αF + γ(Xu)₊gᵀ with α, γ ≥ 0, its gauge bounded by ατ + γ (Harchaoui, Juditsky, Nemirovski, "Conditional
 * gradient algorithms for norm-regularized smooth convex optimization", 2015, section 5).
 */
function inPlane({ Y, beta }: Problem, atoms: Atoms, { u, g, product }: Vertex): Atoms {
  const [F, P, y] = [atoms.F.data, product.data, Y.data]
  const [ff, fp, pp] = [dot(F, F), dot(F, P), dot(P, P)]
  const [f, p] = [dot(F, y) - beta * atoms.gauge(), dot(P, y) - beta]
  const determinant = ff * pp - fp * fp
  const options: [alpha: number, gamma: number][] = [
    [(pp * f - fp * p) / determinant, (ff * p - fp * f) / determinant],
    [f / ff, 0],
    [0, p / pp],
  ]
  const value = ([alpha, gamma]: [number, number]): number =>
    (alpha * alpha * ff + 2 * alpha * gamma * fp + gamma * gamma * pp) / 2 - alpha * f - gamma * p
  let best: [number, number] = [0, 0]
  for (const option of options) {
    if (option.every((entry) => entry >= 0) && value(option) < value(best)) best = option
  }
  return atoms.scaled(best[0]).with(
    u,
    g.map((entry) => best[1] * entry),
  )
}
