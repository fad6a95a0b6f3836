import { outputNames } from './names.ts'
import { bars, type Block, lines } from '@relucent/plot'
import { counted, formatScore, formatValue } from '../format.ts'
import { hyperplane, length, type Ranked } from './neurons.ts'
import type { Subject } from './subject.ts'

const mostBars = 300

/** How the weight decay is spread over the neurons. */
export function spectrumBlocks(neurons: readonly Ranked[], beta: number): Block[] {
  if (neurons.length === 0) {
    return [{ kind: 'text', text: 'The network has no neuron: it answers 0 everywhere.' }]
  }
  const strengths = neurons.map(({ strength }) => strength)
  const total = strengths.reduce((sum, value) => sum + value, 0)
  const about = {
    width: 880,
    height: 240,
    surface: 'page',
    alt: `${counted(neurons.length, 'neuron')}, strongest ${formatValue(strengths[0])}, weakest ${formatValue(strengths[strengths.length - 1])}.`,
  } as const
  const value = { label: '‖u‖ ‖v‖' }
  const label = 'neuron, by strength'
  const svg =
    neurons.length <= mostBars
      ? bars({ ...about, values: strengths, bars: { label }, value })
      : lines({ ...about, x: { label }, y: value, series: [{ x: neurons.map(({ number }) => number), y: strengths }] })
  const caption =
    `Strengths ‖u‖‖v‖ of the ${counted(neurons.length, 'neuron')}, strongest first. Times β they add up to the weight ` +
    `decay of the balanced network, ${formatValue(beta * total)}.`
  return [{ kind: 'figure', svg, caption }]
}

const mostRows = 50

/** Weights of a vector that are named in a cell. */
const namedWeights = 3

export function neuronTable({ model, rows }: Subject, neurons: readonly Ranked[]): Block[] {
  if (neurons.length === 0) return []
  const inputs = model.bias ? [...model.featureNames, 'bias'] : model.featureNames
  const named = outputNames(model)
  // A single output speaks for the second of two classes.
  const outputs = model.network.outputs === 1 ? named.slice(-1) : named
  const single = model.featureNames.length === 1
  const columns = [
    { name: 'neuron', numeric: true },
    { name: '‖u‖‖v‖', numeric: true },
    ...(rows === undefined
      ? []
      : [
          { name: 'active rows', numeric: true },
          { name: 'ω(u/‖u‖)/β', numeric: true },
        ]),
    ...(single ? [{ name: `kink at ${inputs[0]}`, numeric: true }] : []),
    { name: 'largest input weights u' },
    { name: 'largest output weights v' },
  ]
  const table = neurons
    .slice(0, mostRows)
    .map((neuron) => [
      String(neuron.number),
      formatScore(neuron.strength),
      ...(rows === undefined ? [] : onRows(rows, neuron)),
      ...(single ? [kinkOf(model, neuron)] : []),
      largest(neuron.u, inputs),
      largest(neuron.v, outputs),
    ])
  const left = neurons.length - table.length
  const rest = left > 0 ? ` The ${counted(left, 'weakest neuron')} ${left === 1 ? 'is' : 'are'} in the model file.` : ''
  return [{ kind: 'table', caption: `Neurons, strongest first.${rest}`, columns, rows: table }]
}

function onRows({ problem, residual }: NonNullable<Subject['rows']>, { u }: Ranked): string[] {
  const { X, architecture, beta } = problem
  const atom = architecture.atom(X, u)
  const sums = new Float64Array(residual.cols)
  atom.forEach((height, i) => {
    for (let k = 0; k < sums.length; k++) sums[k] += height * residual.data[i * sums.length + k]
  })

  return [String(atom.filter((height) => height > 0).length), (length(sums) / length(u) / beta).toFixed(6)]
}

function kinkOf(model: Subject['model'], neuron: Ranked): string {
  const { normal, offset } = hyperplane(model, neuron)
  return normal[0] === 0 ? '–' : formatValue(-offset / normal[0])
}

function largest(weights: Float64Array, names: readonly string[]): string {
  const order = Array.from(weights.keys()).toSorted((a, b) => Math.abs(weights[b]) - Math.abs(weights[a]))
  const named = order.slice(0, namedWeights).map((k) => `${names[k]} ${signed(weights[k])}`)
  return order.length > namedWeights ? `${named.join(', ')}, …` : named.join(', ')
}

function signed(weight: number): string {
  return weight < 0 ? `−${formatScore(-weight)}` : `+${formatScore(weight)}`
}
