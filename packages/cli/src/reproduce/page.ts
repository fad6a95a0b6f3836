import { formatValue } from '../format.ts'
import { plain } from '../report/markdown.ts'
import type { Cell, Experiment, Findings, Table } from './experiment.ts'

export interface About {
  readonly version: string
  readonly quick: boolean
  readonly node: string
  readonly processor: string
}

const vectorOutputPaper =
  'Sahiner, Ergen, Pauly, Pilanci, “Vector-output ReLU neural network problems are copositive programs”, ICLR 2021'

/** The Markdown page of an experiment: settings side by side, what is seen, figures, tables, what differs. */
export function pageOf(
  { title, name, paper = vectorOutputPaper }: Experiment,
  findings: Findings,
  about: About,
): string {
  const { comparisons, remarks, differences, figures, tables } = findings
  const shown = tables.filter(({ fileOnly }) => fileOnly !== true)
  const sections = [
    `# ${plain(title)}`,
    `${plain(paper)}. Made by ` +
      `\`relucent reproduce ${name}${about.quick ? ' --quick' : ''}\`, version ${about.version}.`,
    ...(about.quick
      ? ['**A small version, to see that everything works: its numbers are not those of the experiment.**']
      : []),
    '## Settings',
    table(
      ['', 'paper', 'here'],
      comparisons.map(({ what, paper, here }) => [what, paper, here]),
    ),
    '## What is seen',
    bullets(remarks),
    ...figures.map((figure) => `![${plain(figure.name)}](${figure.name}.svg)`),
    '## Numbers',
    ...shown.map(tableText),
    `All numbers: ${[`${name}.json`, ...tables.map((one) => `${one.name}.csv`)].map((file) => `[${file}](${file})`).join(', ')}.`,
    '## What differs',
    bullets(differences),
    `Times are seconds of CPU time on ${plain(about.processor)}, Node ${plain(about.node)}, one thread.`,
  ]
  return `${sections.join('\n\n')}\n`
}

function bullets(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${plain(sentence)}`).join('\n')
}

function tableText({ title, head, rows }: Table): string {
  return `### ${plain(title)}\n\n${table(head, rows)}`
}

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]): string => `| ${cells.map(cellText).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

function cellText(cell: Cell): string {
  if (cell === null) return '–'
  // A number at the start is escaped as if it began a list, which no cell is.
  if (typeof cell === 'string') return plain(cell).replaceAll('\\.', '.')
  return Math.abs(cell) < 1e-3 && cell !== 0 ? cell.toExponential(2) : formatValue(Number(cell.toPrecision(7)))
}
