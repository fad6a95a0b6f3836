import { addScaledInto, dot } from './matrix.ts'
import { norm2 } from './norms.ts'

/** A pair whose curvature sᵀy is below this share of ‖s‖‖y‖ tells nothing but rounding. */
const curved = 1e-10

interface Pair {
  readonly s: Float64Array
  readonly y: Float64Array
  readonly curvature: number
}

/**
 * The curvature that the last steps of a descent have seen, as limited-memory BFGS uses it (Liu and Nocedal 1989; Nocedal
 * and Wright, "Numerical optimization", algorithm 7.4).
 */
export class LimitedMemory {
  readonly #most: number
  #pairs: Pair[] = []

  /** @param most pairs of steps and changes of the gradient that are remembered. */
  constructor(most: number) {
    this.#most = most
  }

  get empty(): boolean {
    return this.#pairs.length === 0
  }

  forget(): void {
    this.#pairs = []
  }

  /** A step s along which the gradient changed by y; ignored where the function does not curve upwards. */
  remember(s: Float64Array, y: Float64Array): void {
    const curvature = dot(s, y)
    if (!(curvature > curved * norm2(s) * norm2(y))) return
    this.#pairs.push({ s, y, curvature })
    if (this.#pairs.length > this.#most) this.#pairs.shift()
  }

  /** −H ∇f by the two-loop recursion; −∇f where nothing is remembered. */
  direction(gradient: Float64Array): Float64Array {
    const direction = gradient.map((value) => -value)
    const shares = this.#pairs.toReversed().map(({ s, y, curvature }) => {
      const share = dot(s, direction) / curvature
      addScaledInto(-share, y, direction)
      return share
    })
    const last = this.#pairs.at(-1)
    const size = last ? last.curvature / dot(last.y, last.y) : 1
    for (let i = 0; i < direction.length; i++) direction[i] *= size
    this.#pairs.forEach(({ s, y, curvature }, k) => {
      addScaledInto(shares[this.#pairs.length - 1 - k] - dot(y, direction) / curvature, s, direction)
    })
    return direction
  }
}
