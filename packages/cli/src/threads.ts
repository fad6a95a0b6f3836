import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Threads, type ThreadsOptions, type WorkerLike } from '@relucent/core'

/** More threads than this seldom pay: they share one memory. */
const mostByDefault = 8

/** How many threads are used when nobody says: as many as the machine offers, 8 at most. */
export function defaultThreads(): number {
  return Math.min(mostByDefault, availableParallelism())
}

export interface NodeThreadsOptions extends ThreadsOptions {
  /** The module that workers run. */
  readonly entry?: URL
  /** Of each worker, in megabytes of the old generation; Node's own when absent. */
  readonly resourceLimits?: { readonly maxOldGenerationSizeMb?: number }
}

/** Threads of Node for `train`, `fit` and `parallelOracle`. Idle workers do not keep the process alive; `close` ends them. */
export function nodeThreads(count: number = defaultThreads(), options: NodeThreadsOptions = {}): Threads {
  return new Threads(() => nodeWorker(options), count, options)
}

function nodeWorker({
  entry = new URL('./worker.js', import.meta.url),
  resourceLimits,
}: NodeThreadsOptions): WorkerLike {
  const worker = new Worker(entry, resourceLimits ? { resourceLimits } : {})
  // A task holds it; see `hold`.
  worker.unref()
  return {
    postMessage: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on('message', listener),
    onError(listener) {
      worker.on('error', listener)
      worker.on('messageerror', listener)
      worker.on('exit', (code) => listener(new Error(`it exited with code ${code}`)))
    },
    hold: (busy) => (busy ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  }
}
