import { isActive, type Pattern } from '../arrangement.ts'
import { projectOntoCone, provenDepth } from '../arrangement/cone-projection.ts'
import { type Matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'

/** The unit vector of a closed cone that goes farthest along a vector, null where none does, and a proven bound on how far. */
export interface Farthest {
  readonly peak: Float64Array | null
  readonly bound: number
}

/** max { alongᵀu : a_iᵀu ≥ 0, ‖u‖ ≤ 1 } is the length of the projection of `along` onto the cone; the a_i are unit vectors. */
export function farthestInCone(normals: readonly Float64Array[], along: Float64Array): Farthest {
  const size = norm2(along)
  if (!(size > 0)) return { peak: null, bound: size }
  const direction = along.map((value) => value / size)
  const projection = projectOntoCone(normals, direction)
  const depth = provenDepth(normals, direction, projection)
  // The normals were rounded when they were scaled: a direction of the cone may be 2ε outside of each.
  const slant = 4 * Number.EPSILON * (1 + projection.multipliers.reduce((total, value) => total + value, 0))
  const length = norm2(projection.point)
  const peak = length > 0 ? projection.point.map((value) => value / length) : null
  return { peak, bound: size * (depth + slant) * (1 + 8 * Number.EPSILON) }
}

/** Unit normals of the hyperplanes, turned into the cell of a pattern; zero rows have none. */
export function normalsOf(X: Matrix, pattern: Pattern): Float64Array[] {
  const out: Float64Array[] = []
  for (let i = 0; i < X.rows; i++) {
    const size = norm2(row(X, i)) * (isActive(pattern, i) ? 1 : -1)
    if (size !== 0) out.push(row(X, i).map((value) => value / size))
  }
  return out
}
