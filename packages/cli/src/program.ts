import { Command, CommanderError, Option } from 'commander'
import type { Action } from './action.ts'
import { chosenBackend } from './backend.ts'
import { addAudit } from './commands/audit.ts'
import { addBaseline } from './commands/baseline.ts'
import { addCard } from './commands/card.ts'
import { addCertify } from './commands/certify.ts'
import { addCompletion } from './commands/completion.ts'
import { addConfig } from './commands/config.ts'
import { addCv } from './commands/cv.ts'
import { addConvert } from './commands/convert.ts'
import { addDemo } from './commands/demo.ts'
import { addExport } from './commands/export.ts'
import { addFit } from './commands/fit.ts'
import { addInfo } from './commands/info.ts'
import { addKernel } from './commands/kernel.ts'
import { addPath } from './commands/path.ts'
import { addPredict } from './commands/predict.ts'
import { addReport } from './commands/report.ts'
import { addReproduce } from './commands/reproduce.ts'
import { addSchema } from './commands/schema.ts'
import { addScore } from './commands/score.ts'
import { addVerify } from './commands/verify.ts'
import { applyConfig } from './config/apply.ts'
import { resolvedSettings, settingsRecord } from './config/settings.ts'
import { errorLine, reportOf, usageError } from './errors.ts'
import { type EventLog, openEventLog } from './events.ts'
import { exitCodes } from './exit-codes.ts'
import { groups } from './options.ts'
import { outputText } from './output.ts'
import { version } from './session.ts'
import { explainValues, inOurWords } from './usage.ts'

/** Runs one command line and answers its exit code. Never throws. */
export async function run(args: readonly string[]): Promise<number> {
  let code: number = exitCodes.done
  let events: EventLog | undefined
  const said = { json: args.includes('--json'), verbose: args.includes('--verbose') }
  const program = createProgram(async (work) => {
    await chosenBackend()
    code = await work()
  })
  program.hook('preAction', (_, command) => {
    said.json ||= command.getOptionValue('json') === true // a settings file may say so
    said.verbose ||= command.getOptionValue('verbose') === true
    events = startEvents(command)
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) return fail(error, said, events)
    return isHelp(error) ? helpCode(error) : fail(inOurWords(error, program, args), said, events)
  } finally {
    events?.close()
  }
}

/** The commands under the headings of `--help`. `config` comes after all it can be asked about. */
const commands: readonly (readonly [heading: string, add: readonly ((program: Command, action: Action) => void)[]])[] =
  [
    ['Train:', [addFit, addPath, addCv, addBaseline, addKernel, addDemo]],
    ['Prove:', [addCertify, addAudit, addVerify]],
    ['Use:', [addPredict, addScore, addInfo, addConvert, addReport, addCard, addExport]],
    ['Reproduce:', [addReproduce]],
    ['Set up:', [addSchema, addConfig, addCompletion]],
  ]

/** The whole tree of commands; `action` runs the work of the one that was asked for. */
export function createProgram(action: Action): Command {
  const program = new Command('relucent')
    .description('Trains two-layer ReLU networks to the certified global optimum.')
    .usage('<command> [options]')
    .addHelpOption(new Option('-h, --help', 'print this help').helpGroup(groups.general))
    .exitOverride()
    .configureOutput({ outputError() {} }) // printed by `fail`, in the same form as every other error
    .optionsGroup(groups.general)
    .version(version, '--version', 'print the version')
    .addHelpText('after', helpText)
    .hook('preSubcommand', (parent, command) => applyConfig(command, parent.args.slice(1)))
  for (const [heading, adders] of commands) {
    program.commandsGroup(heading)
    for (const add of adders) add(program, action)
  }
  program.helpCommand('help [command]', 'Prints the help of a command.')
  explainValues(program)
  return program
}

const helpText = `
Exit codes: 0 done, 2 usage, 3 stopped with a valid bound, 4 bad input or file, 5 numerical failure,
6 claim refuted or gap too large, 130/143 interrupted, 1 internal error.

Examples:
  relucent demo
  relucent fit data.csv --target y
  relucent fit --help`

/** Opens the file that --events names; from here on the option holds what was opened. */
function startEvents(command: Command): EventLog | undefined {
  const path: unknown = command.getOptionValue('events')
  if (typeof path !== 'string') return undefined
  const settings = settingsRecord(resolvedSettings(command))
  const twin = Object.entries(settings).find(([, value]) => value === path)
  if (twin) throw usageError(`--events and --${twin[0]} name the same file`)
  const events = openEventLog(path)
  command.setOptionValueWithSource('events', events, command.getOptionValueSource('events'))
  events.start({ version, command: command.name(), arguments: command.args, settings })
  return events
}

function isHelp({ code }: CommanderError): boolean {
  return code === 'commander.helpDisplayed' || code === 'commander.help' || code === 'commander.version'
}

/** `relucent` alone prints the help as an answer to a wrong usage; `--help` and `--version` are what was asked for. */
function helpCode({ code }: CommanderError): number {
  return code === 'commander.help' ? exitCodes.usage : exitCodes.done
}

interface Said {
  readonly json: boolean
  readonly verbose: boolean
}

function fail(error: unknown, { json, verbose }: Said, events: EventLog | undefined): number {
  const report = reportOf(error)
  const record = { status: 'error', ...report } as const
  events?.end(record)
  if (json) process.stdout.write(outputText(record))
  process.stderr.write(`${errorLine(report)}\n`)
  if (report.exitCode === exitCodes.internal && verbose && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`)
  }
  return report.exitCode
}
