import { type Cell, patternOf } from '../arrangement.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { dot, type Matrix, row } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import { projectOntoCone, provenDepth } from './cone-projection.ts'
import { planarCells } from './planar-cells.ts'

export interface Arrangement {
  readonly cells: readonly Cell[]
  /**
   * Proven: a direction in none of the closed cells lies within this angle (sine) of some hyperplane. 0 when every
   * cut was clear; rounding where hyperplanes coincide or meet in more than they must.
   */
  readonly overlooked: number
}

export interface EnumerateOptions {
  /** More cells than this throw UnsupportedProblemError. */
  readonly maxCells?: number
}

/**
 * A part of a cell that reaches less far beyond a hyperplane than this does not count as a cell: between walls so close,
 * rounding decides too much.
 */
const thinnest = 1e-7

/** Interior points nearer to a wall than this are moved to the middle. */
const comfortable = 1e-6

/** Cuts between two yields: far less than the 12 ms after which others must get a turn. */
const cutsPerTurn = 64

/**
 * All open cells of the central arrangement {x_iᵀu = 0} in R^r: every activation pattern that a direction off the
 * hyperplanes can have, each with such a direction.
 *
 * In the plane by sorting the lines. Otherwise inserts one hyperplane after the other; it cuts a cell when the cell reaches beyond it on both sides, which is decided
 * by projecting the normal onto the cell. Zero rows are ignored; parallel and anti-parallel rows cut nothing new; any
 * other degeneracy is handled by the same test. Without hyperplanes the whole space is the one cell; R⁰ has none.
 *
 * @throws UnsupportedProblemError when there are more than `maxCells`.
 */
export function enumerateCells(X: Matrix, options: EnumerateOptions = {}): Arrangement {
  const steps = enumerationSteps(X, options)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** The same, yielding every few milliseconds so that a caller can let others run, or stop. */
export function* enumerationSteps(X: Matrix, options: EnumerateOptions = {}): Generator<void, Arrangement> {
  const { maxCells = 100_000 } = options
  const cells: Cell[] = []
  const steps = cellSteps(X)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return { cells, overlooked: value }
    if (value === undefined) yield
    else if (cells.push(value) > maxCells) {
      throw new UnsupportedProblemError(`enumerateCells: at most ${maxCells} cells (maxCells) are listed, got more`)
    }
  }
}

/**
 * The cells one after the other, for when there are too many to hold: depth first, so that no more than two cones per
 * hyperplane are in memory. Each is yielded once; `undefined` is yielded now and then between them, so that a caller can
 * let others run. Returns `overlooked` (see `Arrangement`): only a generator that was run to its end has seen all cells.
 */
export function* cellSteps(X: Matrix): Generator<Cell | undefined, number> {
  if (X.cols === 0) return 0
  if (X.cols === 2) return yield* planarCells(X, thinnest)
  const normals = unitRows(X)
  const stack: Cone[] = [{ walls: [], interior: new Float64Array(X.cols).fill(1 / Math.sqrt(X.cols)) }]
  let overlooked = 0
  let cuts = 0
  for (let cone = stack.pop(); cone; cone = stack.pop()) {
    const normal = normals[cone.walls.length]
    if (normal) {
      for (const side of [normal.map((value) => -value), normal]) {
        const part = cut(cone, side)
        if ('interior' in part) stack.push({ walls: [...cone.walls, side], interior: part.interior })
        else overlooked = Math.max(overlooked, part.depth)
      }
    } else {
      const interior = offWalls(cone.walls, cone.interior)
      yield { pattern: patternOf(X, interior), interior }
    }
    if (++cuts % cutsPerTurn === 0) yield
  }
  return overlooked
}

/** The cells one after the other, letting others run in between; ends early, without a sign, when the pacer says so. */
export async function* streamCells(X: Matrix, pacer: Pacer = createPacer()): AsyncGenerator<Cell, void> {
  for (const cell of cellSteps(X)) {
    if (pacer.expired()) return
    const turn = pacer.breathe()
    if (turn) await turn
    if (cell !== undefined) yield cell
  }
}

function unitRows(X: Matrix): Float64Array[] {
  return Array.from({ length: X.rows }, (_, i) => row(X, i))
    .filter((x) => norm2(x) > 0)
    .map(unit)
}

/** {u : a_iᵀu ≥ 0}, the a_i being the unit normals so far, turned inwards. */
interface Cone {
  readonly walls: readonly Float64Array[]
  readonly interior: Float64Array
}

/** A direction strictly inside, checked; or proof that no unit vector is further than `depth` from the hyperplane. */
type Part = { readonly interior: Float64Array } | { readonly depth: number }

/** The part of a cone on one side of a new hyperplane, {u : towardsᵀu ≥ 0}. */
function cut({ walls, interior }: Cone, towards: Float64Array): Part {
  const projection = projectOntoCone(walls, towards)
  const inside = norm2(projection.point) > thinnest ? beyond(walls, interior, towards, projection.point) : null
  return inside ? { interior: inside } : { depth: provenDepth(walls, towards, projection) }
}

/** A direction inside the walls and beyond the hyperplane, given the point of the cone that is furthest beyond it. */
function beyond(
  walls: readonly Float64Array[],
  interior: Float64Array,
  towards: Float64Array,
  point: Float64Array,
): Float64Array | null {
  const height = dot(towards, interior)
  const margin = smallestMargin(walls, interior)
  if (height >= margin / 2) return interior
  // point/‖point‖ is ‖point‖ beyond the hyperplane but may lie on walls: mix in enough of the interior to leave them.
  const length = norm2(point)
  const share = length / (length + margin - height)
  const all = [...walls, towards]
  const inside = offWalls(all, unit(point.map((value, k) => value / length + share * interior[k])))
  return smallestMargin(all, inside) > 16 * Number.EPSILON ? inside : null
}

/**
 * The given interior direction or, where it is too near a wall, one whose distance from every wall is at least 1/n of
 * the largest possible: the average of the directions that go furthest from each wall.
 */
function offWalls(walls: readonly Float64Array[], interior: Float64Array): Float64Array {
  const margin = smallestMargin(walls, interior)
  if (margin >= comfortable) return interior
  const total = new Float64Array(interior.length)
  for (const wall of walls) {
    const { point } = projectOntoCone(walls, wall)
    const size = norm2(point)
    if (size > 0) for (let k = 0; k < total.length; k++) total[k] += point[k] / size
  }
  if (!(norm2(total) > 0)) return interior
  const centre = unit(total)
  return smallestMargin(walls, centre) > margin ? centre : interior
}

function smallestMargin(walls: readonly Float64Array[], u: Float64Array): number {
  let margin = 1
  for (const wall of walls) margin = Math.min(margin, dot(wall, u))
  return margin
}

function unit(x: Float64Array): Float64Array {
  const size = norm2(x)
  return x.map((value) => value / size)
}
