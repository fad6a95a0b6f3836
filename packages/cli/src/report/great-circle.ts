import { type Matrix, type Problem, project } from '@relucent/core'
import { length, type Ranked } from './neurons.ts'

/** ω along one circle of unit vectors, in degrees, and the neurons that lie on it. */
export interface Circle {
  /** Numbers of the neurons the circle was laid through; one or none where there are no more. */
  readonly through: readonly number[]
  readonly degrees: Float64Array
  readonly omega: Float64Array
  readonly neurons: readonly { readonly number: number; readonly degrees: number; readonly omega: number }[]
}

const samples = 1440

/** Up to this many circles, through twice as many of the strongest neurons. */
const mostCircles = 6

/**
 * ω(u) = ‖Zᵀ(Xu)₊‖ along great circles u(θ) = cos θ p + sin θ q of the unit sphere, in coordinates of the row space of X.
 *
 * Rank 2 has a single circle, the whole sphere; above, each circle goes through two neurons, strongest first. Sampled: it
 * illustrates a certificate and is none. Nothing for rank 0 and 1, where a circle says nothing.
 */
export function greatCircles(problem: Problem, dual: Matrix, neurons: readonly Ranked[]): Circle[] {
  const { rank } = problem.reduction
  if (rank < 2) return []
  const directions = neurons
    .map(({ u, number }) => ({ number, direction: unit(project(problem.reduction, u)) }))
    .filter(({ direction }) => direction.every((value) => Number.isFinite(value)))
  if (rank === 2) return [along(problem, dual, [axis(2, 0), axis(2, 1)], [], directions)]
  return pairs(directions).map((ends) => {
    const plane = planeThrough(
      ends.map(({ direction }) => direction),
      rank,
    )
    const through = ends.map(({ number }) => number)
    return along(problem, dual, plane, through, ends)
  })
}

/** Directions with a larger cosine are nearly the same, or opposite: a circle through both shows little of either. */
const parallel = 0.95

/** Each neuron, strongest first, with the strongest one left that points elsewhere. At least one pair, be it empty. */
function pairs(directions: readonly Directed[]): Directed[][] {
  const left = [...directions]
  const found: Directed[][] = []
  while (left.length > 0 && found.length < mostCircles) {
    const [first] = left.splice(0, 1)
    const other = left.findIndex(({ direction }) => Math.abs(dot(direction, first.direction)) <= parallel)
    found.push([first, ...left.splice(Math.max(0, other), 1)])
  }
  return found.length > 0 ? found : [[]]
}

interface Directed {
  readonly number: number
  readonly direction: Float64Array
}

type Plane = readonly [p: Float64Array, q: Float64Array]

/** ω(±u) in units of β for rank 1, where u and −u are all directions there are. */
export function bothDirections(problem: Problem, dual: Matrix): [number, number] {
  const { omega } = along(problem, dual, [axis(1, 0), axis(1, 0)], [], [])
  const half = (omega.length - 1) / 2
  return [omega[0] / problem.beta, omega[half] / problem.beta]
}

function along(
  { reduction, Y }: Problem,
  dual: Matrix,
  [p, q]: Plane,
  through: readonly number[],
  on: readonly Directed[],
): Circle {
  const { Xr } = reduction
  const [a, b] = [p, q].map((direction) => times(Xr, direction))
  const { cols } = Y
  const sums = new Float64Array(cols)
  const omegaAt = (angle: number): number => {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    sums.fill(0)
    for (let i = 0, at = 0; i < a.length; i++, at += cols) {
      const height = cos * a[i] + sin * b[i]
      if (height > 0) for (let k = 0; k < cols; k++) sums[k] += height * dual.data[at + k]
    }
    return length(sums)
  }
  const neurons = on.map(({ number, direction }) => {
    const angle = Math.atan2(dot(direction, q), dot(direction, p))
    return { number, degrees: inTurn((angle * 180) / Math.PI), omega: omegaAt(angle) }
  })
  // The neurons' own angles among the samples, so that the curve reaches them.
  const grid = Array.from({ length: samples + 1 }, (_, k) => (k * 360) / samples)
  const degrees = Float64Array.from([...grid, ...neurons.map((one) => one.degrees)]).toSorted()
  return { through, degrees, omega: degrees.map((angle) => omegaAt((angle * Math.PI) / 180)), neurons }
}

/** An orthonormal basis of the plane of these directions; where they span less, of a plane that contains them. */
function planeThrough(directions: readonly Float64Array[], rank: number): Plane {
  const candidates = [...directions, ...Array.from({ length: rank }, (_, k) => axis(rank, k))]
  const p = candidates[0]
  for (const candidate of candidates.slice(1)) {
    const along = dot(candidate, p)
    const rest = candidate.map((value, k) => value - along * p[k])
    // A plane through nearly parallel directions would be one of rounding errors.
    if (length(rest) > 1e-6) return [p, unit(rest)]
  }
  return [p, axis(rank, rank - 1)]
}

function times({ rows, cols, data }: Matrix, vector: Float64Array): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => dot(data.subarray(i * cols, (i + 1) * cols), vector))
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, k) => sum + value * b[k], 0)
}

function unit(vector: Float64Array): Float64Array {
  const size = length(vector)
  return vector.map((value) => value / size)
}

function axis(size: number, k: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => (i === k ? 1 : 0))
}

/** From 0 up to 360; what is a rounding error short of a full turn has made none. */
function inTurn(degrees: number): number {
  const turned = degrees < 0 ? degrees + 360 : degrees
  return turned > 360 - 1e-9 ? 0 : turned
}
