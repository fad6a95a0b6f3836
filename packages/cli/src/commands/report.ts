import type { Command } from 'commander'
import type { Action } from '../action.ts'
import { exitCodes } from '../exit-codes.ts'
import { openOutput } from '../files.ts'
import { counted } from '../format.ts'
import { addOutputOptions, addTableOptions, groups, type OutputFlags, type TableFlags } from '../options.ts'
import { schemaVersion } from '../output.ts'
import { readSubject } from '../report/read-subject.ts'
import { contradicts } from '../report/subject.ts'
import { openSession, version } from '../session.ts'

interface ReportFlags extends TableFlags, OutputFlags {
  readonly out: string
  readonly figures?: string
  readonly force?: boolean
}

export function addReport(program: Command, action: Action): void {
  const command = program
    .command('report')
    .description('Draws a page with figures about a model, which any browser opens; nothing is solved.')
    .argument('<model>', 'model.json')
    .argument('[data]', 'the data file the model was trained on, or - for standard input; without it less can be drawn')
    .optionsGroup(groups.files)
    .option('--out <file>', 'where the page goes', 'report.html')
    .option('--figures <folder>', 'write each figure as SVG there as well, and as PNG where that is possible')
    .option('--force', 'overwrite existing files')
  addOutputOptions(addTableOptions(command))
    .addHelpText(
      'after',
      `
Examples:
  relucent report model.json data.csv
  relucent report model.json data.csv --out spiral.html --figures figures --force`,
    )
    .action((model: string, data: string | undefined, flags: ReportFlags) => action(() => report(model, data, flags)))
}

async function report(modelPath: string, dataPath: string | undefined, flags: ReportFlags): Promise<number> {
  const session = openSession(flags)
  const output = await openOutput(flags.out, { force: flags.force ?? false })
  const subject = await readSubject(modelPath, dataPath, flags)
  const { terminal } = session
  if (subject.rows?.trainedOn === false) {
    terminal.warn(
      'these are not the rows the model was trained on: the page shows these rows, the certificate is about those',
    )
  }
  if (contradicts(subject)) terminal.warn('the network has another objective on these rows than the model file states')
  terminal.note('drawing the figures')
  const { figuresOf, pageText, reportOf } = await import('../report/document.ts')
  const { writeFigures } = await import('../report/figure-files.ts')
  const page = reportOf({ ...subject, warnings: terminal.warnings })
  const files = flags.figures === undefined ? [] : await writeFigures(page, flags.figures, flags, terminal)
  await output.write(pageText(page))
  const figures = figuresOf(page).length
  const record = {
    command: 'report',
    schemaVersion,
    version,
    exitCode: exitCodes.done,
    report: output.path,
    figures,
    figureFiles: files,
    sameData: subject.rows?.trainedOn ?? null,
    reproduce: subject.command.text,
    warnings: terminal.warnings,
  } as const
  session.result(
    record,
    [
      `Wrote ${output.path}: ${counted(figures, 'figure')}; open it in a browser.`,
      ...files.map((file) => `Wrote ${file}.`),
    ].join('\n'),
  )
  return exitCodes.done
}
