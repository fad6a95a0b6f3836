import { WorkerError } from '../../errors.ts'
import type { Matrix } from '../../linalg/matrix.ts'
import { norm2 } from '../../linalg/norms.ts'
import type { Pacer } from '../../pacer.ts'
import { ascend, type LocalMaximum } from '../ascent.ts'
import type { CandidatePool } from '../candidate-pool.ts'
import { adviceOnThreads, readClimbReport } from './messages.ts'
import type { Job, Threads } from './threads.ts'

/** Ascents go on alone for so long, and a worker is handed about so many at once. */
const aloneMilliseconds = 15
const handfulMilliseconds = 15

/**
 * Climbs from all directions, as long as there is time; on several threads, if given, where it takes long. The maxima come
 * to the pool in the order of the directions, so that threads do not change the answer.
 *
 * @throws WorkerError when a thread was lost.
 */
export async function climbAll(
  pool: CandidatePool,
  X: Matrix,
  Z: Matrix,
  directions: readonly Float64Array[],
  pacer: Pacer,
  threads?: Threads,
): Promise<void> {
  const ascents = new Ascents(directions.filter((direction) => norm2(direction) > 0))
  const begun = performance.now()
  let team: ClimbTeam | undefined
  for (let climbed = 0; !pacer.expired() && !team?.error; climbed++) {
    const elapsed = performance.now() - begun
    if (!team && threads && elapsed >= aloneMilliseconds && ascents.left >= threads.count) {
      team = new ClimbTeam(threads, X, Z, ascents, pacer.remainingSeconds(), elapsed / climbed)
    }
    const own = ascents.take(1)
    if (own.starts.length === 0) break
    ascents.maxima[own.first] = ascend(X, Z, own.starts[0])
    const turn = pacer.breathe()
    if (turn) await turn
  }
  while (team?.busy && !team.error && !pacer.expired()) await team.news()
  team?.end()
  for (const found of ascents.maxima) if (found) pool.keep(found)
}

interface Handful {
  readonly first: number
  readonly starts: readonly Float64Array[]
}

/** Directions to climb from, taken one after the other, and where they lead. */
class Ascents {
  readonly #starts: readonly Float64Array[]
  readonly maxima: (LocalMaximum | undefined)[]
  #next = 0

  constructor(starts: readonly Float64Array[]) {
    this.#starts = starts
    this.maxima = starts.map(() => undefined)
  }

  get left(): number {
    return this.#starts.length - this.#next
  }

  take(count: number): Handful {
    const first = this.#next
    this.#next = Math.min(this.#starts.length, first + count)
    return { first, starts: this.#starts.slice(first, this.#next) }
  }
}

class ClimbTeam {
  readonly #job: Job
  readonly #ascents: Ascents
  readonly #handful: number
  /** What each worker is at. */
  readonly #taken: (Handful | null)[]
  #orders = 0

  constructor(
    threads: Threads,
    X: Matrix,
    Z: Matrix,
    ascents: Ascents,
    timeLimitSeconds: number,
    milliseconds: number,
  ) {
    const task = { kind: 'climb', timeLimitSeconds } as const
    this.#ascents = ascents
    // Small enough that none has much left when the others have nothing.
    const share = Math.ceil(ascents.left / (2 * threads.count))
    this.#handful = Math.max(1, Math.min(share, Math.floor(handfulMilliseconds / milliseconds)))
    this.#job = threads.begin(X, Z, task, (worker, answer) => {
      const { maxima } = readClimbReport(answer, X.cols)
      const taken = this.#taken[worker]
      if (maxima.length !== taken?.starts.length) {
        throw new WorkerError(`a search thread answered what it was not asked; ${adviceOnThreads}`)
      }
      maxima.forEach((found, k) => (this.#ascents.maxima[taken.first + k] = found))
      this.#send(worker)
    })
    this.#taken = Array.from({ length: this.#job.workers }, () => null)
    this.#taken.forEach((_, worker) => this.#send(worker))
  }

  get busy(): boolean {
    return this.#taken.some((taken) => taken !== null)
  }

  get error(): WorkerError | undefined {
    return this.#job.error
  }

  news(): Promise<void> {
    return this.#job.news()
  }

  end(): void {
    this.#job.end()
    if (this.#job.error) throw this.#job.error
  }

  #send(worker: number): void {
    const taken = this.#ascents.take(this.#handful)
    this.#taken[worker] = taken.starts.length > 0 ? taken : null
    if (taken.starts.length > 0) this.#job.tell(worker, { kind: 'climb', number: ++this.#orders, starts: taken.starts })
  }
}
