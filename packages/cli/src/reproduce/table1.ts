import {
  columnGeneration,
  coneProgram,
  copositiveValue,
  createPacer,
  createProblem,
  enumerationOracle,
  frankWolfe,
  gaussian,
  type Matrix,
  matrix,
  type Problem,
  seededRandom,
  type Solver,
  spikeFreeProgram,
} from '@relucent/core'
import { planted } from '@relucent/io'
import { lines, panels } from '@relucent/plot'
import { type Curve, exponent } from './curves.ts'
import type { Context, Experiment, Findings, Table } from './experiment.ts'
import { cpuClock, fastest, repeats, solved, withinCpuTime } from './solving.ts'

interface Size {
  /** Of general data: ranks and, for each, numbers of samples. */
  readonly general: readonly (readonly [rank: number, samples: readonly number[]])[]
  readonly spikeFree: readonly (readonly [rank: number, samples: readonly number[]])[]
  /** A curve ends with the first point that takes more CPU time. */
  readonly seconds: number
}

const full: Size = {
  general: [
    [2, [8, 16, 32, 64, 128]],
    [3, [6, 9, 13, 19, 28]],
    [4, [6, 8, 11, 15]],
  ],
  spikeFree: [
    [2, [16, 64, 256, 1024]],
    [4, [16, 64, 256, 1024]],
    [8, [16, 64, 256, 1024]],
  ],
  seconds: 4,
}
const quick: Size = { general: [[2, [5, 8]]], spikeFree: [[2, [6, 12]]], seconds: 1 }

const tolerance = 1e-4

const dataSeed = 0
const betaShare = 0.05

interface Method {
  readonly name: string
  readonly outputs: number
  readonly run: (
    problem: Problem,
    seconds: number,
    context: Context,
  ) => Promise<{ readonly seconds: number; readonly done: boolean }>
}

interface Point {
  readonly samples: number
  readonly seconds: number
  /** Solved to the tolerance in the time there was. */
  readonly done: boolean
}

interface Growth {
  readonly data: 'general' | 'spike-free'
  readonly method: string
  readonly rank: number
  readonly points: readonly Point[]
}

const outputs = 3

const withSolver = (name: string, c: number, make: () => Solver): Method => ({
  name,
  outputs: c,
  async run(problem, cpuSeconds, context) {
    const { seconds, relativeGap } = await solved(problem, make(), { tolerance, cpuSeconds }, context)
    return { seconds, done: relativeGap !== null && relativeGap <= tolerance }
  },
})

const relaxation = (name: string, isSpikeFree: boolean): Method => ({
  name,
  outputs,
  async run(problem, cpuSeconds, { signal }) {
    const clock = cpuClock()
    const only = isSpikeFree ? { patterns: [everyone(problem.X.rows)] } : {}
    const done = await withinCpuTime(cpuSeconds, signal, async (limited) => {
      const pacer = createPacer({ signal: limited })
      await copositiveValue(problem, { tolerance, pacer, ...only })
      return !pacer.expired()
    })
    return { seconds: clock(), done }
  },
})

const methods: Readonly<Record<Growth['data'], readonly Method[]>> = {
  general: [
    withSolver('scalar (9)', 1, () => coneProgram()),
    withSolver('vector, exact', outputs, () =>
      frankWolfe({ form: 'gauge', exact: (problem) => enumerationOracle(problem) }),
    ),
    relaxation('vector, relaxed (19)', false),
    withSolver('column generation', outputs, () => columnGeneration()),
  ],
  'spike-free': [
    withSolver('scalar (10)', 1, spikeFreeProgram),
    withSolver('vector, exact (15)', outputs, spikeFreeProgram),
    relaxation('vector, relaxed (20)', true),
  ],
}

export const table1: Experiment = {
  name: 'table1',
  title: 'Table 1: growth of the time with samples and rank',
  async run(context) {
    const size = context.quick ? quick : full
    const grown: Growth[] = []
    for (const data of ['general', 'spike-free'] as const) {
      const ranks = data === 'general' ? size.general : size.spikeFree
      for (const [k, method] of methods[data].entries()) {
        for (const [rank, samples] of ranks) grown.push(await growth({ data, method, k, rank, samples }, size, context))
      }
    }
    return findings(size, grown)
  },
}

interface Order {
  readonly data: Growth['data']
  readonly method: Method
  readonly k: number
  readonly rank: number
  readonly samples: readonly number[]
}

async function growth({ data, method, k, rank, samples }: Order, size: Size, context: Context): Promise<Growth> {
  const points: Point[] = []
  for (const n of samples) {
    context.say(`table1: ${data}, ${method.name}, rank ${rank}, ${n} samples`)
    const settings = {
      data,
      method: method.name,
      rank,
      samples: n,
      seconds: size.seconds,
      tolerance,
      betaShare,
      dataSeed,
      repeats,
    }
    const point = await context.part(`table1-${data}-${k}-${rank}-${n}`, settings, async () => {
      const problem = problemOf(data, n, rank, method.outputs)
      return fastest(() => method.run(problem, size.seconds, context))
    })
    points.push({ samples: n, ...point })
    if (!point.done) break
  }
  return { data, method: method.name, rank, points }
}

