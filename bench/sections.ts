import { fitTable, growthTable, pricingTable } from './record-tables.ts'
import { type BenchRecord, type FitRecord, isFit, type PricingRecord } from './records.ts'

export type Section = readonly [title: string, text: string]

/** Title and table of each group that has records: what the commands print, and what docs/benchmarks.md has a place for. */
export function sections(records: readonly BenchRecord[]): Section[] {
  const fits = (group: FitRecord['group']) => records.filter(isFit).filter((one) => one.group === group)
  const prices = (group: PricingRecord['group']) =>
    records.filter((one): one is PricingRecord => !isFit(one)).filter((one) => one.group === group)
  return [
    ...section('targets', fits('target'), fitTable),
    ...section('random duals', prices('random'), pricingTable),
    ...section('residuals of a linear model', prices('residual'), pricingTable),
    ...section('duals near the optimum', prices('late'), pricingTable),
    ...section('growth with n', prices('growth'), growthTable),
    ...section('whole fits', fits('fit'), fitTable),
  ]
}

function section<R>(title: string, records: readonly R[], draw: (records: readonly R[]) => string): Section[] {
  return records.length > 0 ? [[title, draw(records)]] : []
}
