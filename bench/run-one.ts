import { measure } from './measure.ts'
import { measurePricing } from './pricing/measure.ts'

const jobs = { fit: measure, pricing: measurePricing }

export type JobName = keyof typeof jobs
export type Job<N extends JobName> = Parameters<(typeof jobs)[N]>[0]
export type Outcome<N extends JobName> = Awaited<ReturnType<(typeof jobs)[N]>>

const [name, assignment] = process.argv.slice(2)
const job = jobs[name as JobName] as (assignment: unknown) => Promise<unknown>
process.stdout.write(JSON.stringify(await job(JSON.parse(assignment))))
