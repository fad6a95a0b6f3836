import { copositive, frankWolfe, type Problem } from '@relucent/core'
import { lines, type Series } from '@relucent/plot'
import { percent } from './curves.ts'
import type { Context, Experiment, Findings, Table } from './experiment.ts'
import { formatGap } from '../format.ts'
import { spiralProblem } from './problems.ts'
import { type Descended, descended, type Solved, solved } from './solving.ts'

interface Size {
  readonly betas: readonly number[]
  readonly perClass: number
  readonly neurons: number
  readonly epochs: number
  readonly steps: number
  /** CPU time for the copositive relaxation, and for Algorithm 1, at one β. */
  readonly seconds: number
}

const full: Size = {
  betas: [1e-4, 1e-3, 1e-2, 0.1, 0.3, 1, 3, 10, 100],
  perClass: 20,
  neurons: 1000,
  epochs: 2000,
  steps: 1000,
  seconds: 4,
}
const quick: Size = { betas: [1e-2, 0.3, 10], perClass: 5, neurons: 20, epochs: 100, steps: 50, seconds: 5 }

const dataSeed = 0
const tolerance = 1e-8
const relaxedTolerance = 1e-6

interface AtBeta {
  readonly beta: number
  readonly generated: Solved
  readonly relaxed: Solved
  /** Null where the optimum is the zero network, which has no t. */
  readonly printed: Solved | null
  readonly descent: Descended
}

export const figure3: Experiment = {
  name: 'fig3',
  title: 'Figure 3: the three-class spiral over β',
  async run(context) {
    const size = context.quick ? quick : full
    const results: AtBeta[] = []
    for (const beta of size.betas)
      results.push(await atBeta(spiralProblem(dataSeed, size.perClass, beta), size, context))
    return findings(size, results)
  },
}

async function atBeta(problem: Problem, size: Size, context: Context): Promise<AtBeta> {
  const { beta } = problem
  const { perClass, neurons, epochs, steps, seconds } = size
  const part = <T>(what: string, settings: object, work: () => Promise<T>): Promise<T> => {
    context.say(`fig3: β = ${beta}, ${what}`)
    return context.part(`fig3-${what.replaceAll(' ', '-')}-${beta}`, { beta, dataSeed, perClass, ...settings }, work)
  }
  const generated = await part('column generation', { tolerance }, () =>
    solved(problem, undefined, { tolerance, cpuSeconds: 60 }, context),
  )
  const relaxed = await part('copositive', { tolerance: relaxedTolerance, seconds }, () =>
    solved(problem, copositive(), { tolerance: relaxedTolerance, cpuSeconds: seconds }, context),
  )
  const t = generated.gauge
  const printed =
    t > 0
      ? await part('algorithm 1', { tolerance, steps, t, seconds }, () => {
          const limits = { tolerance, cpuSeconds: seconds, maxIterations: steps }
          return solved(problem, frankWolfe({ variant: 'classic', t }), limits, context)
        })
      : null
  const descent = await part('sgd', { neurons, epochs }, () =>
    descended(problem, { neurons, epochs, seed: 0 }, context),
  )
  return { beta, generated, relaxed, printed, descent }
}

function findings(size: Size, results: readonly AtBeta[]): Findings {
  const { perClass, neurons, epochs } = size
  const samples = 3 * perClass
  return {
    comparisons: [
      {
        what: 'data',
        paper: '60 × 2 spiral of three classes',
        here: `${samples} × 2 by the same formula, noise drawn anew`,
      },
      { what: 'β', paper: 'about 1e-4 … 1e2', here: size.betas.join(', ') },
      {
        what: 'gradient descent',
        paper: '1000 neurons, 8000 epochs, rate 1e-3 or 2e-3',
        here: `${neurons} neurons, ${epochs} epochs, rate from the curvature`,
      },
      {
        what: 'Algorithm 1',
        paper: '1000 iterations, t by hand',
        here: `at most ${size.steps} claims of 32 steps, or ${size.seconds} s of CPU time, t of the optimum`,
      },
      { what: 'copositive relaxation', paper: 'first-order solver, 20,000 iterations', here: 'interior point' },
      { what: 'optimum', paper: 'none certified', here: 'column generation, certified' },
    ],
    remarks: remarksOn(results),
    differences: [
      'The authors’ draw of the noise is not known here, so that values of the objective are not comparable with the paper’s.',
      'In the plane no cell has more than four facets, so that the relaxation is exact.',
      'Gradient descent has fewer epochs than in the paper; the relaxation and Algorithm 1 have a limit of time at each β.',
    ],
    figures: [
      { name: 'fig3', svg: drawObjectives(results) },
      { name: 'fig3-excess', svg: drawExcess(results) },
    ],
    tables: [resultTable(results), timeTable(results)],
  }
}

