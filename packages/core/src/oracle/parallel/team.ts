import { WorkerError } from '../../errors.ts'
import type { Matrix } from '../../linalg/matrix.ts'
import type { ConeQuestion } from '../branch-and-bound/question.ts'
import type { ConeSearch } from '../branch-and-bound/search.ts'
import type { SharedFinds } from './finds.ts'
import { adviceOnThreads, readSearchReport, type SearchTask } from './messages.ts'
import type { Job, Threads } from './threads.ts'

/** Regions that change hands at once: to even out work, and to even out bounds. */
const mostAtOnce = 1024
const toLevel = 32

/** What the calling thread knows of a worker. */
interface Member {
  /** Orders given, and carried out. */
  ordered: number
  answered: number
  /** Proven for all it held and closed at its last report. */
  bound: number
  /** Proven for what it was handed since: 0 once that is in a report. */
  underway: number
  open: number
  top: number
  nodes: number
  finished: boolean
}

/**
 * The workers beside a search on the calling thread. Each has a tree of its own, over the regions it was handed.
 *
 * A region is always in one account: in the caller's search, in a worker's last report, or on its way to a worker. So at
 * any moment the maximum over the three is proven, whatever becomes of the workers.
 */
export class Team {
  readonly #search: ConeSearch
  readonly #finds: SharedFinds
  readonly #question: ConeQuestion
  readonly #job: Job
  readonly #members: readonly Member[]

  /** Starts the workers and hands them their share of the open regions. */
  constructor(
    threads: Threads,
    { Xr, dual }: { readonly Xr: Matrix; readonly dual: Matrix },
    question: ConeQuestion,
    search: ConeSearch,
    finds: SharedFinds,
    task: SearchTask,
  ) {
    this.#search = search
    this.#finds = finds
    this.#question = question
    this.#job = threads.begin(Xr, dual, task, (worker, answer) => this.#hear(worker, answer))
    this.#members = Array.from({ length: this.#job.workers }, () => ({
      ordered: 0,
      answered: 0,
      bound: 0,
      underway: 0,
      open: 0,
      top: 0,
      nodes: 0,
      finished: false,
    }))
    const { open } = search
    this.#members.forEach((_, worker) => this.#give(worker, Math.floor(open / threads.count), 0))
  }

  /** Proven for every region that is, or was, with a worker. */
  get bound(): number {
    return Math.max(0, ...this.#members.map(({ bound, underway }) => Math.max(bound, underway)))
  }

  get nodes(): number {
    return this.#members.reduce((total, { nodes }) => total + nodes, 0)
  }

  /** A worker has regions that need work, or will have when it has read its orders. */
  get busy(): boolean {
    return this.#members.some((member) => member.open > 0 || isOrdered(member))
  }

  /** A worker has stopped with work left, or failed: there is no use in going on. */
  get ended(): boolean {
    return this.#job.error !== undefined || this.#members.some(({ finished }) => finished)
  }

  news(): Promise<void> {
    return this.#job.news()
  }

  /** Has every worker say what it has not said yet, unless time runs out before. */
  async conclude(expired: () => boolean): Promise<void> {
    this.#members.forEach((member, worker) => {
      if (member.open > 0 && !isOrdered(member)) this.#ask(worker, 0, 0)
    })
    while (this.#members.some(isOrdered) && !this.#job.error && !expired()) await this.news()
  }

  end(): void {
    this.#job.end()
  }

  /** @throws WorkerError when a worker was lost: what it had found is, too. */
  throwIfLost(): void {
    if (this.#job.error) throw this.#job.error
  }

  #hear(worker: number, answer: unknown): void {
    const { axes, context } = this.#question
    const report = readSearchReport(answer, context!)
    const member = this.#members[worker]
    const { answered, bound, open, top, nodes, finished } = report
    if (answered > member.ordered)
      throw new WorkerError(`a search thread answered what it was not asked; ${adviceOnThreads}`)
    Object.assign(member, { answered, bound, open, top, nodes, finished })
    if (!isOrdered(member)) member.underway = 0
    this.#finds.raise(report.best)
    for (const direction of report.found) this.#finds.offer(direction)
    for (const direction of report.remembered) this.#finds.remember(direction)
    this.#search.accept(report.released, axes)
    if (!isOrdered(member)) this.#level(worker)
  }

  /** Moves regions between a worker and this thread: half the difference in number, or the best to where they come up sooner. */
  #level(worker: number): void {
    const search = this.#search
    const { open, top } = this.#members[worker]
    const own = search.idle ? 0 : search.open
    const many = Math.min(mostAtOnce, Math.abs(own - open) >> 1)
    if (2 * open < own) this.#give(worker, many, 0)
    else if (2 * own < open && many > 0) this.#ask(worker, many, 0)
    else if (own > 1 && search.top > top) this.#give(worker, toLevel, top)
    else if (open > 1 && top > search.top) this.#ask(worker, toLevel, search.top)
  }

  #give(worker: number, limit: number, above: number): void {
    const { bound } = this.#search
    const regions = this.#search.release(limit, above)
    if (regions.length === 0) return
    const member = this.#members[worker]
    member.underway = bound
    this.#job.tell(worker, { kind: 'grant', number: ++member.ordered, best: this.#finds.best, regions })
  }

  #ask(worker: number, limit: number, above: number): void {
    const member = this.#members[worker]
    this.#job.tell(worker, { kind: 'share', number: ++member.ordered, best: this.#finds.best, limit, above })
  }
}

function isOrdered({ ordered, answered }: Member): boolean {
  return answered < ordered
}
