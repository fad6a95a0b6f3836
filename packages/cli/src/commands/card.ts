import type { Command } from 'commander'
import type { Action } from '../action.ts'
import { exitCodes } from '../exit-codes.ts'
import { openOutput } from '../files.ts'
import { addOutputOptions, addTableOptions, groups, type OutputFlags, type TableFlags } from '../options.ts'
import { schemaVersion } from '../output.ts'
import { modelCard } from '../report/card.ts'
import { readSubject } from '../report/read-subject.ts'
import { openSession, version } from '../session.ts'

interface CardFlags extends TableFlags, OutputFlags {
  readonly out?: string
  readonly force?: boolean
}

export function addCard(program: Command, action: Action): void {
  const command = program
    .command('card')
    .description('Writes a model card in Markdown: what the model is, what is proven of it, and what is not claimed.')
    .argument('<model>', 'model.json')
    .argument('[data]', 'data file to score the model on, or - for standard input')
    .optionsGroup(groups.files)
    .option('--out <file>', 'where the card goes (default: standard output)')
    .option('--force', 'overwrite an existing file')
  addOutputOptions(addTableOptions(command))
    .addHelpText(
      'after',
      '\nExamples:\n  relucent card model.json\n  relucent card model.json data.csv --out MODEL_CARD.md',
    )
    .action((model: string, data: string | undefined, flags: CardFlags) => action(() => card(model, data, flags)))
}

async function card(modelPath: string, dataPath: string | undefined, flags: CardFlags): Promise<number> {
  const session = openSession(flags)
  const { terminal } = session
  const toFile = flags.out !== undefined && flags.out !== '-'
  const output = toFile ? await openOutput(flags.out, { force: flags.force ?? false }) : undefined
  const subject = await readSubject(modelPath, dataPath, flags)
  if (subject.rows?.trainedOn === false) {
    terminal.warn('these are not the rows the model was trained on: the score is about these rows')
  }
  const text = modelCard(subject, { model: modelPath, data: dataPath })
  await output?.write(text)
  const record = {
    command: 'card',
    schemaVersion,
    version,
    exitCode: exitCodes.done,
    card: output?.path ?? null,
    text,
    sameData: subject.rows?.trainedOn ?? null,
    warnings: terminal.warnings,
  } as const
  session.result(record, output === undefined ? text.trimEnd() : `Wrote ${output.path}.`)
  return exitCodes.done
}
