/** When a learning rate is halved, as in common training loops. */
export interface PlateauOptions {
  /** Epochs without an improvement after which the rate is halved. */
  readonly patience?: number
  /** An improvement is a fall of the objective below its lowest by this share of it. */
  readonly threshold?: number
}

export interface Plateau {
  readonly rate: number
  /** Halves the rate where the objective has been flat for long enough; false once the rate has become negligible. */
  observe(objective: number): boolean
  /** Halves the rate at once. */
  halve(): boolean
}

/** Share of the first rate below which steps change nothing any more. */
const negligible = 1e-10

export function createPlateau(
  first: number,
  { patience = 50, threshold = 1e-4 }: PlateauOptions,
  caller: string,
): Plateau {
  if (!(patience >= 1)) throw new RangeError(`${caller}: patience must be at least 1, got ${patience}`)
  if (!(threshold >= 0 && threshold < 1))
    throw new RangeError(`${caller}: threshold must be in [0, 1), got ${threshold}`)
  let rate = first
  let lowest = Number.POSITIVE_INFINITY
  let flat = 0
  const halve = (): boolean => {
    rate /= 2
    flat = 0
    return rate > negligible * first
  }
  return {
    get rate() {
      return rate
    },
    halve,
    observe(objective) {
      if (objective < lowest * (1 - threshold)) {
        lowest = objective
        flat = 0
        return true
      }
      return ++flat <= patience || halve()
    },
  }
}
