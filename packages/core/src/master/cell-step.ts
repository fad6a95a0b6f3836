import { dot, type Matrix, multiplyVector } from '../linalg/matrix.ts'
import type { Column } from '../master.ts'
import { type CellColumn, type CellModel, coordinates, faceBasis, fromCoordinates } from './cell-model.ts'

/** How far a column can go along a step, and what stops it there. */
interface Stop {
  /** Share of the step, at most 1. */
  readonly fraction: number
  /** The sample whose hyperplane is met; −1 for none. */
  readonly hit: number
  /** The column shrinks to zero there. */
  readonly vanishes: boolean
}

/** The whole step, over whatever hyperplanes it crosses; columns that pass through zero end there. */
export function wholeStep({ cells }: CellModel, step: Float64Array): Column[] {
  return cells.filter((cell) => !turnsAround(cell, step)).map((cell) => moved(cell, step, 1, cell.column.tight))
}

/** Each column as far as its own cell goes; those that meet a hyperplane stay on it. Undefined when none does. */
export function stepWithinCells(model: CellModel, step: Float64Array): Column[] | undefined {
  const stops = model.cells.map((cell) => firstStop(model.problem.X, cell, step))
  if (stops.every(({ hit }) => hit < 0)) return undefined
  return model.cells.flatMap((cell, j) => (stops[j].vanishes ? [] : [stopped(model.problem.X, cell, step, stops[j])]))
}

/** All columns as far as the first of them can go. Undefined when nothing stops any of them. */
export function stepToFirstStop(model: CellModel, step: Float64Array): Column[] | undefined {
  const { X } = model.problem
  const stops = model.cells.map((cell) => firstStop(X, cell, step))
  const fraction = stops.reduce((least, stop) => Math.min(least, stop.fraction), 1)
  if (!(fraction < 1)) return undefined
  return model.cells.flatMap((cell, j) => {
    if (stops[j].fraction > fraction) return [moved(cell, step, fraction, cell.column.tight)]
    return stops[j].vanishes ? [] : [stopped(X, cell, step, stops[j])]
  })
}

/** How far all columns can go until the first of them is stopped. */
export function shareToFirstStop({ cells, problem: { X } }: CellModel, step: Float64Array): number {
  return cells.reduce((least, cell) => Math.min(least, firstStop(X, cell, step).fraction), 1)
}

function moved(cell: CellColumn, step: Float64Array, fraction: number, tight: readonly number[]): Column {
  const theta = advanced(cell.theta, step, cell.thetaAt, fraction)
  return { u: fromCoordinates(cell.basis, theta), v: advanced(cell.v, step, cell.vAt, fraction), tight }
}

/** Stopped on a hyperplane: u projected onto the face, so that its samples are zero to rounding. */
function stopped(X: Matrix, cell: CellColumn, step: Float64Array, { fraction, hit }: Stop): Column {
  if (hit < 0) return moved(cell, step, fraction, cell.column.tight)
  const { u, v, tight } = moved(cell, step, fraction, [...cell.column.tight, hit])
  const basis = faceBasis(X, tight)
  return { u: fromCoordinates(basis, coordinates(basis, u)), v, tight }
}

function advanced(x: Float64Array, step: Float64Array, at: number, fraction: number): Float64Array {
  return at < 0 ? x : x.map((value, k) => value + fraction * step[at + k])
}

/** Whether the part of a column that carries its size ends at zero or on the far side of it. */
export function turnsAround(cell: CellColumn, step: Float64Array): boolean {
  const { x, at } = sizePart(cell)
  return dot(x, advanced(x, step, at, 1)) <= 0
}

/** The free factor that makes the column zero when it is zero, and where it starts among the unknowns. */
export function sizePart({ theta, v, thetaAt, vAt }: CellColumn): { x: Float64Array; at: number } {
  return vAt < 0 ? { x: theta, at: thetaAt } : { x: v, at: vAt }
}

function firstStop(X: Matrix, cell: CellColumn, step: Float64Array): Stop {
  let [fraction, hit, vanishes] = [1, -1, false]
  if (turnsAround(cell, step)) {
    const { x, at } = sizePart(cell)
    const ahead = dot(x, advanced(x, step, at, 1))
    ;[fraction, vanishes] = [dot(x, x) / (dot(x, x) - ahead), true]
  }
  if (cell.thetaAt < 0) return { fraction, hit, vanishes }
  const fixed = new Set(cell.column.tight)
  const before = multiplyVector(X, fromCoordinates(cell.basis, cell.theta))
  const after = multiplyVector(X, moved(cell, step, 1, []).u)
  for (let i = 0; i < X.rows; i++) {
    if (!(before[i] * after[i] < 0) || fixed.has(i)) continue
    const at = before[i] / (before[i] - after[i])
    if (at < fraction) [fraction, hit, vanishes] = [at, i, false]
  }
  return { fraction, hit, vanishes }
}
