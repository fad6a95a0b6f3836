import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { lines, panels, type Series } from '@relucent/plot'
import { cost, sizesOf } from './record-tables.ts'
import { type BenchRecord, type FitRecord, isFit, type PricingRecord } from './records.ts'

/** Seen from `bench/dist`. */
const folder = new URL('../../docs/figures/', import.meta.url)

/** Draws what there are records of, and answers the files written. */
export function writeFigures(records: readonly BenchRecord[]): string[] {
  const growth = records.filter((one): one is PricingRecord => one.group === 'growth')
  const fits = records.filter(isFit).filter(({ group }) => group === 'fit')
  const files: string[] = []
  if (growth.length > 0) files.push(write('pricing-growth.svg', growthFigure(growth)))
  if (fits.length > 0) files.push(write('gap-against-time.svg', gapFigure(fits)))
  return files
}

/** Seconds against n, both logarithmic; markers are runs (hollow: ended by the limit), the line is their median, the dots are linear growth. */
function growthFigure(records: readonly PricingRecord[]): string {
  const ranks = [...new Set(records.map(({ measured }) => measured.rank))]
  const series = ranks.flatMap((rank, place): Series[] => {
    const sizes = sizesOf(records, rank)
    const x = sizes.map(({ n }) => n)
    const from = sizes.find(({ n }) => n >= 1000) ?? sizes[0]
    const runs = (reached: boolean): Pick<Series, 'x' | 'y'> => {
      const of = records.filter(({ measured, reached: done }) => measured.rank === rank && done === reached)
      return { x: of.map(({ measured }) => measured.n), y: of.map(({ measured }) => cost(measured)) }
    }
    return [
      { x, y: sizes.map(({ n }) => (from.seconds * n) / from.n), place, faint: true },
      { name: `rank ${rank}`, x, y: sizes.map(({ seconds }) => seconds), place },
      { ...runs(true), place, line: 'none' },
      { ...runs(false), place, line: 'none', markers: 'hollow' },
    ]
  })
  return lines({
    width: 720,
    height: 420,
    alt: 'Seconds against the number of samples, both axes logarithmic.',
    x: { label: 'samples n', scale: 'log' },
    y: { label: 'time to a gap of 1e-4', unit: 's', scale: 'log' },
    series,
  })
}

/** The certified gap over the time of each fit, a panel each; the cross is what was wanted. */
function gapFigure(records: readonly FitRecord[]): string {
  const figures = records.map(({ name, measured, wanted }) => {
    const gap = clamped(wanted.relativeGap ?? 1)
    return lines({
      width: 310,
      height: 220,
      title: name,
      x: { label: 'time', unit: 's', scale: 'log', domain: [least.seconds, 1000] },
      y: { label: 'certified relative gap', scale: 'log', domain: [least.gap, 1], ticks: [1e-8, 1e-6, 1e-4, 1e-2, 1] },
      series: [
        {
          x: measured.course.map(([seconds]) => Math.max(seconds, least.seconds)),
          y: measured.course.map(([, reached]) => clamped(reached)),
          line: 'step',
        },
      ],
      references: [{ axis: 'y', value: gap, faint: true }],
      points: wanted.seconds === undefined ? [] : [{ x: wanted.seconds, y: gap }],
    })
  })
  return panels({ figures, columns: 3, alt: 'Certified relative gap against seconds, a panel for each fit.' })
}

/** Smaller ones are drawn here. */
const least = { seconds: 0.05, gap: 1e-8 }

function clamped(gap: number): number {
  return Math.min(1, Math.max(gap, least.gap))
}

function write(name: string, content: string): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(name, folder), content)
  return fileURLToPath(new URL(name, folder))
}
