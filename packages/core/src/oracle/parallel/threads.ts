import { WorkerError } from '../../errors.ts'
import { type Matrix, matrix } from '../../linalg/matrix.ts'
import { adviceOnThreads, type Order, readEnvelope, type Task, type ToWorker } from './messages.ts'
import type { Spawn, WorkerLike } from './worker-like.ts'

export interface ThreadsOptions {
  /** A worker that is waited for and says nothing for so long counts as dead. */
  readonly silenceSeconds?: number
}

/** A task that every worker takes part in. */
export interface Job {
  /** How many workers there are, numbered from 0. */
  readonly workers: number
  /** Why the task cannot go on. */
  readonly error: WorkerError | undefined
  tell(worker: number, order: Order): void
  /** Settles when a worker has said something, or soon after: whoever waits looks at the clock again. */
  news(): Promise<void>
  end(): void
}

interface Seat {
  readonly worker: WorkerLike
  /** The data it was sent last. */
  X: Matrix | null
}

interface RunningJob {
  readonly hear: (worker: number, answer: unknown) => void
  readonly fail: (error: WorkerError) => void
}

/** How long one wait for news takes at most. */
const waitMilliseconds = 20

/**
 * A team of threads: the calling one and `count` − 1 workers. These are started when work first needs them, keep the data
 * of the last problem, and wait for more until `close`; while they only wait they do not keep the process alive.
 */
export class Threads {
  readonly count: number
  readonly #spawn: Spawn
  readonly #silenceSeconds: number
  readonly #jobs = new Map<number, RunningJob>()
  #seats: Seat[] = []
  #lastJob = 0

  /** @throws RangeError when `count` is not a whole number of at least 1. */
  constructor(spawn: Spawn, count: number, { silenceSeconds = 60 }: ThreadsOptions = {}) {
    if (!(Number.isSafeInteger(count) && count >= 1)) {
      throw new RangeError(`Threads: count must be a whole number of at least 1, got ${count}`)
    }
    this.#spawn = spawn
    this.count = count
    this.#silenceSeconds = silenceSeconds
  }

  /** Ends the workers, and with an error the tasks they are at. The next task starts new ones. */
  close(): void {
    this.#fail(new WorkerError('the search threads were closed while at work'))
  }

  /**
   * Puts all workers to one task about X_r and Z. `hear` gets what they answer; what it throws ends the task, as does a
   * worker that fails.
   */
  begin(X: Matrix, Z: Matrix, task: Task, hear: (worker: number, answer: unknown) => void): Job {
    const job = ++this.#lastJob
    let wake = (): void => {}
    let silentWaits = 0
    let error: WorkerError | undefined
    this.#jobs.set(job, {
      hear: (worker, answer) => {
        silentWaits = 0
        hear(worker, answer)
        wake()
      },
      fail: (reason) => {
        error = reason
        wake()
      },
    })
    const end = (): void => {
      if (!this.#jobs.delete(job)) return
      for (const { worker } of this.#seats) worker.postMessage({ kind: 'end', job } satisfies ToWorker)
      this.#hold()
    }
    try {
      this.#start()
    } catch (reason) {
      this.#fail(workerError(reason))
    }
    for (const seat of this.#seats) {
      const known = seat.X === X
      seat.X = X
      const message: ToWorker = { kind: 'begin', job, X: known ? null : compact(X), Z: compact(Z), task }
      seat.worker.postMessage(message)
    }
    return {
      workers: this.#seats.length,
      get error() {
        return error
      },
      tell: (worker, order) =>
        this.#seats[worker]?.worker.postMessage({ kind: 'order', job, order } satisfies ToWorker),
      news: () =>
        new Promise((resolve) => {
          const timer = setTimeout(() => {
            if (++silentWaits * waitMilliseconds > 1000 * this.#silenceSeconds) {
              this.#fail(new WorkerError(`a search thread does not answer any more; ${adviceOnThreads}`))
            }
            wake()
          }, waitMilliseconds)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        }),
      end,
    }
  }

  #start(): void {
    while (this.#seats.length < this.count - 1) {
      const seat: Seat = { worker: this.#spawn(), X: null }
      this.#seats.push(seat)
      seat.worker.onMessage((message) => this.#hear(seat, message))
      seat.worker.onError((error) => this.#lose(seat, error))
    }
    this.#hold()
  }

  #hear(seat: Seat, message: unknown): void {
    const place = this.#seats.indexOf(seat)
    if (place < 0) return
    try {
      const { job, answer, failed } = readEnvelope(message)
      if (failed !== undefined) throw new WorkerError(`a search thread failed: ${failed}`)
      this.#jobs.get(job)?.hear(place, answer)
    } catch (error) {
      this.#fail(workerError(error))
    }
  }

  /** A worker that ends while nothing depends on it is replaced when it is needed. */
  #lose(seat: Seat, error: Error): void {
    if (!this.#seats.includes(seat)) return
    if (this.#jobs.size > 0) return this.#fail(workerError(error))
    this.#seats = this.#seats.filter((other) => other !== seat)
    seat.worker.terminate()
  }

  #fail(error: WorkerError): void {
    const jobs = [...this.#jobs.values()]
    const seats = this.#seats
    this.#jobs.clear()
    this.#seats = []
    for (const { worker } of seats) {
      worker.hold?.(false)
      worker.terminate()
    }
    for (const job of jobs) job.fail(error)
  }

  #hold(): void {
    for (const { worker } of this.#seats) worker.hold?.(this.#jobs.size > 0)
  }
}

/** Posting a view copies all the memory behind it. */
function compact(a: Matrix): Matrix {
  return a.data.byteLength === a.data.buffer.byteLength ? a : matrix(a.rows, a.cols, a.data.slice())
}

function workerError(reason: unknown): WorkerError {
  if (reason instanceof WorkerError) return reason
  const message = reason instanceof Error ? reason.message : String(reason)
  return new WorkerError(`a search thread ended: ${message}; ${adviceOnThreads}`, { cause: reason })
}
