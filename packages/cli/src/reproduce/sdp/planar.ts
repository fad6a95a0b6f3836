import type { Problem } from '@relucent/core'
import type { Context } from '../experiment.ts'
import { spiralProblem, teacherProblem } from '../problems.ts'
import { descended, type Solved, solved } from '../solving.ts'
import { conicName, type Relaxed, relaxed } from './relaxed.ts'

/** How much is done for problems in the plane. */
export interface PlanarSize {
  /** Random data sets. */
  readonly sets: number
  readonly samples: number
  readonly betas: readonly number[]
  readonly widths: readonly number[]
  readonly runs: number
  readonly epochs: number
  readonly perClass: number
  /** CPU time for the relaxation of one problem, with its networks. */
  readonly seconds: number
}

/** One problem: its certified optimum, the relaxation, gradient descent. */
export interface PlanarResult {
  readonly data: 'random' | 'spiral'
  /** The seed of the data. */
  readonly seed: number
  readonly beta: number
  readonly optimum: Solved
  readonly relaxation: Relaxed<null>
  /** The least over all widths and runs. */
  readonly descent: { readonly objective: number; readonly width: number; readonly seconds: number }
}

export const relaxedTolerance = 1e-3
const tolerance = 1e-6
const optimumSeconds = 60

export async function planarResults(size: PlanarSize, context: Context): Promise<PlanarResult[]> {
  const results: PlanarResult[] = []
  for (const beta of size.betas) {
    for (let seed = 0; seed < size.sets; seed++) results.push(await result('random', seed, beta, size, context))
  }
  for (const beta of size.betas) results.push(await result('spiral', 0, beta, size, context))
  return results
}

async function result(
  data: PlanarResult['data'],
  seed: number,
  beta: number,
  size: PlanarSize,
  context: Context,
): Promise<PlanarResult> {
  const { samples, perClass, seconds, widths, runs, epochs } = size
  const problem = data === 'random' ? teacherProblem(seed, samples, beta) : spiralProblem(seed, perClass, beta)
  const about = { data, seed, beta, n: problem.X.rows }
  const part = <T>(what: string, settings: object, work: () => Promise<T>): Promise<T> => {
    context.say(`sdp: ${data} ${seed}, γ = ${beta}, ${what}`)
    return context.part(`sdp-${data}-${seed}-${beta}-${what.replaceAll(' ', '-')}`, { ...about, ...settings }, work)
  }
  const optimum = await part('optimum', { tolerance }, () =>
    solved(problem, undefined, { tolerance, cpuSeconds: optimumSeconds }, context),
  )
  const relaxation = await part('relaxation', { conicName, tolerance: relaxedTolerance, seconds }, () =>
    relaxed(problem, { tolerance: relaxedTolerance, cpuSeconds: seconds, judge: () => null }, context),
  )
  const descent = await part('sgd', { widths, runs, epochs }, () => bestDescent(problem, size, context))
  return { data, seed, beta, optimum, relaxation, descent }
}

async function bestDescent(
  problem: Problem,
  { widths, runs, epochs }: PlanarSize,
  context: Context,
): Promise<PlanarResult['descent']> {
  let best = { objective: Number.POSITIVE_INFINITY, width: 0 }
  let seconds = 0
  for (const width of widths) {
    for (let seed = 0; seed < runs; seed++) {
      const run = await descended(problem, { neurons: width, epochs, seed }, context)
      seconds += run.seconds
      if (run.objective < best.objective) best = { objective: run.objective, width }
    }
  }
  return { ...best, seconds }
}
