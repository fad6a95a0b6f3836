import {
  type BaselineProgress,
  type BaselineResult,
  createPacer,
  type Problem,
  trainBaseline,
  WorkerError,
} from '@relucent/core'
import { Worker } from 'node:worker_threads'
import { type FromRunner, type RunOrder, toPlain, type ToRunner } from './messages.ts'
import { methods } from './methods.ts'
import { throttled } from './throttled.ts'

export interface RunsOptions {
  readonly threads: number
  readonly signal: AbortSignal
  /** Of the run with this number, from 0. */
  readonly onProgress: (run: number, progress: BaselineProgress) => void
}

/**
 * Runs that differ in their seeds alone, in the order asked for: on this thread where there is one run or one thread, otherwise
 * each on a thread of its own, as many at a time as there are threads. Threads do not change the answers. Once time is up or
 * the signal is aborted, runs that have not begun are left out.
 *
 * @throws WorkerError when a thread was lost.
 */
export async function runAll(
  problem: Problem,
  orders: readonly RunOrder[],
  { threads, signal, onProgress }: RunsOptions,
): Promise<readonly BaselineResult[]> {
  const pacer = createPacer({ signal, timeLimitSeconds: orders[0].timeLimitSeconds })
  const results: BaselineResult[] = []
  let next = 0
  const work = async (runner: Runner): Promise<void> => {
    for (let k = next++; k < orders.length && (k === 0 || !pacer.expired()); k = next++) {
      const order = { ...orders[k], timeLimitSeconds: pacer.remainingSeconds() }
      results[k] = await runner.run(order, (progress) => onProgress(k, progress))
    }
  }
  const count = Math.min(threads, orders.length)
  const runners = Array.from({ length: count }, () =>
    count === 1 ? hereRunner(problem, signal) : threadRunner(problem, signal),
  )
  try {
    await Promise.all(runners.map(work))
  } finally {
    for (const runner of runners) runner.end()
  }
  return results.filter((result) => result !== undefined)
}

interface Runner {
  run(order: RunOrder, onProgress: (progress: BaselineProgress) => void): Promise<BaselineResult>
  end(): void
}

function hereRunner(problem: Problem, signal: AbortSignal): Runner {
  return {
    run: ({ method, settings, ...options }, onProgress) =>
      trainBaseline(problem, methods[method](settings), {
        ...options,
        signal,
        onProgress: throttled(onProgress),
      }),
    end() {
      // nothing was started
    },
  }
}

function threadRunner(problem: Problem, signal: AbortSignal): Runner {
  const worker = new Worker(new URL('./runner.js', import.meta.url), { workerData: toPlain(problem) })
  const tell = (message: ToRunner): void => worker.postMessage(message)
  const stop = (): void => tell({ kind: 'stop' })
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  return {
    run: (order, onProgress) =>
      new Promise((resolve, reject) => {
        const lost = (reason: string): void => {
          reject(new WorkerError(`a thread that trained a baseline ended: ${reason}; run again with --threads 1`))
        }
        worker.removeAllListeners()
        worker.on('error', ({ message }) => lost(message))
        worker.on('exit', (code) => lost(`it exited with code ${code}`))
        worker.on('message', (message: FromRunner) => {
          if (message.kind === 'progress') onProgress(message.progress)
          else if (message.kind === 'result') resolve(message.result)
          else lost(message.message)
        })
        tell({ kind: 'run', order })
      }),
    end() {
      signal.removeEventListener('abort', stop)
      worker.removeAllListeners()
      void worker.terminate()
    },
  }
}
