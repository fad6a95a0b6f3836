import { describe } from '@relucent/core'
import { headlines } from '../fit/headlines.ts'
import { counted, formatGap, formatScore, formatValue } from '../format.ts'
import { metricNames } from '../metrics.ts'
import { shellText } from './command-line.ts'
import { fenced, plain, table } from './markdown.ts'
import { ranked } from './neurons.ts'
import { contradicts, type Subject } from './subject.ts'

/**
 * A model card in Markdown, with the headings of Mitchell et al., "Model Cards for Model Reporting", 2019, as far as a
 * program can fill them; where a person has to, it says so.
 */
export function modelCard(subject: Subject, files: { readonly model: string; readonly data?: string }): string {
  const { model } = subject
  const sections = [
    `# Model card: ${plain(model.targetNames.join(', '))}`,
    `## Model\n\n${details(subject)}`,
    `## Intended use\n\n${use(subject)}`,
    `## Training data\n\n${data(subject)}`,
    `## Metrics\n\n${metrics(subject)}`,
    `## Certificate\n\n${certificate(subject)}`,
    `## Not claimed\n\n${limits(subject)}`,
    `## Reproduce\n\n${reproduce(subject, files)}`,
  ]
  return `${sections.join('\n\n')}\n`
}

function details({ model }: Subject): string {
  const { network, bias, preprocessing, version, classes } = model
  const kind = classes === null ? 'regression' : `classification; the class with the largest output is the answer`
  const strengths = ranked(model).map(({ strength }) => strength)
  return table(
    ['', ''],
    [
      ['Kind', `two-layer ReLU network, ${kind}`],
      ['Neurons', String(network.neurons.length)],
      ['Strengths ‖u‖‖v‖', strengths.length === 0 ? '–' : range(strengths)],
      ['Inputs', `${network.inputs}${bias ? ', the last is the constant 1 of the bias' : ''}`],
      ['Outputs', String(network.outputs)],
      ['Preprocessing', `${preprocessing.kind}, stored in the model`],
      ['Trained by', `Relucent ${version}`],
    ],
  )
}

function range(descending: readonly number[]): string {
  return `${formatScore(descending[0])} to ${formatScore(descending[descending.length - 1])}`
}

function use({ model }: Subject): string {
  const { featureNames, targetNames, classes } = model
  const answer = classes === null ? 'Estimates' : 'Chooses among the classes of'
  const listed = classes === null ? '' : ` (${classes.map((name) => plain(String(name))).join(', ')})`
  return [
    `${answer} ${targetNames.map(plain).join(', ')}${listed} from ${counted(featureNames.length, 'feature')}: ` +
      `${featureNames.map(plain).join(', ')}.`,
    'Meant for rows like those it was trained on, in the same units. Who may rely on it, and for which decisions, is not ' +
      'something a program can know: write it here.',
  ].join('\n\n')
}

function data({ model, rows }: Subject): string {
  const { n, d, c, rank, dataHash } = model.certificate.problem
  const lines = [
    table(['rows', 'inputs', 'outputs', 'rank', 'hash'], [[String(n), String(d), String(c), String(rank), dataHash]]),
    'After preprocessing, with the bias column where there is one. Where the data are from, and whom they are about: ' +
      'write it here.',
  ]
  if (rows !== undefined && !rows.trainedOn) lines.push('The data given for this card are other rows than those.')
  return lines.join('\n\n')
}

function metrics({ score, rows }: Subject): string {
  if (score === undefined || rows === undefined) {
    return 'None: a model file stores no scores. `relucent card MODEL DATA` adds them.'
  }
  const where = rows.trainedOn ? 'the training rows' : 'other rows than those trained on'
  return [
    table(
      ['metric', 'value', 'rows'],
      [
        [
          metricNames[score.metric],
          score.train === null ? '–' : formatScore(score.train),
          `${rows.raw.rows}, ${where}`,
        ],
      ],
    ),
    ...(rows.trainedOn ? ['A score on the rows a model was trained on says little about new ones.'] : []),
  ].join('\n\n')
}

function certificate(subject: Subject): string {
  const { model, rows } = subject
  const { objective, lowerBound, relativeGap, scope, boundFrom } = model.certificate
  const figures = table(
    ['objective', 'lower bound', 'relative gap', 'scope', 'proven by'],
    [[formatValue(objective), formatValue(lowerBound), formatGap(relativeGap), scope, boundFrom]],
  )
  const found = formatValue(rows?.objective ?? Number.NaN)
  const headline = contradicts(subject)
    ? `Contradicted: on these data the network has the objective ${found}. The file states:`
    : headlines[model.status]
  const sentences = describe(model.certificate)
    .split('\n')
    .filter((sentence) => !sentence.startsWith('Not claimed'))
  return [`**${plain(headline)}**`, ...sentences.map(plain), figures].join('\n\n')
}

function limits({ model }: Subject): string {
  const own = describe(model.certificate)
    .split('\n')
    .filter((sentence) => sentence.startsWith('Not claimed'))
    .map((sentence) => plain(sentence.replace(/^Not claimed: /, '').replace(/\.$/, '')))
  return [
    ...own,
    'that the objective is the right one for the purpose',
    'fairness, robustness or causality',
    'anything about inputs outside the range of the training rows, where the function goes on linearly',
  ]
    .map((line) => `- ${line}`)
    .join('\n')
}

function reproduce({ model, command }: Subject, files: { readonly model: string; readonly data?: string }): string {
  const { settings, beta } = model
  return [
    `β = ${beta}, seed ${settings.seed}, tolerance ${settings.tolerance}, ${settings.solver} with ${settings.oracle}. On the rows trained on:`,
    fenced(command.text, 'sh'),
    'To check the certificate again, without the solver:',
    fenced(shellText(['relucent', 'verify', files.model, files.data ?? 'DATA']), 'sh'),
  ].join('\n\n')
}
