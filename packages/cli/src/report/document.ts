import { describe } from '@relucent/core'
import { type Block, type Page, renderPage, type Section, type Verdict } from '@relucent/plot'
import { counted, formatGap, formatScore, formatValue } from '../format.ts'
import { headlines } from '../fit/headlines.ts'
import { metricNames } from '../metrics.ts'
import { convergenceBlocks } from './convergence.ts'
import { fittedCurve } from './fitted-curve.ts'
import { type Ranked, ranked } from './neurons.ts'
import { planeBlocks } from './plane.ts'
import { polarBlocks } from './polar.ts'
import { projectionBlocks } from './projection.ts'
import { neuronTable, spectrumBlocks } from './spectrum.ts'
import { contradicts, type Subject } from './subject.ts'

/** The report page: one HTML file about a model. */
export function reportPage(subject: Subject): string {
  return renderPage(reportOf(subject))
}

export function pageText(page: Page): string {
  return renderPage(page)
}

export interface NamedFigure {
  /** For a file: the place of its section and of the figure in it. */
  readonly name: string
  readonly svg: string
}

export function figuresOf({ sections }: Page): NamedFigure[] {
  return sections.flatMap(({ title, blocks }) => {
    const drawn = blocks.filter((block) => block.kind === 'figure')
    const slug = title.toLowerCase().replaceAll(/[^a-z]+/g, '-')
    return drawn.map(({ svg }, k) => ({ name: drawn.length === 1 ? slug : `${slug}-${k + 1}`, svg }))
  })
}

export function reportOf(subject: Subject): Page {
  const { model, rows, history } = subject
  const neurons = ranked(model)
  const noData: Block = { kind: 'notice', text: 'Not drawn: no data were given. relucent report MODEL DATA draws it.' }
  const withRows = (draw: (known: NonNullable<typeof rows>) => Block[]): Block[] =>
    rows === undefined ? [noData] : draw(rows)
  const sections: readonly Section[] = [
    { title: 'Convergence', blocks: convergenceBlocks(history, model.settings.tolerance) },
    { title: 'What another neuron would gain', blocks: withRows((known) => polarBlocks(known, neurons)) },
    { title: 'What the network does', blocks: withRows((known) => answers(subject, known, neurons)) },
    {
      title: 'Neurons',
      blocks: [...spectrumBlocks(neurons, model.beta), ...neuronTable(subject, neurons)],
    },
    { title: 'Data and score', blocks: dataBlocks(subject) },
    { title: 'Settings, and how to reproduce it', blocks: reproduction(subject) },
  ]
  return { title: titleOf(subject), verdict: verdictOf(subject), sections, footer: footer(subject) }
}

function titleOf({ model }: Subject): string {
  const { targetNames, featureNames, classes } = model
  const from = featureNames.length <= 3 ? featureNames.join(', ') : counted(featureNames.length, 'feature')
  return `Relucent: ${targetNames.join(', ')} ${classes === null ? '' : `(${counted(classes.length, 'class')}) `}from ${from}`
}

function verdictOf(subject: Subject): Verdict {
  const { status, certificate } = subject.model
  const sentences = describe(certificate).split('\n')
  if (contradicts(subject)) {
    const headline =
      'Contradicted: on the data it was trained on, the network has another objective than the file states.'
    const stated = `Stated: ${formatValue(certificate.objective)}; found: ${formatValue(subject.rows?.objective ?? Number.NaN)}. What follows is what the file states.`
    return { tone: 'bad', headline, sentences: [stated, ...sentences] }
  }
  const bad = certificate.crossed || certificate.relativeGap === null
  return { tone: bad ? 'bad' : status === 'optimal' ? 'good' : 'open', headline: headlines[status], sentences }
}

function answers({ model }: Subject, rows: NonNullable<Subject['rows']>, neurons: readonly Ranked[]): Block[] {
  switch (model.featureNames.length) {
    case 1:
      return fittedCurve(model, rows, neurons)
    case 2:
      return planeBlocks(model, rows, neurons)
    default:
      return projectionBlocks(model, rows)
  }
}

function dataBlocks({ model, rows, score }: Subject): Block[] {
  const { problem } = model.certificate
  const facts: [string, string][] = [
    ['rows trained on', String(problem.n)],
    ['features', model.featureNames.join(', ')],
    ['targets', model.targetNames.join(', ')],
    ...(model.classes === null ? [] : [['classes', model.classes.join(', ')] as [string, string]]),
    ['hash of the data', `${problem.dataHash} (after preprocessing, with the bias column where there is one)`],
  ]
  if (score !== undefined) {
    const on = rows === undefined || rows.trainedOn ? 'training rows' : 'rows shown'
    if (score.train !== null) facts.push([`${metricNames[score.metric]}, ${on}`, formatScore(score.train)])
    if (score.test !== null) facts.push([`${metricNames[score.metric]}, test rows`, formatScore(score.test)])
  }
  if (rows !== undefined) facts.push(['objective on the rows shown', formatValue(rows.objective)])
  const blocks: Block[] = [{ kind: 'facts', facts }]
  if (rows !== undefined && !rows.trainedOn) blocks.unshift({ kind: 'notice', text: otherData })
  return blocks
}

const otherData =
  'These are not the rows the model was trained on: their hash differs. The figures show the rows given; the certificate ' +
  'is about the rows trained on. (fit --test-fraction sets rows aside.)'

function reproduction({ model, command, environment, warnings }: Subject): Block[] {
  const { settings, certificate, preprocessing, bias, beta, betaRatio, version, status } = model
  const facts: [string, string][] = [
    ['Relucent', version],
    ['status', status],
    ['objective', formatValue(certificate.objective)],
    ['lower bound', formatValue(certificate.lowerBound)],
    ['relative gap', formatGap(certificate.relativeGap)],
    ['weight decay β', `${beta}${betaRatio === null ? '' : ` (${betaRatio} βmax)`}`],
    ['bias', bias ? 'a column of ones, inside the weight decay' : 'none'],
    ['preprocessing', preprocessing.kind],
    ['solver, oracle', `${settings.solver}, ${settings.oracle}`],
    ['tolerance', String(settings.tolerance)],
    ['seed', String(settings.seed)],
    ...environment.map(([name, value]): [string, string] => [name, value]),
  ]
  const source = command.typed
    ? 'The command, as it was typed:'
    : 'A command that solves the same problem, made from what the model file says; run it on the rows trained on:'
  const list: Block[] =
    warnings.length === 0 ? [] : [{ kind: 'list', items: warnings.map((text) => `Warning: ${text}`) }]
  return [...list, { kind: 'facts', facts }, { kind: 'text', text: source }, { kind: 'code', text: command.text }]
}

function footer({ rows, model }: Subject): string {
  const source = 'Figures of the certificate are those the fit wrote; relucent verify checks them again.'
  return `Made by Relucent ${model.version}. ${rows === undefined ? '' : 'Figures of the network were computed from the data. '}${source}`
}
