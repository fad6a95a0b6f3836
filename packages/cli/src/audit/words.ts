import { type Audit, describe } from '@relucent/core'
import { counted, formatGap, formatSeconds, formatValue, roundedTo } from '../format.ts'
import type { AuditRecord, Figure } from '../records.ts'

/** The audit for people. The first line says which biases are counted: nothing below can be understood without it. */
export function auditWords(record: AuditRecord, { certificate }: Audit, exceeded: boolean): string {
  return [
    biasLine(record),
    ...trainingLines(record),
    '',
    subjectLine(record),
    balanceLine(record),
    verdictLine(record),
    '',
    describe(certificate),
    boundLine(record),
    '',
    'What could be changed:',
    ...changes(record).map((line) => `  ${line}`),
    ...polishedLines(record),
    ...(exceeded
      ? ['', `The relative gap ${formatGap(record.relativeGap)} exceeds --max-gap ${formatGap(record.maxGap)}.`]
      : []),
  ].join('\n')
}

function biasLine({ biases }: AuditRecord): string {
  if (biases.length === 0)
    return 'Biases counted: none, the network has none; it is compared with networks without biases.'
  const hidden = biases.includes('hidden') ? ['the hidden ones, inside the weight decay'] : []
  const output = biases.includes('output') ? ['the output bias, as one more neuron at β‖b₂‖'] : []
  return `Biases counted: ${[...hidden, ...output].join('; ')}.`
}

/** A gap is about the objective stated. Whether training had the same one depends on the biases it decayed. */
function trainingLines({ biases, biasPenalty, training }: AuditRecord): string[] {
  if (biases.length === 0) return []
  if (training !== null) {
    const { objective, lowerBound, relativeGap } = training
    return [
      'In training the output bias was decayed by β/2 ‖b₂‖² instead (--bias-penalty all).',
      `That objective is ${shown(objective)}, and no network has less than ${roundedTo(8, lowerBound ?? 0, 'down')}: relative gap ${formatGap(relativeGap)}.`,
    ]
  }
  const free = biases.filter((kind) => biasPenalty === 'none' || (biasPenalty === 'hidden' && kind === 'output'))
  if (free.length === 0) return []
  return [
    `In training the ${free.join(' and the ')} bias was free (--bias-penalty ${biasPenalty}). With free biases still lower objectives may be possible, so`,
    'the gap below compares networks whose biases are counted, and says nothing about the optimum of that training.',
  ]
}

function subjectLine({ file, format, neurons, d, c, bias, beta }: AuditRecord): string {
  const inputs = d - (bias ? 1 : 0)
  const kind = format === 'model' ? 'model' : `weights read as ${format}`
  return `${file} (${kind}): ${counted(inputs, 'input')}, ${counted(neurons, 'hidden neuron')}, ${counted(c, 'output')}; β = ${beta}.`
}

function balanceLine({ givenObjective, objective }: AuditRecord): string {
  const saved = (givenObjective ?? Number.NaN) - (objective ?? Number.NaN)
  if (!(saved > 0 && formatValue(givenObjective ?? 0) !== formatValue(objective ?? 0))) {
    return `Objective ${shown(objective)}; its layers are balanced as they are.`
  }
  return `Objective ${shown(objective)} after balancing its layers (‖u‖ = ‖v‖), which does not change the function; ${shown(givenObjective)} as given.`
}

/** What is attained and what is proven, as shares of this network's own objective, each rounded to the safe side. */
function verdictLine({ biases, relativeGap, lowerBound, objective, bestObjective }: AuditRecord): string {
  if (relativeGap === null || objective === null) return 'Nothing is proven about it.'
  if (relativeGap === 0) return 'It is a global optimum, up to rounding.'
  const attained = (objective - (bestObjective ?? objective)) / objective
  const found =
    attained > 0
      ? `A network was found whose objective is ${percent(attained, 'down')} lower`
      : 'No lower one was found'
  if (lowerBound === 0)
    return `${found}; how much lower others can be is open, since nothing was proven in the time given.`
  const counting = biases.length > 0 ? ', its biases counted in the same way,' : ''
  return `${found}; none of any width${counting} can be more than ${percent(relativeGap, 'up')} lower.`
}

