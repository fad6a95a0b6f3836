import { dot, type Matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import type { Candidate } from '../oracle.ts'
import { ascend, type LocalMaximum } from './ascent.ts'
import { polarValue } from './evaluate.ts'

/** Two maxima whose cosine exceeds this are one. */
const sameDirection = 1 - 1e-12

/** The distinct local maxima of ‖Zᵀ(Xu)₊‖ that a search has come across. */
export class CandidatePool {
  readonly #X: Matrix
  readonly #Z: Matrix
  readonly #found: LocalMaximum[] = []
  readonly #remembered: Float64Array[] = []
  #best = 0

  constructor(X: Matrix, Z: Matrix) {
    this.#X = X
    this.#Z = Z
  }

  /** The largest value attained so far. */
  get best(): number {
    return this.#best
  }

  get size(): number {
    return this.#found.length
  }

  /** Climbs from this direction and keeps the maximum it reaches. */
  offer(direction: Float64Array): LocalMaximum | undefined {
    return norm2(direction) > 0 ? this.keep(ascend(this.#X, this.#Z, direction)) : undefined
  }

  /** Keeps a maximum that was climbed to elsewhere, unless it is known. */
  keep(found: LocalMaximum): LocalMaximum | undefined {
    if (this.#found.some(({ weights }) => dot(weights, found.weights) > sameDirection)) return undefined
    this.#found.push(found)
    this.#best = Math.max(this.#best, found.value)
    return found
  }

  /**
   * Keeps a direction as it is, once the search has ended. Climbed from, many of them would meet in one maximum; as they
   * are, they spread over its surroundings, which is worth more to a master that slides its columns.
   */
  remember(direction: Float64Array): void {
    this.#remembered.push(direction.slice())
  }

  get remembered(): number {
    return this.#remembered.length
  }

  keepRemembered(): void {
    for (const weights of this.#remembered.splice(0)) {
      this.keep({ weights, value: polarValue(this.#X, this.#Z, weights) })
    }
  }

  /** Best first, each value evaluated anew on the data as given; what overflows there, or is worth nothing, is left out. */
  evaluated(X: Matrix, Z: Matrix): Candidate[] {
    return this.#found
      .map(({ weights }) => ({ weights, value: polarValue(X, Z, weights) }))
      .filter(({ value }) => value > 0 && value < Number.POSITIVE_INFINITY)
      .sort((a, b) => b.value - a.value)
  }
}
