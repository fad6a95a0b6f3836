import type { Pacer } from '../pacer.ts'

/** One party's part of the time: its clock stands still while the other has its turn. */
export class Share {
  readonly pacer: Pacer
  ended = false
  #limit: number
  #used = 0
  #since: number | null = null
  readonly #whole: Pacer

  constructor(whole: Pacer, limit: number) {
    this.#whole = whole
    this.#limit = limit
    const { signal } = whole
    const remainingSeconds = (): number => Math.max(0, Math.min(whole.remainingSeconds(), this.#limit - this.used()))
    this.pacer = {
      signal,
      aborted: () => whole.aborted(),
      elapsedSeconds: () => this.used(),
      remainingSeconds,
      expired: () => whole.expired() || !(this.used() < this.#limit),
      breathe: () => whole.breathe(),
      // Only within one turn, while both clocks run.
      within: (seconds) => whole.within(Math.min(seconds, remainingSeconds())),
    }
  }

  used(): number {
    return this.#used + (this.#since === null ? 0 : this.#whole.elapsedSeconds() - this.#since)
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#since = this.#whole.elapsedSeconds()
    try {
      return await work()
    } finally {
      this.#used = this.used()
      this.#since = null
    }
  }

  /** What it has not used is the other's. */
  end(other: Share): void {
    this.ended = true
    other.#limit = Number.POSITIVE_INFINITY
  }
}
