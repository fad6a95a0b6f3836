import { betaMax, createPacer, type Problem, withBeta } from '@relucent/core'
import { CliError, inputError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { formatValue } from '../format.ts'
import { finiteOrNull } from '../output.ts'
import type { Terminal } from '../terminal.ts'

export interface BetaOptions {
  readonly beta?: number
  readonly betaRatio?: number
  readonly timeLimit: number
}

export interface ResolvedBeta {
  readonly problem: Problem
  readonly betaRatio: number | null
  readonly betaMax: number | null
  readonly betaMaxBound: number | null
}

const defaultRatio = 0.01

/** Share of the time limit for βmax where β depends on it. The search ends by itself long before that, at a node count. */
const ratioShare = 0.2

const informationSeconds = 0.5

/**
 * Finds βmax and, from it, the β to solve at.
 *
 * A ratio needs βmax well; for a given β it is information only, and must not cost much of the time.
 */
export async function resolveBeta(
  problem: Problem,
  { beta, betaRatio, timeLimit }: BetaOptions,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<ResolvedBeta> {
  const timeLimitSeconds = beta === undefined ? ratioShare * timeLimit : Math.min(informationSeconds, 0.05 * timeLimit)
  const pacer = createPacer({ timeLimitSeconds, signal })
  const { value, bound } = await betaMax(problem, { pacer, tolerance: beta === undefined ? 1e-3 : 1e-2 })
  const max = finiteOrNull(value) ?? 0
  const ratio = betaRatio ?? defaultRatio
  if (beta === undefined) checkBetaMax(max * ratio, problem, signal)
  const resolved = beta ?? max * ratio
  if (beta === undefined && betaRatio === undefined) announceDefault(terminal, resolved)
  if (resolved >= bound) {
    terminal.warn(
      `β = ${formatValue(resolved)} is at least βmax = ${formatValue(bound)}: the optimum is the zero network`,
    )
  }
  return {
    problem: withBeta(problem, resolved),
    betaRatio: beta === undefined ? ratio : max > 0 ? beta / max : null,
    betaMax: max,
    betaMaxBound: finiteOrNull(bound),
  }
}

function checkBetaMax(beta: number, { Y, free }: Problem, signal: AbortSignal | undefined): void {
  if (beta > 0) return
  if (signal?.aborted)
    throw new CliError(exitCodes.interrupted, 'interrupted', 'interrupted before a network was found')
  if (Y.data.every((value) => value === 0)) {
    const hint = 'check the targets: the zero network is all there is to find'
    throw inputError('zero-targets', 'every target is 0, so βmax is 0 and β cannot be a share of it', { hint })
  }
  if (free !== null) {
    const hint = 'choose --beta, or leave out --output-bias and --skip'
    const what = 'the unpenalised part alone leaves nothing to fit, so βmax is 0 and β cannot be a share of it'
    throw inputError('nothing-to-fit', what, { hint })
  }
  const hint = 'rescale the data, for instance with --preprocess standardize, or choose --beta'
  throw new CliError(exitCodes.numerical, 'numerical-error', 'βmax is 0 or infinite in floating point', { hint })
}

function announceDefault(terminal: Terminal, beta: number): void {
  terminal.note(
    `β is not given: using ${defaultRatio} βmax = ${formatValue(beta)}. Choose it with --beta or --beta-ratio, ` +
      'and compare values by --test-fraction',
  )
}
