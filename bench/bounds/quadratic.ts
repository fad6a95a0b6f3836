import type { Bound, Cone, ConeContext } from './bound.ts'
import { copositiveHeight } from './copositive-height.ts'
import { childMoments, type Moments, normalised, rescaled, type Slice, sliceOf } from './moments.ts'
import { nearest, quadraticsFor } from './quadratics.ts'

const rounds = 12
/** After so many, a cone that no quadratics can close is left to its children, who go on from there. */
const hopelessRounds = 6

/**
 * An upper bound on ‖F(u)‖, F(u) = Zᵀ(Xu)₊, over the unit vectors of a simplicial cone, by quadratic forms.
 *
 * With h linear and positive in the cone, |x_iᵀu| h lies between quadratic forms (`quadraticsFor`), so F h does, and for
 * u = Σ λ_k w_k
 *
 *     h‖F(u)‖ ≤ Σ_jk λ_jλ_k M_jk,   h‖u‖ ≥ Σ_jk λ_jλ_k G_jk,
 *
 * so that βG − M copositive proves ‖F‖ ≤ β. Chords and tangents err by the curvature of convex and concave samples alike;
 * here both are part of M and cancel there, as they do in F.
 *
 * The quadratics are those that suit a distribution over the cone with certain second moments, and the moments move
 * towards what then stands in the way of a lower bound (fictitious play; Robinson, "An iterative method of solving a
 * game", Annals of Mathematics 54, 1951). A child begins with its parent's.
 */
export const quadraticBound: Bound = {
  name: 'quadratic',
  start(context) {
    const known = new WeakMap<Cone, Moments>()
    return (cone, floor, from) => {
      const { r } = context
      const before = from && known.get(from.parent)
      const start = before ? childMoments(cone, from.parent, from.cut, before) : new Float64Array(r * r)
      const { bound, moments } = boundFrom(context, cone, start, floor)
      known.set(cone, moments)
      return bound
    }
  },
}

function boundFrom(
  context: ConeContext,
  cone: Cone,
  start: Moments,
  floor: number,
): { bound: number; moments: Moments } {
  const { r } = context
  const slice = sliceOf(cone.generators, r)
  const view = viewOf(context, cone, slice)
  const moments = normalised(rescaled(start, slice.eta), r)
  let [bound, best] = [Number.POSITIVE_INFINITY, moments]
  for (let round = 0; round < rounds; round++) {
    const M = formsFor(view, moments)
    const found = copositiveHeight(M, slice.G, r, floor, Math.min(bound, cone.bound))
    if (found.bound < bound) [bound, best] = [found.bound, moments.slice()]
    if (bound <= floor || (round + 1 >= hopelessRounds && inner(M, moments) > floor * inner(slice.G, moments))) break
    const share = 2 / (round + 3)
    for (let e = 0; e < r * r; e++) {
      moments[e] += share * (found.lambda[Math.floor(e / r)] * found.lambda[e % r] - moments[e])
    }
  }
  const back = rescaled(
    best,
    slice.eta.map((value) => 1 / value),
  )
  return { bound: bound * (1 + 64 * Number.EPSILON), moments: back }
}

function inner(M: Float64Array, moments: Moments): number {
  return M.reduce((total, value, e) => total + value * moments[e], 0)
}

/** A cone as its corners see it. */
interface View {
  readonly r: number
  readonly c: number
  /** A of the corners, c × r. */
  readonly lines: Float64Array
  /** Of each crossing sample: x_iᵀ of the corners (r), z_i (c), z_i·g, ‖z_i − (z_i·g)g‖. */
  readonly samples: Float64Array
  readonly g: Float64Array
  /** What every entry of M is raised by: the rounding of all heights, and of elimination. */
  readonly rounding: number
}

