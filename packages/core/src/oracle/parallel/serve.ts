import type { Matrix } from '../../linalg/matrix.ts'
import { climbJob } from './climb-job.ts'
import type { ToWorker } from './messages.ts'
import { searchJob } from './search-job.ts'
import type { Port, WorkerJob } from './worker-like.ts'

/** What a worker does all its life: takes tasks from its owner, carries out orders, reports. */
export function serve(port: Port): void {
  const jobs = new Map<number, WorkerJob>()
  let given: Matrix | null = null

  function begin({ job, X, Z, task }: ToWorker & { kind: 'begin' }): void {
    given = X ?? given
    if (given === null) throw new Error('no data were given')
    const report = (answer: unknown): void => port.postMessage({ job, answer })
    jobs.set(job, task.kind === 'search' ? searchJob(given, Z, task, report) : climbJob(given, Z, task, report))
  }

  port.onMessage((data) => {
    // The owner is the same build: what it says needs no checks.
    const message = data as ToWorker
    const { job, kind } = message
    const fail = (error: unknown): void => {
      const failed = error instanceof Error ? (error.stack ?? error.message) : String(error)
      port.postMessage({ job, failed })
    }
    try {
      if (kind === 'begin') begin(message)
      else if (kind === 'order') jobs.get(job)?.hear(message.order)?.catch(fail)
      else {
        jobs.get(job)?.end()
        jobs.delete(job)
      }
    } catch (error) {
      fail(error)
    }
  })
}
