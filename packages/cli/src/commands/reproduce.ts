import { Argument, type Command } from 'commander'
import type { Action } from '../action.ts'
import { usageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { counted, formatSeconds } from '../format.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { addOutputOptions, count, groups, type OutputFlags } from '../options.ts'
import { schemaVersion } from '../output.ts'
import type { ReproduceRecord } from '../records.ts'
import { type ExperimentName, experimentNames, imageExperiments } from '../reproduce/names.ts'
import { openSession, version } from '../session.ts'

interface ReproduceFlags extends OutputFlags {
  readonly out: string
  readonly dataDir?: string
  readonly quick?: boolean
  readonly dataSets: number
}

type Choice = ExperimentName | 'all'

const choices: readonly Choice[] = [...experimentNames, 'all']

export function addReproduce(program: Command, action: Action): void {
  const command = program
    .command('reproduce')
    .description(
      'Redraws figures and tables of two papers: Sahiner et al., ICLR 2021, and, as sdp, Prakhya et al., ICLR 2025.',
    )
    .addArgument(new Argument('<experiment>', 'a figure, a table, or all of them').choices(choices))
    .optionsGroup(groups.search)
    .option('--quick', 'a small version, in seconds: to see that it works, not for its numbers')
    .option('--data-sets <k>', 'random data sets of sdp; the paper had 100', count, 5)
    .optionsGroup(groups.files)
    .option(
      '--out <folder>',
      'where figures, numbers and pages go; finished parts there are used again',
      'reproduction',
    )
    .option(
      '--data-dir <folder>',
      'where CIFAR-10, CIFAR-100 and MNIST are, for fig2, fig4, fig5 and fig6, and CSV tables, for sdp',
    )
  addOutputOptions(command)
    .addHelpText('after', examples)
    .action((choice: Choice, flags: ReproduceFlags) => action(() => reproduce(choice, flags)))
}

const examples = `
Examples:
  relucent reproduce fig3 --quick
  relucent reproduce all --data-dir data --out figures
  relucent reproduce sdp --data-dir tables --data-sets 12 --out sdp
An interrupted run goes on where it stopped when it is started again.`

async function reproduce(choice: Choice, flags: ReproduceFlags): Promise<number> {
  const { dataDir, dataSets, quick = false, out } = flags
  const names = chosen(choice, dataDir)
  const { reproduceAll } = await import('../reproduce/run.ts')
  const { openFolder } = await import('../reproduce/folder.ts')
  const session = openSession(flags)
  const { terminal } = session
  const folder = await openFolder(out)
  if (names.length < experimentNames.length && choice === 'all') {
    terminal.warn(`${imageExperiments.join(', ')} are left out: they need --data-dir`)
  }
  const interrupts = listenForInterrupts(() => terminal.note('stopping: finished parts are kept'))
  try {
    const start = performance.now()
    const { signal } = interrupts
    const done = await reproduceAll({ names, quick, dataDir, dataSets, folder, version, signal, terminal })
    terminal.stop()
    const exitCode = interrupts.exitCode() ?? exitCodes.done
    const record: ReproduceRecord = {
      command: 'reproduce',
      schemaVersion,
      version,
      exitCode,
      status: done.length === names.length ? 'done' : 'interrupted',
      quick,
      folder: folder.path,
      experiments: done,
      elapsedSeconds: (performance.now() - start) / 1000,
      warnings: terminal.warnings,
    }
    session.result(record, summary(record))
    return exitCode
  } finally {
    terminal.stop()
    interrupts.dispose()
  }
}

function chosen(choice: Choice, dataDir: string | undefined): readonly ExperimentName[] {
  if (choice === 'all')
    return experimentNames.filter((name) => dataDir !== undefined || !imageExperiments.includes(name))
  if (dataDir === undefined && imageExperiments.includes(choice)) {
    throw usageError(`${choice} needs images`, 'name the folder of their published files with --data-dir')
  }
  return [choice]
}

function summary({ experiments, status, elapsedSeconds, quick, folder }: ReproduceRecord): string {
  const lines = experiments.flatMap(({ title, page, files, remarks, partsReused }) => [
    title,
    ...remarks.map((remark) => `  ${remark}`),
    `  Wrote ${page} and ${counted(files.length, 'file')} with figures and numbers${partsReused > 0 ? ` (${counted(partsReused, 'part')} from an earlier run)` : ''}.`,
    '',
  ])
  if (status === 'interrupted')
    return [...lines, `Interrupted: the same command goes on from the parts in ${folder}.`].join('\n')
  const about = quick ? ' These are small versions: leave out --quick for the experiments.' : ''
  return [...lines, `Done in ${formatSeconds(elapsedSeconds)}.${about}`].join('\n')
}
