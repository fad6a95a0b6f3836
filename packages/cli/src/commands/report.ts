import type { Command } from 'commander'
import type { Action } from '../action.ts'
import { exitCodes } from '../exit-codes.ts'
import { openOutput } from '../files.ts'
import { counted } from '../format.ts'
import { addOutputOptions, addTableOptions, type OutputFlags, type TableFlags } from '../options.ts'
import { schemaVersion } from '../output.ts'
import { readSubject } from '../report/read-subject.ts'
import { contradicts } from '../report/subject.ts'
import { openSession, version } from '../session.ts'

interface ReportFlags extends TableFlags, OutputFlags {
  readonly out: string
  readonly force?: boolean
}

export function addReport(program: Command, action: Action): void {
  const command = program
    .command('report')
    .description('Draws a page with figures about a model, which any browser opens; nothing is solved.')
    .argument('<model>', 'model.json')
    .argument('[data]', 'the CSV file the model was trained on, or - for standard input; without it less can be drawn')
    .option('--out <file>', 'where the page goes', 'report.html')
    .option('--force', 'overwrite an existing file')
  addOutputOptions(addTableOptions(command))
    .addHelpText(
      'after',
      `
Examples:
  relucent report model.json data.csv
  relucent report model.json data.csv --out spiral.html --force`,
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
  const { reportPage } = await import('../report/document.ts')
  const page = reportPage({ ...subject, warnings: terminal.warnings })
  await output.write(page)
  const figures = page.split('<figure>').length - 1
  const record = {
    command: 'report',
    schemaVersion,
    version,
    exitCode: exitCodes.done,
    report: output.path,
    figures,
    sameData: subject.rows?.trainedOn ?? null,
    reproduce: subject.command.text,
    warnings: terminal.warnings,
  } as const
  session.result(record, `Wrote ${output.path}: ${counted(figures, 'figure')}; open it in a browser.`)
  return exitCodes.done
}
