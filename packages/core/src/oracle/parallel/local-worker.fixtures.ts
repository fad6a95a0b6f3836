import { MessageChannel } from 'node:worker_threads'
import type { FromWorker } from './messages.ts'
import { serve } from './serve.ts'
import type { Spawn } from './worker-like.ts'

export interface Faults {
  /** What becomes of the k-th answer of a worker, counted from 1; `undefined` swallows it. Throwing kills the worker. */
  readonly tamper?: (message: FromWorker, k: number) => unknown
}

export interface LocalWorkers {
  readonly spawn: Spawn
  /** Workers started, and not ended by their owner. */
  readonly started: number
  readonly alive: number
}

/** Workers on the calling thread: the same messages, copied on the way, in an order that the event loop decides. */
export function localWorkers({ tamper = (message) => message }: Faults = {}): LocalWorkers {
  let [started, alive] = [0, 0]
  const spawn: Spawn = () => {
    started++
    alive++
    const { port1: near, port2: far } = new MessageChannel()
    let answers = 0
    let dead = false
    let complain = (_error: Error): void => {}
    let listen = (_message: unknown): void => {}
    const stop = (): void => {
      dead = true
      near.close()
    }
    serve({
      postMessage: (message) => !dead && far.postMessage(message),
      onMessage: (listener) => void far.on('message', listener),
    })
    near.on('message', (data: FromWorker) => {
      try {
        const message = tamper(data, ++answers)
        if (message !== undefined) listen(message)
      } catch (error) {
        stop()
        complain(error as Error)
      }
    })
    return {
      postMessage: (message) => !dead && near.postMessage(message),
      onMessage: (listener) => void (listen = listener),
      onError: (listener) => void (complain = listener),
      terminate: () => {
        alive--
        stop()
      },
    }
  }
  return {
    spawn,
    get started() {
      return started
    },
    get alive() {
      return alive
    },
  }
}
