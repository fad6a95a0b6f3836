import { Threads, type ThreadsOptions } from './threads.ts'
import type { WorkerLike } from './worker-like.ts'

/** What a page has beyond the hosts that this package compiles for. */
interface WebWorker {
  postMessage(message: unknown): void
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onmessageerror: (() => void) | null
  onerror: ((event: { readonly message?: string; preventDefault?(): void }) => void) | null
  terminate(): void
}
declare const Worker: { new (url: URL, options: { readonly type: 'module' }): WebWorker }
declare const navigator: { readonly hardwareConcurrency?: number }

/** More threads than this seldom pay: they share one memory. */
const mostByDefault = 8

/**
 * Threads of a page for `train`, `fit` and `parallelOracle`: module web workers, by default as many as the machine
 * offers, 8 threads at most. They share memory where the page is cross-origin isolated, and send messages where it is not.
 */
export function webThreads(
  count: number = Math.min(mostByDefault, navigator.hardwareConcurrency ?? 1),
  options: ThreadsOptions = {},
): Threads {
  return new Threads(webWorker, count, options)
}

function webWorker(): WorkerLike {
  // In one piece, as bundlers look for it.
  const worker = new Worker(new URL('./web-worker.js', import.meta.url), { type: 'module' })
  return {
    postMessage: (message) => worker.postMessage(message),
    onMessage(listener) {
      worker.onmessage = ({ data }) => listener(data)
    },
    onError(listener) {
      worker.onerror = (event) => {
        event.preventDefault?.()
        // A script that cannot be loaded has no message.
        listener(new Error(event.message ?? 'its script could not be loaded'))
      }
      worker.onmessageerror = () => listener(new Error('its message could not be read'))
    },
    terminate: () => worker.terminate(),
  }
}
