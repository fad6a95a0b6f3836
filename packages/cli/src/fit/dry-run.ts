import { memoryEstimate } from '../advice.ts'
import { type ResolvedSetting, settingsRecord } from '../config/settings.ts'
import { exitCodes } from '../exit-codes.ts'
import { counted, formatBytes, formatSetting, formatValue } from '../format.ts'
import { schemaVersion } from '../output.ts'
import type { DryRunRecord } from '../records.ts'
import { type Session, version } from '../session.ts'
import { nodeThreads } from '../threads.ts'
import { type BetaOptions, resolveBeta } from './beta.ts'
import { columnsOf, problemFigures } from './figures.ts'
import type { Prepared } from './prepare.ts'
import { expectedOf, type OracleName, reasonOf, solverFor, type SolverName } from './solvers.ts'

export interface DryRunOptions extends BetaOptions {
  readonly solver: SolverName
  readonly oracle: OracleName
}

/** Says what would be solved, how, and what to expect; writes nothing. */
export async function dryRun(
  prepared: Prepared,
  options: DryRunOptions,
  session: Session,
  settings: readonly ResolvedSetting[],
): Promise<number> {
  const threads = nodeThreads(1)
  const solver = solverFor(prepared.problem, options.solver, options.oracle, threads)
  threads.close()
  const { problem, ...betas } = await resolveBeta(prepared.problem, options, session.terminal)
  const record: DryRunRecord = {
    command: 'fit',
    schemaVersion,
    version,
    status: 'dry-run',
    ...problemFigures(problem),
    ...betas,
    ...columnsOf(prepared),
    solver: solver.name,
    oracle: solver.oracleName(problem),
    reason: options.oracle === 'auto' ? reasonOf(problem, options.solver) : 'asked for with --oracle',
    memoryBytes: memoryEstimate(problem),
    settings: settingsRecord(settings),
    warnings: session.terminal.warnings,
    exitCode: exitCodes.done,
  }
  session.result(record, words(record, expectedOf(problem, options.solver), settings))
  return exitCodes.done
}

function words(record: DryRunRecord, expected: string, settings: readonly ResolvedSetting[]): string {
  const { n, d, c, rank, bias, task, classes, beta, betaRatio, betaMax, betaMaxBound } = record
  const kind =
    task === 'classification' ? `classification into ${counted(classes?.length ?? 0, 'class')}` : 'regression'
  const share = betaRatio === null ? '' : ` (${formatValue(betaRatio)} βmax)`
  return [
    `${kind}: ${counted(n, 'row')}, ${counted(d, 'input')}${bias ? ' with the bias' : ''}, ${counted(c, 'output')}, rank ${rank}`,
    `βmax between ${formatValue(betaMax ?? Number.NaN)} and ${formatValue(betaMaxBound ?? Number.NaN)}; β = ${beta}${share}`,
    `solver ${record.solver} with oracle ${record.oracle}: ${record.reason}`,
    `memory about ${formatBytes(record.memoryBytes)}`,
    expected,
    '',
    'Settings:',
    ...settingLines(settings),
    '',
    'Dry run: nothing was solved or written.',
  ].join('\n')
}

/** Those that are set, by what has the last word over them. */
function settingLines(settings: readonly ResolvedSetting[]): string[] {
  const shown = settings.filter(({ value }) => value !== null && value !== false)
  const width = Math.max(...shown.map(({ name }) => name.length))
  const values = shown.map(({ value }) =>
    Array.isArray(value) ? value.join(',') : typeof value === 'number' ? formatSetting(value) : String(value),
  )
  const valueWidth = Math.max(...values.map((value) => value.length))
  return shown.map(({ name, from }, k) => `  ${name.padEnd(width)}  ${values[k].padEnd(valueWidth)}  ${from}`)
}
