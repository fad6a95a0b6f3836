import { type Command, Option } from 'commander'
import type { Action } from '../action.ts'
import { usageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { counted, formatScore } from '../format.ts'
import { metricNames, metrics, score as evaluate } from '../metrics.ts'
import { readModel, readScored } from '../model-file.ts'
import { addOutputOptions, addTableOptions, type OutputFlags, type TableFlags } from '../options.ts'
import { finiteOrNull, schemaVersion } from '../output.ts'
import type { Metric } from '../records.ts'
import { openSession, version } from '../session.ts'

interface ScoreFlags extends TableFlags, OutputFlags {
  readonly metric?: Metric
}

export function addScore(program: Command, action: Action): void {
  const command = program
    .command('score')
    .description('Compares the predictions of a model with the targets in the data.')
    .argument('<model>', 'model.json')
    .argument('<data>', 'data file in any format, or - for standard input')
    .addOption(
      new Option('--metric <metric>', 'default: r2 for regression, accuracy for classification').choices(metrics),
    )
  addOutputOptions(addTableOptions(command))
    .addHelpText('after', '\nExample:\n  relucent score model.json test.csv')
    .action((model: string, data: string, flags: ScoreFlags) => action(() => score(model, data, flags)))
}

async function score(modelPath: string, dataPath: string, flags: ScoreFlags): Promise<number> {
  const session = openSession(flags)
  const model = await readModel(modelPath)
  const metric = flags.metric ?? (model.classes === null ? 'r2' : 'accuracy')
  if (metric === 'accuracy' && model.classes === null) {
    throw usageError('--metric accuracy needs a classifier, this model is a regression', 'use r2 or mse')
  }
  const rows = await readScored(model, dataPath, flags)
  const value = evaluate(metric, model.network, rows)
  session.result(
    {
      command: 'score',
      schemaVersion,
      version,
      exitCode: exitCodes.done,
      metric,
      value: finiteOrNull(value),
      n: rows.X.rows,
      warnings: session.terminal.warnings,
    },
    `${metricNames[metric]} ${formatScore(value)} on ${counted(rows.X.rows, 'row')}`,
  )
  return exitCodes.done
}
