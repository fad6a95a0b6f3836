import { conditions } from './conditions.ts'
import type { Measurement } from './measure.ts'
import type { FitRecord } from './records.ts'
import { betaOf, inOwnProcess, median } from './report.ts'
import type { ContenderName } from './solver.ts'
import { reached, type Target } from './target.ts'

export interface FitRunOptions {
  readonly group: FitRecord['group']
  readonly seed: number
  readonly repeat: number
  /** Replaces the time limit of targets that have a longer one. */
  readonly limitSeconds: number
  readonly contender: ContenderName
}

/** Runs a target `repeat` times, each in a new process; the run in the middle is what is kept. */
export async function fitRecord(target: Target, options: FitRunOptions): Promise<FitRecord> {
  const { group, seed, repeat, limitSeconds, contender } = options
  target.dataset.load(seed) // missing data are noticed here, where the caller can tell them from a failure
  const beta = await betaOf(target, seed)
  const timeLimitSeconds = Math.min(target.timeLimitSeconds, limitSeconds)
  const assignment = { target: target.name, seed, beta, contender, timeLimitSeconds }
  const runs: Measurement[] = []
  for (let k = 0; k < (target.once ? 1 : repeat); k++) runs.push(await inOwnProcess('fit', assignment))
  const measured = median(runs)
  const { name, wanted } = target
  return { group, name, wanted, measured, reached: reached(measured, wanted), conditions: conditions(seed) }
}
