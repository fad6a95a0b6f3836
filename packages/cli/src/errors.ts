import { InvalidProblemError, ModelFormatError, UnsupportedProblemError, WorkerError } from '@relucent/core'
import { DataError, type DataErrorPlace, describePlace } from '@relucent/io'
import { exitCodes } from './exit-codes.ts'

/** A failure the user can act on, with the exit code it ends in. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: string
  readonly exitCode: number
  readonly place: DataErrorPlace

  constructor(exitCode: number, code: string, what: string, place: DataErrorPlace = {}) {
    const where = describePlace(place)
    super(where ? `${where}: ${what}` : what)
    this.code = code
    this.exitCode = exitCode
    this.place = place
  }
}

export function usageError(what: string, hint?: string): CliError {
  return new CliError(exitCodes.usage, 'usage', what, { hint })
}

export function inputError(code: string, what: string, place: DataErrorPlace = {}): CliError {
  return new CliError(exitCodes.input, code, what, place)
}

/** An error as `--json` shows it. */
export interface ErrorReport {
  readonly exitCode: number
  readonly error: {
    readonly code: string
    readonly message: string
    readonly file: string | null
    readonly row: number | null
    readonly byte: number | null
    readonly column: string | null
    readonly hint: string | null
  }
}

/** The one place where an exception becomes an exit code. Whatever is not recognised is our own fault: exit 1. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof CliError) return report(error.exitCode, error.code, error.message, error.place)
  if (error instanceof DataError) return report(exitCodes.input, error.code, error.message, error)
  if (error instanceof ModelFormatError) return report(exitCodes.input, 'bad-model', error.message)
  if (error instanceof InvalidProblemError) return report(exitCodes.input, 'invalid-problem', error.message)
  if (error instanceof UnsupportedProblemError) return report(exitCodes.usage, 'unsupported', error.message)
  if (error instanceof WorkerError) return report(exitCodes.internal, 'thread-lost', error.message)
  const message = error instanceof Error ? error.message : String(error)
  const hint = 'this is a defect in relucent; --verbose shows where it happened'
  return report(exitCodes.internal, 'internal', `internal error: ${message}`, { hint })
}

function report(exitCode: number, code: string, text: string, place: DataErrorPlace = {}): ErrorReport {
  const { file = null, row = null, byte = null, column = null, hint = null } = place
  const message = text.replaceAll(/\s*\n\s*/g, ' ') // quoted input may span lines
  return { exitCode, error: { code, message, file, row, byte, column, hint } }
}

/** `error: ages.csv, row 7, column "age": expected a number, found "n/a" — correct the cell` */
export function errorLine({ error }: ErrorReport): string {
  return `error: ${error.message}${error.hint === null ? '' : ` — ${error.hint}`}`
}
