import { type Model, modelOutputs } from '@relucent/core'
import { type Block, lines, type Series } from '@relucent/plot'
import { counted } from '../format.ts'
import { perClass } from '../metrics.ts'
import { outputNames } from './names.ts'
import { hyperplane, padded, type Ranked } from './neurons.ts'
import { type Rows, shownRows, shownSentence } from './subject.ts'

/** More outputs than the palette has colours are not told apart. */
const mostOutputs = 7

/** The function of a single feature, exactly: between its kinks it is straight. */
export function fittedCurve(model: Model, { raw, problem, labels }: Rows, neurons: readonly Ranked[]): Block[] {
  const [low, high] = padded(raw.data)
  const kinks = kinksOf(model, neurons).filter((x) => x > low && x < high)
  const corners = Float64Array.of(low, ...kinks, high)
  const F = perClass(model, modelOutputs(model, { rows: corners.length, cols: 1, data: corners }))
  const Y = perClass(model, problem.Y)
  const names = outputNames(model).slice(0, mostOutputs)
  const shown = shownRows(raw.rows)
  // Of a class, the rows that are in it: that the others are not is seen from theirs.
  const dataOf = (k: number): Pick<Series, 'x' | 'y'> => {
    const own = labels === null ? shown : shown.filter((i) => labels[i] === k)
    return { x: own.map((i) => raw.data[i]), y: column(Y, k, own) }
  }
  const column = ({ data, cols }: { data: Float64Array; cols: number }, k: number, rows: readonly number[]): number[] =>
    rows.map((i) => data[i * cols + k])
  const every = Array.from(corners.keys())
  const series = names.flatMap((name, k): Series[] => [
    { name: `data: ${name}`, ...dataOf(k), line: 'none', place: k },
    { name: `network: ${name}`, x: corners, y: column(F, k, every), place: k },
  ])
  const svg = lines({
    width: 880,
    height: 400,
    surface: 'page',
    alt: `The network as a function of ${model.featureNames[0]}, with ${counted(kinks.length, 'kink')} in view, and the data.`,
    x: { label: model.featureNames[0] },
    y: { label: model.classes === null && names.length === 1 ? names[0] : 'output' },
    series,
    references: kinks.map((value) => ({ axis: 'x', value, faint: true })),
    legend: true,
  })
  const classes =
    model.classes === null ? '' : ' Points stand at 1, the target of their class; the largest output decides.'
  const cut =
    outputNames(model).length > mostOutputs ? ` The first ${mostOutputs} of ${outputNames(model).length} outputs.` : ''
  const dotted =
    kinks.length === 0 ? '' : ` Dotted: the ${counted(kinks.length, 'kink')}, where a neuron becomes active.`
  const caption = `What the network answers, and the data.${dotted}` + `${classes}${cut}${shownSentence(raw.rows)}`
  return [{ kind: 'figure', svg, caption }]
}

function kinksOf(model: Model, neurons: readonly Ranked[]): number[] {
  const places = neurons.map((neuron) => hyperplane(model, neuron)).map(({ normal, offset }) => -offset / normal[0])
  return [...new Set(places.filter((x) => Number.isFinite(x)))].toSorted((a, b) => a - b)
}
