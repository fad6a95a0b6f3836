import { WorkerError } from '../../errors.ts'
import type { Matrix } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import type { LocalMaximum } from '../ascent.ts'
import type { Cone, ConeContext } from '../branch-and-bound/cone.ts'
import type { Region } from '../branch-and-bound/search.ts'

/** How long a thread searches between two looks at its messages: idle threads wait about so long. */
export const turnMilliseconds = 4

/** Work that takes part in one call of an oracle. */
export type Task = SearchTask | ClimbTask

/** Branch and bound among the regions that are granted. */
export interface SearchTask {
  readonly kind: 'search'
  readonly target?: number | undefined
  readonly collectAbove?: number | undefined
  readonly relativeTolerance?: number | undefined
  /** Bytes that open regions may take on this thread. */
  readonly memory: number
  readonly timeLimitSeconds: number
  /** Those of the caller's orthants, to the bit: regions that are still to be opened are named by signs along them. */
  readonly axes: Matrix
  /** The largest value attained anywhere: shared where threads can share memory, otherwise the worker's own copy. */
  readonly incumbent: SharedArrayBuffer | ArrayBuffer
}

/** Ascents to local maxima. */
export interface ClimbTask {
  readonly kind: 'climb'
  readonly timeLimitSeconds: number
}

/** Orders are numbered from 1 for each worker and task; a report says which one it has carried out. */
export type Order = GrantOrder | ShareOrder | ClimbOrder

export interface GrantOrder {
  readonly kind: 'grant'
  readonly number: number
  readonly best: number
  readonly regions: readonly Region[]
}

/** Give away up to `limit` regions that are above a bound; with a limit of 0, just report. */
export interface ShareOrder {
  readonly kind: 'share'
  readonly number: number
  readonly best: number
  readonly limit: number
  readonly above: number
}

export interface ClimbOrder {
  readonly kind: 'climb'
  readonly number: number
  readonly starts: readonly Float64Array[]
}

export type ToWorker =
  /** `X` is null where the worker has it from the task before. */
  | { readonly kind: 'begin'; readonly job: number; readonly X: Matrix | null; readonly Z: Matrix; readonly task: Task }
  | { readonly kind: 'order'; readonly job: number; readonly order: Order }
  | { readonly kind: 'end'; readonly job: number }

export interface FromWorker {
  readonly job: number
  /** A report, or why there will be none. */
  readonly answer?: unknown
  readonly failed?: string
}

export interface SearchReport {
  /** The last order carried out; everything below is the state after it. */
  readonly answered: number
  /** Proven for all regions this worker holds, and for all it has closed. */
  readonly bound: number
  /** Regions that need work, and the largest bound among them. */
  readonly open: number
  readonly top: number
  readonly nodes: number
  /** It has stopped with work left: a target was exceeded, or a limit reached. */
  readonly finished: boolean
  /** The largest value attained that it knows of. */
  readonly best: number
  /** Local maxima found since the last report. */
  readonly found: readonly Float64Array[]
  /** Directions to climb from in the end, since the last report. */
  readonly remembered: readonly Float64Array[]
  readonly released: readonly Region[]
}

export interface ClimbReport {
  readonly answered: number
  readonly maxima: readonly LocalMaximum[]
}

/** What an answer must be, since a bound will rest on it. @throws WorkerError */
export function readSearchReport(answer: unknown, context: ConeContext): SearchReport {
  const { answered, bound, open, top, nodes, finished, best, found, remembered, released } = recordOf(answer)
  const { r } = context
  check(isCount(answered) && isCount(open) && isCount(nodes) && typeof finished === 'boolean', 'a report')
  check(isNumber(bound) && isNumber(top) && isNumber(best), 'the figures of a report')
  check(isListOf(found, (u) => isVector(u, r)) && isListOf(remembered, (u) => isVector(u, r)), 'directions')
  check(
    isListOf(released, (region) => isRegion(region, context)),
    'regions',
  )
  return { answered, bound: orInfinity(bound), open, top: orInfinity(top), nodes, finished, best, found, remembered, released } // biome-ignore format: a list
}

/** @throws WorkerError */
export function readClimbReport(answer: unknown, r: number): ClimbReport {
  const { answered, maxima } = recordOf(answer)
  check(isCount(answered) && isListOf(maxima, (found) => isMaximum(found, r)), 'local maxima')
  return { answered, maxima }
}

export function readEnvelope(message: unknown): FromWorker {
  const { job, answer, failed } = recordOf(message)
  check(isCount(job) && (failed === undefined || typeof failed === 'string'), 'a message')
  return failed === undefined ? { job, answer } : { job, failed }
}

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new WorkerError(`a search thread answered with what is not ${what}; ${adviceOnThreads}`)
}

/** How far from 1 the length of a direction may be: far above rounding. */
const unitTolerance = 1e-9

export const adviceOnThreads = 'run again with one thread, and please report it if it happens twice'

/** A bound that is not a number proves nothing. */
function orInfinity(bound: number): number {
  return bound <= Number.POSITIVE_INFINITY ? bound : Number.POSITIVE_INFINITY
}

function isRegion(value: unknown, { r, c, X }: ConeContext): value is Region {
  if (!isRecord(value)) return false
  const { bound, depth, sign, signs, cone } = value
  const sided = c === 1 ? sign === 1 || sign === -1 : sign === 0
  if (!(isNumber(bound) && !Number.isNaN(bound) && isCount(depth) && sided)) return false
  if (!isListOf(signs, (side): side is number => side === 1 || side === -1)) return false
  return cone === null ? signs.length <= r : isCone(cone, r, c, X.rows)
}

function isCone(value: unknown, r: number, c: number, n: number): value is Cone {
  if (!isRecord(value)) return false
  const { generators, active, crossing, sign, depth, bound, point, value: attained, cut } = value
  const numbers = isNumber(sign) && isCount(depth) && isNumber(bound) && isNumber(attained)
  if (!(numbers && isVector(generators, r * r) && isVector(active, c * r) && isVector(point, r))) return false
  if (!(crossing instanceof Int32Array && crossing.every((i) => i >= 0 && i < n))) return false
  if (cut === null) return true
  return isRecord(cut) && isCount(cut.from) && isCount(cut.to) && cut.from < r && cut.to < r && isVector(cut.point, r)
}

function isMaximum(value: unknown, r: number): value is LocalMaximum {
  if (!(isRecord(value) && isNumber(value.value) && isVector(value.weights, r))) return false
  return Math.abs(norm2(value.weights) - 1) < unitTolerance
}

function recordOf(value: unknown): Record<string, unknown> {
  check(isRecord(value), 'a message')
  return value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isListOf<T>(value: unknown, accept: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(accept)
}

function isVector(value: unknown, length: number): value is Float64Array {
  return value instanceof Float64Array && value.length === length && value.every(Number.isFinite)
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
