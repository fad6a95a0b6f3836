import type { Matrix } from '../../linalg/matrix.ts'
import { createPacer } from '../../pacer.ts'
import { ascend, type LocalMaximum } from '../ascent.ts'
import type { ClimbReport, ClimbTask } from './messages.ts'
import type { WorkerJob } from './worker-like.ts'

/** A worker's part in many ascents: a few at a time, all answered together. */
export function climbJob(
  X: Matrix,
  Z: Matrix,
  { timeLimitSeconds }: ClimbTask,
  report: (answer: ClimbReport) => void,
): WorkerJob {
  const pacer = createPacer({ timeLimitSeconds })
  let ended = false
  return {
    async hear(order) {
      if (order.kind !== 'climb') throw new Error('an ascent does not search')
      const maxima: LocalMaximum[] = []
      for (const start of order.starts) {
        if (ended || pacer.expired()) return
        maxima.push(ascend(X, Z, start))
        await pacer.breathe()
      }
      report({ answered: order.number, maxima })
    },
    end() {
      ended = true
    },
  }
}