function problemOf(data: Growth['data'], n: number, rank: number, c: number): Problem {
  const random = seededRandom(dataSeed)
  const normal = (): number => gaussian(random)
  const { X, Y } = planted(normal, { n, d: rank, c, neurons: 10, noise: 0.1 })
  const inputs = data === 'general' ? X : onAxes(n, rank, normal)
  // A fixed share of the size of the data, so that no size is easier than another for its β.
  const beta = betaShare * Math.sqrt(Y.data.reduce((total, value) => total + value * value, 0))
  return createProblem({ X: inputs, Y, beta })
}

/** Positive multiples of the unit vectors in turn: spike-free for any number of samples. */
function onAxes(n: number, rank: number, normal: () => number): Matrix {
  const X = matrix(n, rank)
  for (let i = 0; i < n; i++) X.data[i * rank + (i % rank)] = 0.5 + Math.abs(normal())
  return X
}

function everyone(size: number): { readonly size: number; readonly words: Uint32Array } {
  const words = new Uint32Array(Math.ceil(size / 32)).fill(0xffffffff)
  if (size % 32 > 0) words[words.length - 1] = 2 ** (size % 32) - 1
  return { size, words }
}

const orders: Readonly<Record<string, string>> = {
  'scalar (9)': 'O((n/d)^(3r))',
  'vector, exact': 'O(n^r (n/d)^(3r))',
  'vector, relaxed (19)': 'O((n/d)^(3r))',
  'column generation': '–',
  'scalar (10)': 'O(n d²)',
  'vector, exact (15)': 'O(n^r)',
  'vector, relaxed (20)': 'O(n² d⁴)',
}

const curveOf = ({ points }: Growth): Curve => {
  const done = points.filter((point) => point.done)
  return { x: done.map(({ samples }) => samples), y: done.map(({ seconds }) => seconds) }
}

function findings(size: Size, grown: readonly Growth[]): Findings {
  const steepest = grown.filter(({ points }) => points.some(({ done }) => !done))
  return {
    comparisons: [
      {
        what: 'growth',
        paper: 'bounds on the number of operations',
        here: `CPU seconds to a relative gap of ${tolerance}`,
      },
      {
        what: 'general data',
        paper: 'any X of rank r',
        here: 'Gaussian, n × r, outputs of 10 planted neurons and noise',
      },
      { what: 'spike-free data', paper: 'any spike-free X', here: 'positive multiples of r unit vectors' },
      { what: 'outputs', paper: 'c', here: `1 and ${outputs}` },
    ],
    remarks: [
      'The exponent is the slope of the straight line through log seconds over log n: what was measured in this range, not what holds in the limit. ' +
        'The bounds of the paper are worst cases with the cost of a general conic solver in them.',
      ...steepest.map(({ method, rank, points }) => {
        const last = points[points.length - 1]
        return `${method}, rank ${rank}: not done within ${size.seconds} s of CPU time at n = ${last.samples}; larger ones were left out.`
      }),
    ],
    differences: [
      'Exact vector output is Algorithm 1 in its fully corrective form with the gauge as a penalty, over all cells; column generation, which lists no cells, is there for comparison.',
      'Spike-free rows on r rays are the only spike-free data of rank r.',
    ],
    figures: [{ name: 'table1', svg: draw(grown) }],
    tables: [exponentTable(grown), pointTable(grown)],
  }
}

/** A panel for each rank, general data above spike-free ones. */
function draw(grown: readonly Growth[]): string {
  const names: readonly Growth['data'][] = ['general', 'spike-free']
  const ranksOf = (data: Growth['data']): number[] => [
    ...new Set(grown.filter((one) => one.data === data).map(({ rank }) => rank)),
  ]
  const figures = names.flatMap((data) => ranksOf(data).map((rank) => drawPanel(grown, data, rank)))
  return panels({
    figures,
    columns: Math.max(...names.map((data) => ranksOf(data).length)),
    title: 'Time over the number of samples',
    caption: `To a relative gap of ${tolerance}. Fitted exponents are in the table.`,
  })
}

function drawPanel(grown: readonly Growth[], data: Growth['data'], rank: number): string {
  const order = methods[data].map(({ name }) => name)
  return lines({
    title: `${data === 'general' ? 'General' : 'Spike-free'} data, rank ${rank}`,
    width: 420,
    height: 300,
    x: { label: 'samples', scale: 'log' },
    y: { label: 'CPU time', unit: 's', scale: 'log' },
    series: grown
      .filter((one) => one.data === data && one.rank === rank)
      .map((one) => ({
        name: one.method,
        ...curveOf(one),
        markers: 'filled' as const,
        place: order.indexOf(one.method),
      })),
  })
}

function exponentTable(grown: readonly Growth[]): Table {
  return {
    name: 'table1',
    title: 'Fitted exponents of n',
    head: ['data', 'method', 'rank', 'samples', 'exponent', 'paper, bound'],
    rows: grown.map((one) => {
      const curve = curveOf(one)
      const range = curve.x.length > 0 ? `${curve.x[0]} … ${curve.x[curve.x.length - 1]}` : '–'
      return [one.data, one.method, one.rank, range, exponent(curve), orders[one.method] ?? '–']
    }),
  }
}

function pointTable(grown: readonly Growth[]): Table {
  return {
    name: 'table1-points',
    title: 'Measured times',
    head: ['data', 'method', 'rank', 'samples', 'CPU seconds', 'done'],
    rows: grown.flatMap(({ data, method, rank, points }) =>
      points.map(({ samples, seconds, done }) => [data, method, rank, samples, seconds, done ? 'yes' : 'no']),
    ),
    fileOnly: true,
  }
}