function percent(share: number, direction: 'up' | 'down'): string {
  const value = roundedTo(3, 100 * share, direction)
  return `${value < 1e-4 ? value.toExponential() : value} %`
}

function boundLine({ method, bestObjective, objective, elapsedSeconds }: AuditRecord): string {
  const source = method === 'residual' ? "the network's own residual" : 'a solve that started from the network'
  const better =
    bestObjective !== null && objective !== null && bestObjective < objective
      ? ` The best network found has objective ${formatValue(bestObjective)}.`
      : ''
  return `The bound comes from ${source} (${formatSeconds(elapsedSeconds)}).${better}`
}

function changes(record: AuditRecord): string[] {
  const { simplification, addition, neurons, features, bias } = record
  const { inactive, merged, dropped } = simplification
  const named = (list: readonly number[]): string => nameNeurons(list, neurons)
  const lines: string[] = []
  if (inactive.length > 0)
    lines.push(`drop ${counted(inactive.length, 'neuron')} inactive on every sample: ${named(inactive)}`)
  if (merged.length > 0) {
    const groups = limited(merged.map((group) => groupText(group, neurons)))
    lines.push(`replace ${counted(merged.length, 'group')} of neurons by one neuron each: ${groups}`)
  }
  if (dropped.length > 0)
    lines.push(
      `drop ${counted(dropped.length, 'neuron')} not worth ${dropped.length === 1 ? 'its' : 'their'} penalty: ${named(dropped)}`,
    )
  if (lines.length > 0) lines.push(togetherLine(record))
  else lines.push('no neuron was found that can be merged or dropped without raising the objective')
  if (addition === null) return [...lines, 'no neuron was found whose addition lowers the objective']
  const names = bias ? [...features, ''] : features
  return [
    ...lines,
    `the best neuron to add lowers the objective by ${formatGap(addition.gain)}${weightsText(addition, names)}`,
  ]
}

function togetherLine({ neurons, biases, simplification }: AuditRecord): string {
  const constant = biases.includes('output') ? 1 : 0
  const note = constant > 0 ? ', an output bias counted as one' : ''
  const left = `${neurons + constant} → ${counted(simplification.neurons, 'neuron')}${note}`
  return `all of this: ${left}; objective ${shown(simplification.objective)} (neurons are numbered from 0)`
}

/** More members than this do not help anyone. */
const mostMembers = 6

function groupText(group: readonly number[], hidden: number): string {
  const shownOnes = group.slice(0, mostMembers).map((j) => nameNeuron(j, hidden))
  return group.length > mostMembers ? `${shownOnes.join('+')}+…(${group.length})` : shownOnes.join('+')
}

/** More weights than this do not help anyone; --json has them all. */
const mostWeights = 6

function weightsText({ u, v }: NonNullable<AuditRecord['addition']>, names: readonly string[]): string {
  if (u.length > mostWeights || v.length > mostWeights) return ' (its weights: --json)'
  const terms = u.map((value, k) => `${rounded(value)}${names[k] === '' ? '' : `·${names[k]}`}`).join(' + ')
  return `: (${terms.replaceAll('+ -', '− ')})₊ · [${v.map(rounded).join(', ')}]`
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)))
}

const mostNames = 8

function limited(names: readonly string[]): string {
  const more = names.length - mostNames
  return `${names.slice(0, mostNames).join(', ')}${more > 0 ? ` and ${more} more (--json)` : ''}`
}

function nameNeurons(list: readonly number[], hidden: number): string {
  return limited(list.map((j) => nameNeuron(j, hidden)))
}

function nameNeuron(j: number, hidden: number): string {
  return j === hidden ? 'the output bias' : String(j)
}

function polishedLines({ polished }: AuditRecord): string[] {
  if (polished === null) return []
  const { status, objective, lowerBound, relativeGap, neurons, model } = polished
  const verdict =
    status === 'optimal' ? 'a certified optimum up to the tolerance' : `not certified to the tolerance (${status})`
  return [
    '',
    `Polished: ${verdict}; objective ${shown(objective)}, lower bound ${shown(lowerBound)}, relative gap ${formatGap(relativeGap)}, ${counted(neurons, 'neuron')}. Wrote ${model}.`,
  ]
}

function shown(value: Figure): string {
  return formatValue(value ?? Number.NaN)
}
