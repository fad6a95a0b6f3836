import type { Model } from '@relucent/core'
import { writeCsv } from '@relucent/io'
import type { TableFlags } from '../options.ts'

/** Arguments as a POSIX shell reads them back. */
export function shellText(args: readonly string[]): string {
  return args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)).join(' ')
}

/** A command that trains this model again, from what the model says of itself, on the rows it was trained on. */
export function fitCommand(model: Model, dataPath: string, { header, delimiter }: TableFlags): string {
  const { targetNames, featureNames, task, bias, preprocessing, beta, settings, encoding } = model
  const categories = featureNames.filter((_, k) => encoding?.columns[k].kind === 'category')
  return shellText([
    'relucent',
    'fit',
    dataPath,
    '--target',
    columnList(targetNames),
    '--features',
    columnList(featureNames),
    '--task',
    task,
    ...(categories.length > 0 ? ['--one-hot', columnList(categories)] : []),
    ...(bias ? ['--bias'] : []),
    ...(preprocessing.kind === 'none' ? [] : ['--preprocess', preprocessing.kind]),
    '--beta',
    String(beta),
    '--tolerance',
    String(settings.tolerance),
    '--seed',
    String(settings.seed),
    ...(header ? [] : ['--no-header']),
    ...(delimiter === undefined ? [] : ['--delimiter', delimiter]),
  ])
}

/** Names as the options take them: a name with a comma or a quote is quoted as in a file. */
function columnList(names: readonly string[]): string {
  return writeCsv(names, []).trimEnd()
}
