import { Command, CommanderError } from 'commander'
import type { Action } from './action.ts'
import { chosenBackend } from './backend.ts'
import { addAudit } from './commands/audit.ts'
import { addBaseline } from './commands/baseline.ts'
import { addCertify } from './commands/certify.ts'
import { addDemo } from './commands/demo.ts'
import { addExport } from './commands/export.ts'
import { addFit } from './commands/fit.ts'
import { addInfo } from './commands/info.ts'
import { addPredict } from './commands/predict.ts'
import { addSchema } from './commands/schema.ts'
import { addScore } from './commands/score.ts'
import { addVerify } from './commands/verify.ts'
import { errorLine, reportOf } from './errors.ts'
import { exitCodes } from './exit-codes.ts'
import { outputText } from './output.ts'
import { version } from './session.ts'

/** Runs one command line and answers its exit code. Never throws. */
export async function run(args: readonly string[]): Promise<number> {
  let code: number = exitCodes.done
  const program = createProgram((result) => {
    code = result
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    return error instanceof CommanderError && isHelp(error) ? helpCode(error) : fail(error, args)
  }
}

function createProgram(finish: (code: number) => void): Command {
  const program = new Command('relucent')
    .description('Trains two-layer ReLU networks to the certified global optimum.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .exitOverride()
    .configureOutput({ outputError() {} }) // printed by `fail`, in the same form as every other error
    .addHelpText('after', helpText)
  const action: Action = async (work) => {
    await chosenBackend()
    finish(await work())
  }
  for (const add of [
    addFit,
    addCertify,
    addAudit,
    addVerify,
    addPredict,
    addScore,
    addInfo,
    addExport,
    addBaseline,
    addDemo,
    addSchema,
  ])
    add(program, action)
  return program
}

const helpText = `
Exit codes: 0 done, 2 usage, 3 stopped with a valid bound, 4 bad input or file, 5 numerical failure,
6 claim refuted or gap too large, 130/143 interrupted, 1 internal error.

Example:
  relucent fit data.csv --target y`

function isHelp({ code }: CommanderError): boolean {
  return code === 'commander.helpDisplayed' || code === 'commander.help' || code === 'commander.version'
}

/** `relucent` alone prints the help as an answer to a wrong usage; `--help` and `--version` are what was asked for. */
function helpCode({ code }: CommanderError): number {
  return code === 'commander.help' ? exitCodes.usage : exitCodes.done
}

function fail(error: unknown, args: readonly string[]): number {
  const report = reportOf(error)
  if (args.includes('--json')) process.stdout.write(outputText({ status: 'error', ...report }))
  process.stderr.write(`${errorLine(report)}\n`)
  if (report.exitCode === exitCodes.internal && args.includes('--verbose') && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`)
  }
  return report.exitCode
}
