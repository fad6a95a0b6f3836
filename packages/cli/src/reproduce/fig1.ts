import { columnGeneration, frankWolfe, type Problem, type Solver } from '@relucent/core'
import { lines, type Series } from '@relucent/plot'
import type { Context, Experiment, Findings, Table } from './experiment.ts'
import { formatGap, formatSeconds, formatValue } from '../format.ts'
import { percent } from './curves.ts'
import { teacherProblem } from './problems.ts'
import { type Descended, descended, fastest, repeats, secondsTo, type Solved, solved } from './solving.ts'

interface Size {
  readonly widths: readonly number[]
  readonly runs: number
  readonly epochs: number
  /** CPU time that each way to a gap of 1e-3 may take. */
  readonly seconds: number
}

const full: Size = { widths: [10, 50], runs: 5, epochs: 20_000, seconds: 10 }
const quick: Size = { widths: [5, 10], runs: 2, epochs: 200, seconds: 0.5 }

const beta = 1e-2
const dataSeed = 0
const tolerance = 1e-8
const equalGap = 1e-3

interface Run extends Descended {
  readonly width: number
  readonly seed: number
}

interface Rival extends Solved {
  readonly name: string
}

export const figure1: Experiment = {
  name: 'fig1',
  title: 'Figure 1: gradient descent of narrow networks against the optimum',
  async run(context) {
    const size = context.quick ? quick : full
    const problem = teacherProblem(dataSeed, 25, beta)
    context.say('fig1: the certified optimum')
    const optimum = await context.part('fig1-optimum', { beta, dataSeed, tolerance }, () =>
      solved(problem, undefined, { tolerance, cpuSeconds: 60 }, context),
    )
    const runs = await descents(problem, size, context)
    const rivals = await waysToEqualGap(problem, optimum.gauge, size, context)
    return findings(size, optimum, runs, rivals)
  },
}

async function descents(problem: Problem, { widths, runs, epochs }: Size, context: Context): Promise<Run[]> {
  const done: Run[] = []
  for (const width of widths) {
    for (let seed = 0; seed < runs; seed++) {
      context.say(`fig1: gradient descent, ${width} neurons, run ${seed + 1} of ${runs}`)
      const run = await context.part(`fig1-sgd-${width}-${seed}`, { beta, dataSeed, width, seed, epochs }, () =>
        descended(problem, { neurons: width, epochs, seed }, context),
      )
      done.push({ ...run, width, seed })
    }
  }
  return done
}

async function waysToEqualGap(problem: Problem, t: number, size: Size, context: Context): Promise<Rival[]> {
  const ways: Readonly<Record<string, () => Solver>> = {
    'column generation': columnGeneration,
    'Algorithm 1, as printed': () => frankWolfe({ variant: 'classic', t }),
    'Algorithm 1, line search': () => frankWolfe({ variant: 'line-search', t }),
    'Algorithm 1, corrective': () => frankWolfe(),
    'Algorithm 1, without t': () => frankWolfe({ form: 'gauge' }),
  }
  const done: Rival[] = []
  for (const [k, [name, make]] of Object.entries(ways).entries()) {
    context.say(`fig1: ${name}, to a gap of ${equalGap}`)
    const settings = { beta, dataSeed, name, seconds: size.seconds, equalGap, repeats }
    const run = await context.part(`fig1-way-${k}`, settings, () =>
      fastest(() => solved(problem, make(), { tolerance: equalGap, cpuSeconds: size.seconds }, context)),
    )
    done.push({ ...run, name })
  }
  return done
}

function findings(size: Size, optimum: Solved, runs: readonly Run[], rivals: readonly Rival[]): Findings {
  const [fastest, ...others] = rivals
  const base = secondsTo(equalGap, fastest)
  return {
    comparisons: [
      {
        what: 'data',
        paper: '25 × 2 Gaussian, teacher of 100 neurons, 5 outputs',
        here: 'the same, drawn anew (seed 0)',
      },
      { what: 'β', paper: '0.01', here: String(beta) },
      {
        what: 'gradient descent',
        paper: '10 and 50 neurons, 5 runs, 20,000 epochs, rate 4e-5',
        here: descentText(size),
      },
      {
        what: 'convex solution',
        paper: 'Algorithm 1, 30,000 iterations, t = 1.495 by hand',
        here: optimumText(optimum),
      },
    ],
    remarks: [
      `The optimum is ${formatValue(optimum.objective)}, certified to a relative gap of ${formatGap(optimum.relativeGap)} in ${formatSeconds(optimum.seconds)} of CPU time.`,
      ...size.widths.map((width) => widthRemark(width, runs, optimum)),
      ...others.map((way) => ratioRemark(way, base)),
    ],
    differences: [
      'The draw of the data is not the paper’s, so that its values of the objective are not comparable; the teacher’s weights are standard normal.',
      'The learning rate is not the paper’s 4e-5, which belongs to its data: it is 1 / curvature at the start, halved on plateaus, with the same momentum of 0.95.',
      'Algorithm 1, as printed and with line search, is given the t of the certified optimum where the paper tuned t by hand: the best it can be given. Its fully corrective forms find t by bisection, or do without, the gauge being a penalty.',
    ],
    figures: [
      { name: 'fig1', svg: drawRuns(optimum, runs) },
      { name: 'fig1-gap', svg: drawGaps(rivals) },
    ],
    tables: [runTable(runs, optimum), wayTable(rivals, base), curveTable(runs)],
  }
}

