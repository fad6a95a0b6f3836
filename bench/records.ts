import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Conditions } from './conditions.ts'
import type { Measurement } from './measure.ts'
import type { PricingCase } from './pricing/cases.ts'
import type { PricingMeasurement } from './pricing/measure.ts'
import type { Wanted } from './target.ts'

interface Kept<G extends string, M, W> {
  readonly group: G
  readonly name: string
  readonly wanted: W
  readonly measured: M
  readonly reached: boolean
  readonly conditions: Conditions
}

export type PricingRecord = Kept<PricingCase['group'], PricingMeasurement, PricingCase['wanted']>
export type FitRecord = Kept<'target' | 'fit', Measurement, Wanted>
export interface ThreadsResult {
  readonly name: string
  readonly wanted: { readonly ratio: number }
  /** Nodes per second with one thread and with two, and how they compare. */
  readonly pairs: readonly { readonly one: number; readonly two: number; readonly ratio: number }[]
  /** The median. */
  readonly ratio: number
  readonly reached: boolean
  readonly conditions: Conditions
}

export type BenchRecord = PricingRecord | FitRecord

/** Seen from `bench/dist`. */
const folder = new URL('../out/', import.meta.url)

/** What earlier runs of a command have left in bench/out, each figure with the conditions it was measured under. */
export function readRecords(command: string): readonly BenchRecord[] {
  return (readResult(command) as BenchRecord[] | undefined) ?? []
}

/** Adds a record; takes the place of the one with its name and seed, so that a part can be measured again. */
export function keepRecord(command: string, record: BenchRecord): void {
  const same = (other: BenchRecord): boolean =>
    other.name === record.name && other.conditions.seed === record.conditions.seed
  const records = readRecords(command)
  const at = records.findIndex(same)
  const next = at < 0 ? [...records, record] : records.with(at, record)
  writeResult(command, next)
}

/** What is in bench/out/<command>.json; undefined where there is no such file. */
export function readResult(command: string): unknown {
  const file = fileOf(command)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

export function writeResult(command: string, result: object): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(command), `${JSON.stringify(result, undefined, 1)}\n`)
}

export function isFit(record: BenchRecord): record is FitRecord {
  return record.group === 'fit' || record.group === 'target'
}

function fileOf(command: string): string {
  return fileURLToPath(new URL(`${command}.json`, folder))
}
