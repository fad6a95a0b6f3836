import type { Matrix } from '../../linalg/matrix.ts'
import type { LocalMaximum } from '../ascent.ts'
import type { Finds } from '../branch-and-bound/search.ts'
import { CandidatePool } from '../candidate-pool.ts'

/** Memory for the largest value attained: common to all threads where they can share any. */
export function incumbentMemory(): SharedArrayBuffer | ArrayBuffer {
  return typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(8) : new SharedArrayBuffer(8)
}

/**
 * What one thread has found, and the largest value that any thread has attained.
 *
 * That value decides which regions still need work, never what is proven of them: one that comes late, or is lost when
 * two threads write at once, costs time only. Hence neither locks nor atomics.
 */
export class SharedFinds implements Finds {
  readonly pool: CandidatePool
  readonly #incumbent: Float64Array
  #found: Float64Array[] = []
  #remembered: Float64Array[] = []
  #rememberedCount = 0

  constructor(X: Matrix, Z: Matrix, incumbent: SharedArrayBuffer | ArrayBuffer) {
    this.pool = new CandidatePool(X, Z)
    this.#incumbent = new Float64Array(incumbent)
  }

  get best(): number {
    return Math.max(this.pool.best, this.#incumbent[0])
  }

  get remembered(): number {
    return this.#rememberedCount
  }

  offer(direction: Float64Array): LocalMaximum | undefined {
    const found = this.pool.offer(direction)
    if (!found) return undefined
    this.raise(found.value)
    this.#found.push(found.weights)
    return found
  }

  remember(direction: Float64Array): void {
    this.#rememberedCount++
    this.#remembered.push(direction.slice())
  }

  /** Another thread has attained this. */
  raise(value: number): void {
    if (value > this.#incumbent[0]) this.#incumbent[0] = value
  }

  /** What has come in since this was last asked. */
  takeNews(): { readonly found: Float64Array[]; readonly remembered: Float64Array[] } {
    const news = { found: this.#found, remembered: this.#remembered }
    this.#found = []
    this.#remembered = []
    return news
  }
}
