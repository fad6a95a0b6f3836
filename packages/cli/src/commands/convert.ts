import { once } from 'node:events'
import { type FormatName, formats, type TableFile, writableFormat, writeTable } from '@relucent/io'
import { type Command, Option } from 'commander'
import type { Action } from '../action.ts'
import { columnList, readTable } from '../data.ts'
import { usageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { displayName, openOutput, type OutputFile } from '../files.ts'
import { counted, formatBytes, formatSeconds } from '../format.ts'
import { createMeter } from '../meter.ts'
import {
  addOutputOptions,
  addReadOptions,
  formatOption,
  groups,
  type OutputFlags,
  type TableFlags,
} from '../options.ts'
import { schemaVersion } from '../output.ts'
import { openSession, version } from '../session.ts'

interface ConvertFlags extends TableFlags, OutputFlags {
  readonly from?: FormatName
  readonly to?: FormatName
  readonly columns?: string
  readonly exclude?: string
  readonly target?: string
  readonly precision: 'float64' | 'float32'
  readonly force?: boolean
}

export function addConvert(program: Command, action: Action): void {
  const all = formats.map(({ name }) => name)
  const written = formats.flatMap((format) => (format.write ? [format.name] : []))
  const command = program
    .command('convert')
    .description('Writes a table in another format; .gz in a name packs and unpacks.')
    .argument('<data>', 'data file in any format, or - for standard input')
    .argument('<file>', 'what to write, or - for standard output')
    .optionsGroup(groups.files)
    .addOption(formatOption('--from <format>', 'of the input (default: told from the name and the first bytes)', all))
    .addOption(formatOption('--to <format>', 'of the output (default: told from the name)', written))
    .addOption(new Option('--columns <columns>', 'only these, in this order (default: all)').conflicts('exclude'))
    .option('--exclude <columns>', 'all columns but these')
    .option('--target <column>', 'the label, for libsvm (default: the column "label")')
    .addOption(
      new Option('--precision <type>', 'of npy, npz and safetensors; float64 loses nothing')
        .choices(['float64', 'float32'])
        .default('float64'),
    )
    .option('--force', 'overwrite an existing file')
  addOutputOptions(addReadOptions(command))
    .addHelpText(
      'after',
      `
Examples:
  relucent convert data.csv data.npz
  relucent convert data.csv data.svm --target y
  relucent convert train-images-idx3-ubyte.gz train.csv.gz`,
    )
    .action((input: string, output: string, flags: ConvertFlags) => action(() => convert(input, output, flags)))
}

async function convert(input: string, output: string, flags: ConvertFlags): Promise<number> {
  const start = performance.now()
  const session = openSession(flags)
  const toStandardOutput = output === '-'
  if (toStandardOutput && flags.json) throw usageError('--json and the output both want standard output', 'name a file')
  const to = writableFormat(toStandardOutput ? '' : output, flags.to).name
  const file = toStandardOutput ? undefined : await openOutput(output, { force: flags.force ?? false })
  const table = selected(await readTable(input, { ...flags, dataFormat: flags.from }), flags)
  const { target, precision } = flags
  const pieces = writeTable(table, { format: to, file: output, target, precision })
  const bytes = await writePieces(pieces, file, { what: `writing ${displayName(output)}`, quiet: flags.quiet })
  if (!file) return exitCodes.done
  const seconds = (performance.now() - start) / 1000
  const columns = counted(table.names.length, 'column')
  session.result(
    {
      command: 'convert',
      schemaVersion,
      version,
      status: 'done',
      exitCode: exitCodes.done,
      out: output,
      from: table.format,
      to,
      n: table.rows,
      columns: table.names,
      bytes,
      elapsedSeconds: seconds,
      warnings: session.terminal.warnings,
    },
    `${displayName(input)} (${table.format}) → ${output} (${to}): ${counted(table.rows, 'row')}, ${columns}, ${formatBytes(bytes)}, ${formatSeconds(seconds)}`,
  )
  return exitCodes.done
}

function selected(table: TableFile, { columns, exclude }: ConvertFlags): TableFile {
  if (columns === undefined && exclude === undefined) return table
  const named = columnList(table, columns ?? exclude ?? '', columns === undefined ? 'exclude' : 'columns')
  const chosen = columns === undefined ? table.names.map((_, k) => k).filter((k) => !named.includes(k)) : named
  if (chosen.length === 0) throw usageError('--exclude leaves no columns')
  return { ...table, names: chosen.map((k) => table.names[k]), columns: chosen.map((k) => table.columns[k]) }
}

/** Answers how many bytes were written. */
async function writePieces(
  pieces: Iterable<Uint8Array>,
  file: OutputFile | undefined,
  { what, quiet }: { what: string; quiet?: boolean },
): Promise<number> {
  const meter = createMeter(what, { screen: process.stderr, quiet })
  let bytes = 0
  function* measured(): Generator<Uint8Array> {
    for (const piece of pieces) {
      bytes += piece.length
      meter.update(bytes)
      yield piece
    }
  }
  try {
    if (file) await file.write(measured())
    else for (const piece of measured()) if (!process.stdout.write(piece)) await once(process.stdout, 'drain')
    return bytes
  } finally {
    meter.stop()
  }
}
