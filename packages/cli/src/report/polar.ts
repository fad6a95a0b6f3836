import { type Block, formatNumber, lines, panels, type Point } from '@relucent/plot'
import { counted, formatValue } from '../format.ts'
import { bothDirections, type Circle, greatCircles } from './great-circle.ts'
import type { Ranked } from './neurons.ts'
import type { Rows } from './subject.ts'

/** ω along great circles: where a person sees that nothing can be gained, and that every neuron earns its place. */
export function polarBlocks(rows: Rows, neurons: readonly Ranked[]): Block[] {
  const { problem, residual } = rows
  const circles = greatCircles(problem, residual, neurons)
  if (circles.length === 0) {
    return [{ kind: 'text', text: withoutCircle(rows) }]
  }
  const whole = problem.reduction.rank === 2
  const top = circles.reduce((most, { omega }) => Math.max(most, ...omega), problem.beta)
  const drawn = circles.map((circle) =>
    circleFigure(circle, problem.beta, top, { whole, single: circles.length === 1 }),
  )
  const svg =
    drawn.length === 1
      ? drawn[0]
      : panels({ figures: drawn, columns: 2, surface: 'page', alt: alt(circles, top, problem.beta) })
  return [
    {
      kind: 'text',
      text:
        'ω(u) = ‖Zᵀ(Xu)₊‖ with Z = Y − F says how much a neuron in the direction u would gain. At an optimum no direction ' +
        'exceeds β, and the direction of every neuron reaches β exactly: there is nothing to add, and nothing to take away.',
    },
    { kind: 'figure', svg, caption: caption(circles, whole) },
  ]
}

function withoutCircle({ problem, residual }: Rows): string {
  if (problem.reduction.rank === 0) return 'The data are 0: no neuron could do anything.'
  const [one, other] = bothDirections(problem, residual)
  return (
    'The data have rank 1: there are two directions for a neuron only. ' +
    `There, ω(u) = ‖Zᵀ(Xu)₊‖ with Z = Y − F is ${formatValue(one)} β and ${formatValue(other)} β; at an optimum neither exceeds β.`
  )
}

const sizes = { one: { width: 880, height: 340 }, several: { width: 440, height: 260 } } as const

function circleFigure(
  { degrees, omega, neurons, through }: Circle,
  beta: number,
  top: number,
  { whole, single }: { whole: boolean; single: boolean },
): string {
  return lines({
    ...(single ? sizes.one : sizes.several),
    surface: 'page',
    title: whole ? undefined : titleOf(through),
    alt: alt([{ degrees, omega, neurons, through }], top, beta),
    x: { label: 'θ', unit: 'degrees', domain: [0, 360], ticks: [0, 90, 180, 270, 360] },
    y: { label: 'ω(u(θ))', domain: [0, 1.12 * top] },
    series: [{ x: degrees, y: omega }],
    references: [{ axis: 'y', value: beta, label: `β = ${formatNumber(beta)}` }],
    points: labelled(neurons, single ? 3 : 7),
    legend: false,
  })
}

/** Above this many, numbers hide each other. */
const mostLabels = 24

/** Neurons whose numbers would hide each other share a label; `glyph` is the width of a digit, in degrees. */
function labelled(neurons: Circle['neurons'], glyph: number): Point[] {
  const points = neurons.map(({ number, degrees, omega }) => ({ x: degrees, y: omega, number }))
  if (points.length > mostLabels) return points
  let clusters = points.toSorted((a, b) => a.x - b.x).map((point) => [point])
  for (;;) {
    const crowded = clusters.findIndex((one, k) => k > 0 && overlap(clusters[k - 1], one, glyph))
    if (crowded < 0) break
    clusters = clusters.toSpliced(crowded - 1, 2, [...clusters[crowded - 1], ...clusters[crowded]])
  }
  return clusters.flatMap((cluster) => {
    const middle = Math.floor((cluster.length - 1) / 2)
    return cluster.map(({ x, y }, k) => ({ x, y, label: k === middle ? textOf(cluster) : undefined }))
  })
}

type Cluster = readonly { readonly x: number; readonly number: number }[]

function textOf(cluster: Cluster): string {
  return cluster.map(({ number }) => number).join(', ')
}

function overlap(left: Cluster, right: Cluster, glyph: number): boolean {
  const at = (cluster: Cluster): number => cluster[Math.floor((cluster.length - 1) / 2)].x
  const letters = textOf(left).length + textOf(right).length
  return at(right) - at(left) < (glyph * (letters + 1)) / 2
}

function titleOf(through: readonly number[]): string {
  if (through.length === 0) return 'Through two axes'
  return through.length === 1 ? `Through neuron ${through[0]}` : `Through neurons ${through.join(' and ')}`
}

function caption(circles: readonly Circle[], whole: boolean): string {
  const none = circles.every(({ neurons }) => neurons.length === 0)
  const through = none
    ? 'through two axes of the data: there is no neuron'
    : 'through two neurons each, strongest first'
  const what = whole
    ? 'ω on the whole circle of directions: the data have rank 2.'
    : `ω along ${counted(circles.length, 'great circle')}, ${through}.`
  const crosses = none ? '' : ' Crosses: the directions of neurons, with their numbers in the table below.'
  return (
    `${what}${crosses} The curve is sampled; the ` +
    'certificate does not rest on it but on a bound over all directions.'
  )
}

function alt(circles: readonly Circle[], top: number, beta: number): string {
  const neurons = circles.flatMap((circle) => circle.neurons.map(({ omega }) => omega / beta))
  const range =
    neurons.length === 0
      ? 'There is no neuron on it.'
      : `At the neurons it is between ${formatValue(Math.min(...neurons))} β and ${formatValue(Math.max(...neurons))} β.`
  return `The polar function along ${counted(circles.length, 'great circle')}. Its largest sampled value is ${formatValue(top / beta)} β. ${range}`
}
