import type { Matrix } from '../../linalg/matrix.ts'
import { createPacer, createTurns, type Pacer } from '../../pacer.ts'
import { coneKernel } from '../branch-and-bound/kernel.ts'
import { coneQuestion } from '../branch-and-bound/question.ts'
import { ConeSearch, type Region } from '../branch-and-bound/search.ts'
import { SharedFinds } from './finds.ts'
import { type SearchReport, type SearchTask, turnMilliseconds } from './messages.ts'
import type { WorkerJob } from './worker-like.ts'

/** A worker's part in a search: its own tree over the regions it was granted. It reports whenever it takes a breath. */
export function searchJob(
  Xr: Matrix,
  dual: Matrix,
  task: SearchTask,
  report: (answer: SearchReport) => void,
): WorkerJob {
  const { X, Z, context } = coneQuestion(Xr, dual)
  if (context === null) throw new Error('there is nothing to search')
  const finds = new SharedFinds(X, Z, task.incumbent)
  const { target, collectAbove, relativeTolerance, memory, timeLimitSeconds, axes } = task
  const clock = createPacer({ timeLimitSeconds })
  const takeTurn = createTurns(turnMilliseconds)
  let [ended, running, answered] = [false, false, 0]
  const pacer: Pacer = {
    ...clock,
    expired: () => ended || clock.expired(),
    breathe: () => takeTurn()?.then(() => say()),
  }
  const search = new ConeSearch(context, coneKernel(context), finds, {
    target,
    collectAbove,
    relativeTolerance,
    memory,
    pacer,
  })

  function say(released: readonly Region[] = []): void {
    if (ended) return
    const { bound, idle, nodes, top } = search
    const finished = !running && !idle
    const open = idle ? 0 : search.open
    report({ answered, bound, open, top, nodes, finished, best: finds.best, ...finds.takeNews(), released })
  }

  async function work(): Promise<void> {
    running = true
    await search.run()
    running = false
    say()
  }

  return {
    hear(order) {
      if (order.kind === 'climb') throw new Error('a search does not climb')
      finds.raise(order.best)
      answered = order.number
      if (order.kind === 'share') say(search.release(order.limit, order.above))
      else search.accept(order.regions, axes)
      return running || order.kind === 'share' ? undefined : work()
    },
    end() {
      ended = true
    },
  }
}
