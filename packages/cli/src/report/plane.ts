import { decidedClass, type Matrix, type Model, modelOutputs, responses } from '@relucent/core'
import { type Block, field, type Grid, type Group, panels, regions, type Segment } from '@relucent/plot'
import { counted } from '../format.ts'
import { outputsOf, perClass } from '../metrics.ts'
import { outputNames } from './names.ts'
import { hyperplane, padded, type Ranked } from './neurons.ts'
import { type Rows, shownRows, shownSentence } from './subject.ts'

const cells = 160

/** Lines of more neurons than this hide what they are drawn on. */
const mostLines = 40

/** More outputs than this are not drawn each. */
const mostPanels = 4

/** The network over two features: where it decides for which class, or the height of each output. */
export function planeBlocks(model: Model, rows: Rows, neurons: readonly Ranked[]): Block[] {
  const grid = gridOf(rows.raw)
  const F = responses(model.certificate.problem.loss, modelOutputs(model, pointsOf(grid)))
  const segments = neurons.slice(0, mostLines).flatMap((neuron) => segmentOf(model, neuron, grid))
  const lines =
    neurons.length <= mostLines ? '' : ` Lines of the ${mostLines} strongest of ${counted(neurons.length, 'neuron')}.`
  const svg = model.classes === null ? heights(model, rows, grid, F, segments) : decided(model, rows, grid, F, segments)
  const what =
    model.classes === null
      ? 'What the network answers (areas) and the targets (points, in the same colours).'
      : 'Where the network decides for which class, and the data.'
  const caption =
    `${what} Dashed: the line on one side of which a neuron is silent; the function bends nowhere else.` +
    `${lines}${shownSentence(rows.raw.rows)}`
  return [{ kind: 'figure', svg, caption }]
}

function common({ featureNames }: Model, grid: Grid, segments: readonly Segment[]) {
  const axes = { x: { label: featureNames[0] }, y: { label: featureNames[1] } }
  return { surface: 'page', grid, segments, segmentName: 'where a neuron starts', ...axes } as const
}

function decided(model: Model, rows: Rows, grid: Grid, F: Matrix, segments: readonly Segment[]): string {
  const names = outputNames(model)
  const labels = rows.labels ?? []
  const wrong = labels.filter((label, i) => decidedClass(outputsOf(rows.outputs, i)) !== label).length
  return regions({
    ...common(model, grid, segments),
    width: 760,
    alt: `Regions of ${counted(names.length, 'class')} over ${model.featureNames.join(' and ')}, ${counted(labels.length, 'row')} as points, ${wrong} of them in the region of another class.`,
    scores: names.map((_, k) => columnOf(perClass(model, F), k)),
    names,
    groups: names.map((_, k) => groupOf(rows, k)),
    ring: 'decided for another class',
  })
}

/** The points of one class; those decided wrongly are ringed. */
function groupOf({ raw, labels, outputs }: Rows, k: number): Group {
  const shown = shownRows(raw.rows).filter((i) => labels?.[i] === k)
  return {
    x: shown.map((i) => raw.data[2 * i]),
    y: shown.map((i) => raw.data[2 * i + 1]),
    ringed: shown.map((i) => decidedClass(outputsOf(outputs, i)) !== k),
  }
}

function heights(model: Model, rows: Rows, grid: Grid, F: Matrix, segments: readonly Segment[]): string {
  const { raw, problem } = rows
  const shown = shownRows(raw.rows)
  const names = outputNames(model).slice(0, mostPanels)
  const figures = names.map((name, k) =>
    field({
      ...common(model, grid, segments),
      width: names.length === 1 ? 760 : 440,
      title: names.length === 1 ? undefined : name,
      alt: `The output ${name} over ${model.featureNames.join(' and ')}, and ${counted(shown.length, 'row')} as points.`,
      values: columnOf(F, k),
      label: name,
      groups: [
        {
          name: 'data',
          x: shown.map((i) => raw.data[2 * i]),
          y: shown.map((i) => raw.data[2 * i + 1]),
          z: shown.map((i) => problem.Y.data[i * problem.Y.cols + k]),
        },
      ],
    }),
  )
  if (figures.length === 1) return figures[0]
  const all = outputNames(model).length
  const alt = `${all > names.length ? `The first ${names.length} of ${all}` : 'The'} outputs over ${model.featureNames.join(' and ')}.`
  return panels({ figures, columns: 2, surface: 'page', alt })
}

function gridOf({ data }: Matrix): Grid {
  const x = padded(data.filter((_, k) => k % 2 === 0))
  const y = padded(data.filter((_, k) => k % 2 === 1))
  return { x, y, columns: cells, rows: cells }
}

/** The middles of the cells, in the order in which a grid lists its values. */
function pointsOf({ x, y, columns, rows }: Grid): Matrix {
  const data = new Float64Array(2 * columns * rows)
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      data[2 * (j * columns + i)] = x[0] + ((i + 0.5) / columns) * (x[1] - x[0])
      data[2 * (j * columns + i) + 1] = y[0] + ((j + 0.5) / rows) * (y[1] - y[0])
    }
  }
  return { rows: columns * rows, cols: 2, data }
}

function columnOf({ rows, cols, data }: Matrix, k: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => data[i * cols + k])
}

/** The part of the neuron's line that is inside the grid; nothing where it misses it. */
export function segmentOf(
  model: Pick<Model, 'preprocessing' | 'bias'>,
  neuron: Ranked,
  { x, y }: Pick<Grid, 'x' | 'y'>,
): Segment[] {
  const { normal, offset } = hyperplane(model, neuron)
  const [a, b] = normal
  const onSides = [
    ...x.map((at) => ({ x: at, y: -(offset + a * at) / b })),
    ...y.map((at) => ({ x: -(offset + b * at) / a, y: at })),
  ]
  const inside = onSides.filter((at) => at.x >= x[0] && at.x <= x[1] && at.y >= y[0] && at.y <= y[1])
  // Through a corner it meets two sides in one point: the two that are farthest apart are its ends.
  const distance = (p: (typeof inside)[number]): number =>
    Math.abs(p.x - inside[0].x) / (x[1] - x[0]) + Math.abs(p.y - inside[0].y) / (y[1] - y[0])
  const far = inside.toSorted((p, q) => distance(q) - distance(p)).at(0)
  if (far === undefined || !(distance(far) > 0)) return []
  return [{ x1: inside[0].x, y1: inside[0].y, x2: far.x, y2: far.y }]
}
