/** An interval this short, relative to its end, is rounding. */
const shortest = 1e-13

/** A decision is good enough once it leaves this share of what lies beyond t. */
const sharpness = 0.1

/** Secants stay this share of the interval away from its ends. */
const margin = 0.02

interface Reading {
  readonly t: number
  /** s(t) − β, which falls as t grows. */
  readonly slope: number
}

/**
 * The t that may be optimal for p(t) + βt. At R with Frank–Wolfe gap γ the linear lower bound of p shows
 *
 *     p(t′) + βt′ ≥ p̂ + βt − γ + (t′ − t)(β − s),
 *
 * so that no t′ more than γ/|s − β| beyond t on the wrong side can do better than t itself.
 */
export class Bracket {
  readonly #beta: number
  #low = 0
  #high: number
  #above: Reading | undefined
  #below: Reading | undefined
  #first: number | undefined
  /** The last step left more than half: halve next. */
  #halve = false

  /**
   * @param objective one that is attained, hence at least β times the optimal t.
   * @param first where to begin.
   */
  constructor(beta: number, objective: number, first: number) {
    this.#beta = beta
    this.#high = objective / beta
    this.#first = Math.min(first, this.#high)
  }

  get low(): number {
    return this.#low
  }

  get high(): number {
    return this.#high
  }

  get open(): boolean {
    return this.#high - this.#low > shortest * this.#high
  }

  next(): number {
    const first = this.#first
    this.#first = undefined
    if (first !== undefined) return first
    const [low, high] = [this.#low, this.#high]
    const width = high - low
    // Without a t that is too large, the upper end is but a bound: far off where β is small.
    if (this.#above && !this.#below) return Math.min(low + width / 2, 2 * this.#above.t)
    if (this.#halve || !this.#above || !this.#below) return low + width / 2
    const share = this.#above.slope / (this.#above.slope - this.#below.slope)
    const secant = this.#above.t + share * (this.#below.t - this.#above.t)
    return Math.min(Math.max(secant, low + margin * width), high - margin * width)
  }

  /** Whether a gap is small enough, beside s − β, to cut off nearly all on the wrong side of t. */
  decided(t: number, s: number, gap: number): boolean {
    const slope = s - this.#beta
    const beyond = slope > 0 ? t - this.#low : this.#high - t
    return gap <= sharpness * Math.abs(slope) * beyond
  }

  /** Cuts off what is excluded; false when that is nothing. */
  narrow(t: number, s: number, gap: number, objective: number): boolean {
    const width = this.#high - this.#low
    const slope = s - this.#beta
    if (slope > 0) {
      this.#low = Math.max(this.#low, t - gap / slope)
      this.#above = { t, slope }
    } else if (slope < 0) {
      this.#high = Math.min(this.#high, t - gap / slope)
      this.#below = { t, slope }
    }
    this.#high = Math.min(this.#high, objective / this.#beta)
    this.#halve = this.#high - this.#low > width / 2
    return this.#high - this.#low < width
  }
}
