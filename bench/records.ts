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
export type BenchRecord = PricingRecord | FitRecord

/** Seen from `bench/dist`. */
const folder = new URL('../out/', import.meta.url)

/** What earlier runs of a command have left in bench/out, each figure with the conditions it was measured under. */
export function readRecords(command: string): readonly BenchRecord[] {
  const file = fileOf(command)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as BenchRecord[]) : []
}

/** Adds a record; takes the place of the one with its name and seed, so that a part can be measured again. */
export function keepRecord(command: string, record: BenchRecord): void {
  const same = (other: BenchRecord): boolean =>
    other.name === record.name && other.conditions.seed === record.conditions.seed
  const records = readRecords(command)
  const at = records.findIndex(same)
  const next = at < 0 ? [...records, record] : records.with(at, record)
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(command), `${JSON.stringify(next, undefined, 1)}\n`)
}

export function isFit(record: BenchRecord): record is FitRecord {
  return record.group === 'fit' || record.group === 'target'
}

function fileOf(command: string): string {
  return fileURLToPath(new URL(`${command}.json`, folder))
}
