import type { Order } from './messages.ts'

/** One end of a channel between two threads. What is posted is copied. */
export interface Port {
  postMessage(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}

/** A thread that runs `serve`, as its owner sees it: the same in Node, in a page, and in tests. */
export interface WorkerLike extends Port {
  /** Called when the thread has failed or ended by itself; it will not answer any more. */
  onError(listener: (error: Error) => void): void
  /** Whether the process should stay alive for it: while it is at work, not while it waits. */
  hold?(busy: boolean): void
  terminate(): void
}

export type Spawn = () => WorkerLike

/** A task at work on a worker. */
export interface WorkerJob {
  /** A promise where the work goes on after the message has been handled. */
  hear(order: Order): Promise<void> | undefined
  end(): void
}