function descentText({ widths, runs, epochs }: Size): string {
  return `${widths.join(' and ')} neurons, ${runs} runs, ${epochs.toLocaleString('en')} epochs, rate from the curvature`
}

function optimumText({ relativeGap, iterations }: Solved): string {
  return `column generation, ${iterations} claims, relative gap ${formatGap(relativeGap)}`
}

const excess = (objective: number, optimum: Solved): number => objective / optimum.objective - 1

function widthRemark(width: number, runs: readonly Run[], optimum: Solved): string {
  const shares = runs.filter((run) => run.width === width).map(({ objective }) => excess(objective, optimum))
  const [least, most] = [Math.min(...shares), Math.max(...shares)].map(percent)
  return `Gradient descent with ${width} neurons ends between ${least} and ${most} above the optimum.`
}

function ratioRemark(way: Rival, base: number | null): string {
  const seconds = secondsTo(equalGap, way)
  const reached = `a certified gap of ${equalGap}`
  if (seconds === null) {
    return `${way.name}: no ${reached.slice(2)} within ${formatSeconds(way.seconds)}; it stood at ${formatGap(way.relativeGap)}.`
  }
  const ratio = base === null ? '' : `, ${(seconds / base).toPrecision(3)} times that of column generation`
  return `${way.name}: ${reached} after ${formatSeconds(seconds)} of CPU time${ratio}.`
}

function drawRuns(optimum: Solved, runs: readonly Run[]): string {
  const widths = [...new Set(runs.map(({ width }) => width))]
  const series = runs.map(
    ({ width, curve }): Series => ({
      name: `gradient descent, ${width} neurons`,
      x: curve.x.map((epoch) => epoch + 1),
      y: curve.y,
      place: widths.indexOf(width) + 1,
    }),
  )
  return lines({
    title: 'Objective of gradient descent, and the certified optimum',
    x: { label: 'epoch, from 1', scale: 'log' },
    y: { label: 'objective', scale: 'log' },
    series,
    references: [{ axis: 'y', value: optimum.objective, label: 'optimum' }],
    caption: `25 × 2 inputs, 5 outputs, teacher of 100 neurons, β = ${beta}; each line is one start.`,
  })
}

function drawGaps(rivals: readonly Rival[]): string {
  return lines({
    title: 'Certified gap over time',
    x: { label: 'CPU time', unit: 's', scale: 'log' },
    y: { label: 'relative gap', scale: 'log' },
    series: rivals.map(({ name, history }) => ({
      name,
      x: history.map(({ seconds }) => seconds),
      y: history.map(({ objective, lowerBound }) => (objective - lowerBound) / objective),
      line: 'step' as const,
      markers: history.length < 12 ? ('filled' as const) : ('none' as const),
    })),
    references: [{ axis: 'y', value: equalGap, label: String(equalGap) }],
    caption: 'All bounds hold over all networks; each method stops at the line or when its time is up.',
  })
}

function runTable(runs: readonly Run[], optimum: Solved): Table {
  return {
    name: 'fig1-runs',
    title: 'Runs of gradient descent',
    head: ['neurons', 'seed', 'objective', 'above the optimum', 'epochs', 'CPU seconds'],
    rows: runs.map(({ width, seed, objective, epochs, seconds }) => [
      width,
      seed,
      objective,
      excess(objective, optimum),
      epochs,
      seconds,
    ]),
  }
}

function wayTable(rivals: readonly Rival[], base: number | null): Table {
  return {
    name: 'fig1-ways',
    title: `Ways to a certified relative gap of ${equalGap}`,
    head: ['method', 'CPU seconds to it', 'times column generation', 'claims', 'gap in the end'],
    rows: rivals.map((way) => {
      const seconds = secondsTo(equalGap, way)
      return [
        way.name,
        seconds,
        seconds === null || base === null ? null : seconds / base,
        way.iterations,
        way.relativeGap,
      ]
    }),
  }
}

function curveTable(runs: readonly Run[]): Table {
  return {
    name: 'fig1-curves',
    title: 'Objective along the runs',
    head: ['neurons', 'seed', 'epoch', 'objective'],
    rows: runs.flatMap(({ width, seed, curve }) => curve.x.map((epoch, k) => [width, seed, epoch, curve.y[k]])),
    fileOnly: true,
  }
}