function viewOf({ X, Z, r, c, zero, slack }: ConeContext, cone: Cone, { eta, steepest }: Slice): View {
  const { generators: W, active, crossing, sign, point } = cone
  const lines = new Float64Array(c * r)
  for (let p = 0; p < c; p++) {
    for (let k = 0; k < r; k++) {
      for (let q = 0; q < r; q++) lines[p * r + k] += (active[p * r + q] * W[k * r + q]) / eta[k]
    }
  }
  const height = (i: number, w: Float64Array, from: number): number => {
    let s = 0
    for (let q = 0; q < r; q++) s += X.data[i * r + q] * w[from + q]
    return s > zero[i] || s < -zero[i] ? s : 0
  }
  const F = Float64Array.from({ length: c }, (_, p) => point.reduce((sum, u, q) => sum + active[p * r + q] * u, 0))
  for (const i of crossing) for (let p = 0; p < c; p++) F[p] += Z.data[i * c + p] * Math.max(0, height(i, point, 0))
  const size = Math.hypot(...F)
  const g = c === 1 ? Float64Array.of(sign) : F.map((value, p) => (size > 0 ? value / size : p === 0 ? 1 : 0))
  const width = r + c + 2
  const samples = new Float64Array(crossing.length * width)
  crossing.forEach((i, a) => {
    const row = samples.subarray(a * width, (a + 1) * width)
    for (let k = 0; k < r; k++) row[k] = height(i, W, k * r) / eta[k]
    for (let p = 0; p < c; p++) row[r + p] = Z.data[i * c + p]
    for (let p = 0; p < c; p++) row[r + c] += g[p] * row[r + p]
    row[r + c + 1] = Math.hypot(...g.map((value, p) => row[r + p] - row[r + c] * value))
  })
  return { r, c, lines, samples, g, rounding: (4 / nearest) * steepest * slack }
}

/** M for the quadratics that suit these moments: along g with the sign of z_i·g, across it centre and half-width. */
function formsFor({ r, c, lines, samples, g, rounding }: View, moments: Moments): Float64Array {
  const size = r * r
  const [centre, along, across] = [new Float64Array(c * size), new Float64Array(size), new Float64Array(size)]
  const width = r + c + 2
  for (let from = 0; from < samples.length; from += width) {
    let [high, low, first, second] = [0, 0, 0, 0]
    for (let j = 0; j < r; j++) {
      const t = samples[from + j]
      if (t > high) high = t
      if (-t > low) low = -t
      for (let k = 0; k < r; k++) {
        first += moments[j * r + k] * t
        second += moments[j * r + k] * t * samples[from + k]
      }
    }
    const [o2, o1, o0, u2, u1] = quadraticsFor(high, low, first, second)
    const [ahead, beside] = [0.25 * Math.abs(samples[from + r + c]), 0.25 * samples[from + r + c + 1]]
    for (let j = 0; j < r; j++) {
      for (let k = 0; k <= j; k++) {
        const e = j * r + k
        const [square, line] = [samples[from + j] * samples[from + k], 0.5 * (samples[from + j] + samples[from + k])]
        const between = (o2 - u2) * square + (o1 - u1) * line + o0
        along[e] += ahead * between
        across[e] += beside * between
        const middle = 0.25 * ((o2 + u2) * square + (o1 + u1 + 2) * line + o0)
        for (let p = 0; p < c; p++) centre[p * size + e] += samples[from + r + p] * middle
      }
    }
  }
  const M = new Float64Array(size)
  for (let j = 0; j < r; j++) {
    for (let k = 0; k <= j; k++) {
      const e = j * r + k
      const F = g.map((_, p) => centre[p * size + e] + 0.5 * (lines[p * r + j] + lines[p * r + k]))
      const ahead = F.reduce((sum, value, p) => sum + g[p] * value, 0)
      const beside = Math.hypot(...F.map((value, p) => value - ahead * g[p])) + across[e]
      const value = c === 1 ? ahead + along[e] : Math.hypot(Math.max(0, Math.abs(ahead) + along[e]), beside)
      M[e] = M[k * r + j] = value + rounding
    }
  }
  return M
}
