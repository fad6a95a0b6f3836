import { createProblem, train } from '@relucent/core'
import { score, type Score } from './objective.ts'
import { contender, type ContenderName } from './solver.ts'
import { targetNamed } from './target-lists.ts'

export interface Measurement extends Score {
  readonly n: number
  readonly d: number
  readonly c: number
  readonly rank: number
  readonly beta: number
  readonly status: string
  readonly timeLimitSeconds: number
  readonly neurons: number
  readonly iterations: number
  readonly calls: number
  readonly nodes: number
  /** From data in memory to the answer, in a fresh process. */
  readonly seconds: number
  readonly cpuSeconds: number
  readonly masterSeconds: number
  readonly pricingSeconds: number
  /** Largest resident set of the process, Node itself included. */
  readonly megabytes: number
  /** Seconds and certified relative gap after each claim; a gap of 1 while nothing is proven. */
  readonly course: readonly (readonly [seconds: number, gap: number])[]
}

export interface Assignment {
  readonly target: string
  readonly seed: number
  readonly beta: number
  readonly contender: ContenderName
  readonly timeLimitSeconds?: number
}

/** One run of one solver on one target; `bench/run-one.ts` does it in a process of its own. */
export async function measure(assignment: Assignment): Promise<Measurement> {
  const target = targetNamed(assignment.target)
  const data = target.dataset.load(assignment.seed)
  const { solver, counts } = contender(assignment.contender)
  const { tolerance, timeLimitSeconds } = { ...target, ...assignment }
  const cpu = process.cpuUsage()
  const start = performance.now()
  const problem = createProblem({ ...data, beta: assignment.beta })
  const result = await train(problem, { solver, tolerance, timeLimitSeconds })
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return {
    ...score(problem, result.network, result.dual, result.certificate),
    n: problem.X.rows,
    d: problem.X.cols,
    c: problem.Y.cols,
    rank: problem.reduction.rank,
    beta: problem.beta,
    status: result.status,
    timeLimitSeconds,
    neurons: result.network.neurons.length,
    iterations: result.iterations,
    ...counts(),
    seconds,
    cpuSeconds: (user + system) / 1e6,
    masterSeconds: result.timings.masterSeconds,
    pricingSeconds: result.timings.pricingSeconds,
    megabytes: process.resourceUsage().maxRSS / 1024,
    course: result.history.map(({ elapsedSeconds, relativeGap }) => [elapsedSeconds, relativeGap ?? 1]),
  }
}