const excess = ({ generated }: AtBeta, objective: number): number => objective / generated.objective - 1

function remarksOn(results: readonly AtBeta[]): string[] {
  const widest = Math.max(...results.map(({ generated }) => generated.relativeGap ?? Number.POSITIVE_INFINITY))
  const worst = results.reduce((a, b) => (excess(b, b.descent.objective) > excess(a, a.descent.objective) ? b : a))
  const zero = results.filter(({ generated }) => generated.neurons === 0).map(({ beta }) => beta)
  const relaxed = Math.max(...results.map((one) => Math.abs(one.relaxed.lowerBound / one.generated.objective - 1)))
  const above = percent(excess(worst, worst.descent.objective))
  return [
    `Column generation certifies the optimum at each β, to relative gaps of at most ${formatGap(widest)}.`,
    `The relaxation’s bound is within ${formatGap(relaxed)} of the optimum, relatively, at each β.`,
    `Gradient descent is farthest above the optimum at β = ${worst.beta}: by ${above}.`,
    ...(zero.length > 0 ? [`At β = ${zero.join(', ')} the optimum is the zero network.`] : []),
  ]
}

function drawObjectives(results: readonly AtBeta[]): string {
  const x = results.map(({ beta }) => beta)
  const series: Series[] = [
    { name: 'column generation', x, y: results.map(({ generated }) => generated.objective) },
    { name: 'gradient descent', x, y: results.map(({ descent }) => descent.objective), line: 'none', place: 1 },
    {
      name: 'Algorithm 1',
      x,
      y: results.map(({ printed }) => printed?.objective ?? Number.NaN),
      line: 'none',
      markers: 'hollow',
      place: 2,
    },
    {
      name: 'copositive, bound',
      x,
      y: results.map(({ relaxed }) => relaxed.lowerBound),
      line: 'none',
      markers: 'hollow',
      place: 3,
    },
  ]
  return lines({
    title: 'The three-class spiral: objective over β',
    x: { label: 'β', scale: 'log' },
    y: { label: 'objective' },
    series,
    caption: 'On the line: certified optima. What is above it could be better; a lower bound on it is tight.',
  })
}

function drawExcess(results: readonly AtBeta[]): string {
  const x = results.map(({ beta }) => beta)
  return lines({
    title: 'How far each ends from the certified optimum',
    x: { label: 'β', scale: 'log' },
    y: { label: 'objective / optimum − 1', scale: 'log' },
    series: [
      {
        name: 'gradient descent',
        x,
        y: results.map((one) => excess(one, one.descent.objective)),
        place: 1,
        markers: 'filled',
      },
      {
        name: 'Algorithm 1',
        x,
        y: results.map((one) => (one.printed ? excess(one, one.printed.objective) : Number.NaN)),
        place: 2,
        markers: 'hollow',
      },
      {
        name: 'copositive, network',
        x,
        y: results.map((one) => excess(one, one.relaxed.objective)),
        place: 3,
        markers: 'hollow',
      },
      {
        name: 'certified gap',
        x,
        y: results.map((one) => one.generated.relativeGap ?? Number.NaN),
        place: 0,
      },
    ],
    caption: 'Values at or below the rounding of the optimum are left out.',
  })
}

function resultTable(results: readonly AtBeta[]): Table {
  return {
    name: 'fig3',
    title: 'Objectives',
    head: [
      'β',
      'optimum',
      'certified gap',
      'relaxation, bound',
      'relaxation, network',
      'Algorithm 1',
      'gradient descent',
      'neurons of the optimum',
    ],
    rows: results.map(({ beta, generated, relaxed, printed, descent }) => [
      beta,
      generated.objective,
      generated.relativeGap,
      relaxed.lowerBound,
      relaxed.objective,
      printed?.objective ?? null,
      descent.objective,
      generated.neurons,
    ]),
  }
}

function timeTable(results: readonly AtBeta[]): Table {
  return {
    name: 'fig3-times',
    title: 'CPU seconds',
    head: ['β', 'column generation', 'relaxation', 'Algorithm 1', 'gradient descent', 'its epochs'],
    rows: results.map(({ beta, generated, relaxed, printed, descent }) => [
      beta,
      generated.seconds,
      relaxed.seconds,
      printed?.seconds ?? null,
      descent.seconds,
      descent.epochs,
    ]),
  }
}
