import { isActive, type Pattern } from '../arrangement.ts'
import { type Matrix, matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { projectOntoCone } from './cone-projection.ts'

/** A hyperplane that the others let a unit vector pass by no more than this is not a facet. */
const redundant = 1e-9

/**
 * The samples whose hyperplanes are the facets of the closed cone {u : (2D − I)Xu ≥ 0}: what is left after every
 * inequality that follows from the others has been struck out, one sample for hyperplanes that coincide.
 *
 * The cone of the facets contains the cone of the pattern, and is at most rounding larger. Any pattern will do, also
 * one whose cone has no interior.
 */
export function facetsOf(X: Matrix, pattern: Pattern): number[] {
  const walls: { sample: number; normal: Float64Array }[] = []
  for (let i = 0; i < X.rows; i++) {
    const size = norm2(row(X, i))
    if (size > 0) walls.push({ sample: i, normal: inward(X, pattern, i, size) })
  }
  for (let k = walls.length - 1; k >= 0; k--) {
    const others = walls.filter((_, j) => j !== k).map(({ normal }) => normal)
    const { point } = projectOntoCone(
      others,
      walls[k].normal.map((value) => -value),
    )
    if (norm2(point) <= redundant) walls.splice(k, 1)
  }
  return walls.map(({ sample }) => sample)
}

/**
 * The unit normals of the samples' hyperplanes, turned towards the cell, one a row: the closed cell is {u : W u ≥ 0} when
 * all samples, or all its facets, are given. Zero samples are left out.
 */
export function wallsOf(X: Matrix, pattern: Pattern, samples: Iterable<number> = Array(X.rows).keys()): Matrix {
  const walls: Float64Array[] = []
  for (const i of samples) {
    const size = norm2(row(X, i))
    if (size > 0) walls.push(inward(X, pattern, i, size))
  }
  const out = matrix(walls.length, X.cols)
  walls.forEach((wall, k) => out.data.set(wall, k * X.cols))
  return out
}

function inward(X: Matrix, pattern: Pattern, i: number, size: number): Float64Array {
  const side = isActive(pattern, i) ? 1 : -1
  return row(X, i).map((value) => (side * value) / size)
}
