import { decidedClass, type Matrix, type Model, responses, seededRandom } from '@relucent/core'
import { type Block, heatmap, scatter } from '@relucent/plot'
import { formatScore } from '../format.ts'
import { outputsOf } from '../metrics.ts'
import { outputNames } from './names.ts'
import { principalPlane } from './principal-plane.ts'
import { preparedFeatures, type Rows, shownRows, shownSentence } from './subject.ts'

/** A table of more classes than this cannot be read. */
const mostClasses = 20

/** More than two features: the data as seen from the side that shows most of them, and how the answers compare. */
export function projectionBlocks(model: Model, rows: Rows): Block[] {
  const compared = model.classes === null ? [observed(model, rows)] : confusion(model, rows)
  return [...projected(model, rows), ...compared]
}

function projected(model: Model, rows: Rows): Block[] {
  const { x, y, share } = principalPlane(preparedFeatures(model, rows.raw), seededRandom(0))
  const shown = shownRows(rows.raw.rows)
  const groups =
    model.classes === null
      ? [{ name: 'row', x: shown.map((i) => x[i]), y: shown.map((i) => y[i]) }]
      : model.classes.map((name, k) => {
          const own = shown.filter((i) => rows.labels?.[i] === k)
          const ringed = own.map((i) => decidedClass(outputsOf(rows.outputs, i)) !== k)
          return { name: String(name), x: own.map((i) => x[i]), y: own.map((i) => y[i]), ringed }
        })
  const svg = scatter({
    width: 640,
    surface: 'page',
    alt: `The rows projected on two principal directions, which hold ${formatScore(100 * share)} % of the variance.`,
    x: { label: 'first principal coordinate' },
    y: { label: 'second principal coordinate' },
    groups,
    equal: true,
    ring: 'decided for another class',
  })
  const text =
    `The data have ${model.featureNames.length} features. What follows is a projection on the two directions of largest ` +
    `variance, which hold ${formatScore(100 * share)} % of it: rows that lie apart may fall together in it, and regions and ` +
    'kinks of the network cannot be drawn in it.'
  const caption = `Principal coordinates of the rows, after preprocessing.${shownSentence(rows.raw.rows)}`
  return [
    { kind: 'notice', text },
    { kind: 'figure', svg, caption },
  ]
}

/** How often rows of each class (down) were decided for each class (across). */
function confusion(model: Model, rows: Rows): Block[] {
  const names = outputNames(model)
  if (names.length > mostClasses || rows.labels === null) return []
  const counts = new Float64Array(names.length ** 2)
  rows.labels.forEach((label, i) => {
    counts[label * names.length + decidedClass(outputsOf(rows.outputs, i))]++
  })
  const svg = heatmap({
    width: Math.min(880, 220 + 64 * names.length),
    surface: 'page',
    alt: 'How often rows of each class were decided for each class.',
    values: counts,
    rows: names,
    columns: names,
    rowLabel: 'class in the data',
    columnLabel: 'class decided for',
    label: 'rows',
  })
  return [{ kind: 'figure', svg, caption: 'Classes in the data (down) and classes decided for (across).' }]
}

function observed(model: Model, { problem, outputs, raw }: Rows): Block {
  const names = outputNames(model)
  const answers = responses(problem.loss.name, outputs)
  const shown = shownRows(raw.rows)
  const column = ({ data, cols }: Matrix, k: number): number[] => shown.map((i) => data[i * cols + k])
  const svg = scatter({
    width: 640,
    surface: 'page',
    alt: 'Answers of the network against targets.',
    x: { label: 'target' },
    y: { label: 'answer of the network' },
    diagonal: true,
    groups: names.map((name, k) => ({ name, x: column(problem.Y, k), y: column(answers, k) })),
  })
  const caption = `Answers of the network against targets; on the line they agree.${shownSentence(raw.rows)}`
  return { kind: 'figure', svg, caption }
}
