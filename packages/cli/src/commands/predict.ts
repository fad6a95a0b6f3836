import { predict as evaluate, responses } from '@relucent/core'
import { writeCsv, writeJsonRows } from '@relucent/io'
import { type Command, Option } from 'commander'
import type { Action } from '../action.ts'
import { exitCodes } from '../exit-codes.ts'
import { openOutput } from '../files.ts'
import { counted } from '../format.ts'
import { outputsOf, predictedCells } from '../metrics.ts'
import { readInputs, readModel } from '../model-file.ts'
import { addOutputOptions, addTableOptions, groups, type OutputFlags, type TableFlags } from '../options.ts'
import { finiteOrNull, schemaVersion } from '../output.ts'
import type { PredictRecord } from '../records.ts'
import { openSession, version } from '../session.ts'

interface PredictFlags extends TableFlags, OutputFlags {
  readonly out?: string
  readonly force?: boolean
  readonly format: 'csv' | 'json'
}

export function addPredict(program: Command, action: Action): void {
  const command = program
    .command('predict')
    .description('Applies a model to rows of data. Columns are found by name; others are ignored.')
    .argument('<model>', 'model.json')
    .argument('<data>', 'data file in any format, or - for standard input')
    .optionsGroup(groups.files)
    .option('--out <file>', 'where the predictions go (default: standard output)')
    .option('--force', 'overwrite an existing file')
    .addOption(new Option('--format <format>', 'of the predictions').choices(['csv', 'json']).default('csv'))
  addOutputOptions(addTableOptions(command))
    .addHelpText('after', '\nExample:\n  relucent predict model.json new.csv --out predictions.csv')
    .action((model: string, data: string, flags: PredictFlags) => action(() => predict(model, data, flags)))
}

async function predict(modelPath: string, dataPath: string, flags: PredictFlags): Promise<number> {
  const session = openSession(flags)
  const output =
    flags.out === undefined || flags.out === '-'
      ? undefined
      : await openOutput(flags.out, { force: flags.force ?? false })
  const model = await readModel(modelPath)
  const F = responses(model.certificate.problem.loss, evaluate(model.network, await readInputs(model, dataPath, flags)))
  const rows = Array.from({ length: F.rows }, (_, i) => predictedCells(model, outputsOf(F, i)))
  const text = flags.format === 'json' ? writeJsonRows(model.targetNames, rows) : writeCsv(model.targetNames, rows)
  await output?.write(text)
  const record: PredictRecord = {
    command: 'predict',
    schemaVersion,
    version,
    exitCode: exitCodes.done,
    n: F.rows,
    targets: model.targetNames,
    out: output?.path ?? null,
    predictions: output
      ? null
      : rows.map((row) => row.map((cell) => (typeof cell === 'number' ? finiteOrNull(cell) : cell))),
    warnings: session.terminal.warnings,
  }
  session.result(record, output ? `${counted(F.rows, 'prediction')} in ${output.path}` : text.replace(/\n$/, ''))
  return exitCodes.done
}
