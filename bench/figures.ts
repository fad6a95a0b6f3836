import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
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

/** Seconds against n, both logarithmic; dots are runs (hollow: ended by the limit), the line is their median, the dashes are linear growth. */
function growthFigure(records: readonly PricingRecord[]): string {
  const runs = records.map(({ measured, reached }) => {
    return { n: measured.n, seconds: cost(measured), rank: `rank ${measured.rank}`, reached }
  })
  const ranks = [...new Set(records.map(({ measured }) => measured.rank))]
  const medians = ranks.flatMap((rank) => sizesOf(records, rank).map((size) => ({ ...size, rank: `rank ${rank}` })))
  const ends = ranks.map((rank) => medians.filter((one) => one.rank === `rank ${rank}`).at(-1)!)
  const slopes = ranks.flatMap((rank) => {
    const sizes = sizesOf(records, rank)
    const from = sizes.find(({ n }) => n >= 1000) ?? sizes[0]
    return sizes.map(({ n }) => ({ n, seconds: (from.seconds * n) / from.n, rank: `rank ${rank}` }))
  })
  return svg({
    width: 720,
    height: 420,
    marginLeft: 56,
    marginRight: 64,
    marginBottom: 44,
    x: { type: 'log', label: 'samples n', grid: true, ticks: decades(runs.map(({ n }) => n)), tickFormat: power },
    y: {
      type: 'log',
      label: 'seconds to a gap of 1e-4',
      grid: true,
      ticks: decades(runs.map(({ seconds }) => seconds)),
      tickFormat: power,
    },
    color: { domain: ranks.map((rank) => `rank ${rank}`), range: colours },
    marks: [
      Plot.line(slopes, {
        x: 'n',
        y: 'seconds',
        z: 'rank',
        stroke: 'rank',
        strokeDasharray: '3 4',
        strokeOpacity: 0.7,
      }),
      Plot.line(medians, { x: 'n', y: 'seconds', z: 'rank', stroke: 'rank', strokeWidth: 2 }),
      Plot.dot(runs, { x: 'n', y: 'seconds', stroke: 'rank', fill: 'white', r: 3 }),
      Plot.dot(runs, { x: 'n', y: 'seconds', fill: 'rank', r: 3, filter: 'reached' }),
      Plot.text(ends, { x: 'n', y: 'seconds', text: 'rank', fill: 'rank', textAnchor: 'start', dx: 8 }),
    ],
  })
}

/** The certified gap over the time of each fit, a panel each; the cross is what was wanted, the dashes are its gap. */
function gapFigure(records: readonly FitRecord[]): string {
  const columns = 3
  const panels = records.map((record, k) => ({ record, fx: k % columns, fy: Math.floor(k / columns) }))
  const steps = panels.flatMap(({ record: { name, measured }, fx, fy }) =>
    measured.course.map(([seconds, gap]) => ({
      name,
      fx,
      fy,
      seconds: Math.max(seconds, least.seconds),
      gap: clamped(gap),
    })),
  )
  const wanted = panels.map(({ record: { wanted, reached }, fx, fy }) => ({
    fx,
    fy,
    seconds: wanted.seconds,
    gap: clamped(wanted.relativeGap ?? 1),
    reached,
  }))
  const titles = panels.map(({ record: { name }, fx, fy }) => ({ name, fx, fy }))
  const facet = { fx: 'fx', fy: 'fy' }
  return svg({
    width: 900,
    height: 60 + 190 * Math.ceil(records.length / columns),
    marginLeft: 48,
    marginTop: 34,
    marginBottom: 44,
    fx: { axis: null, padding: 0.08 },
    fy: { axis: null, padding: 0.2 },
    x: {
      type: 'log',
      label: 'seconds',
      domain: [least.seconds, 1000],
      ticks: [0.1, 1, 10, 100, 1000],
      tickFormat: plain,
    },
    y: {
      type: 'log',
      label: 'certified relative gap',
      domain: [least.gap, 1],
      ticks: [1e-8, 1e-6, 1e-4, 1e-2, 1],
      tickFormat: power,
    },
    marks: [
      Plot.frame({ stroke: '#ccc' }),
      Plot.gridX({ ticks: [0.1, 1, 10, 100] }),
      Plot.gridY({ ticks: [1e-6, 1e-4, 1e-2] }),
      Plot.ruleY(wanted, { ...facet, y: 'gap', stroke: '#888', strokeDasharray: '3 3' }),
      Plot.line(steps, { ...facet, x: 'seconds', y: 'gap', curve: 'step-after', stroke: colours[0], strokeWidth: 2 }),
      Plot.dot(wanted, { ...facet, x: 'seconds', y: 'gap', symbol: 'times', stroke: colours[1], r: 5, strokeWidth: 2 }),
      Plot.text(titles, { ...facet, text: 'name', frameAnchor: 'top', dy: -14, fontWeight: 600 }),
    ],
  })
}

const colours = ['#1f6fb4', '#c8501e']

/** Smaller ones are drawn here. */
const least = { seconds: 0.05, gap: 1e-8 }

function clamped(gap: number): number {
  return Math.min(1, Math.max(gap, least.gap))
}

function decades(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.ceil(Math.log10(Math.max(...values)))
  return Array.from({ length: high - low + 1 }, (_, k) => 10 ** (low + k))
}

function plain(value: number): string {
  return String(Number(value.toPrecision(3)))
}

/** 10⁻⁴ for 1e-4; numbers near 1 as they are. */
function power(value: number): string {
  const exponent = Math.round(Math.log10(value))
  if (exponent >= -2 && exponent <= 3) return plain(value)
  return `10${Array.from(String(exponent), (digit) => superscripts[digit]).join('')}`
}

const superscripts: Record<string, string> = {
  '-': '⁻',
  0: '⁰',
  1: '¹',
  2: '²',
  3: '³',
  4: '⁴',
  5: '⁵',
  6: '⁶',
  7: '⁷',
  8: '⁸',
  9: '⁹',
}

/** A file of its own, on white so that it can be read on a dark page, its coordinates to a hundredth of a pixel. */
function svg(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<html><body></body></html>')
  const style = { background: 'white', color: '#222', fontSize: '12px', fontFamily: 'sans-serif' }
  const drawn = Plot.plot({ ...options, style, document })
  drawn.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  return `${drawn.outerHTML.replaceAll(/-?\d+\.\d{3,}/g, (number: string) => String(Number(Number(number).toFixed(2))))}\n`
}

function write(name: string, content: string): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(name, folder), content)
  return fileURLToPath(new URL(name, folder))
}
