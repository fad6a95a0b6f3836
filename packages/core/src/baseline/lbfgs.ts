import type { Baseline, Descent, Landscape } from '../baseline.ts'
import { LimitedMemory } from '../linalg/limited-memory.ts'
import { dot } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { type LinePoint, wolfeStep } from './line-search.ts'

export interface LbfgsOptions {
  /** Pairs of steps and changes of the gradient that are remembered. */
  readonly memory?: number
}

/** A direction this close to orthogonal to the gradient is no descent direction in floating point. */
const descending = 1e-14

/**
 * Limited-memory BFGS with a strong Wolfe line search (Liu and Nocedal 1989; Nocedal and Wright, algorithm 7.5).
 *
 * On kinks of the ReLU, where the conditions cannot always be met, it takes the lowest point that decreases enough; where
 * there is none, it forgets what it remembers and tries the gradient itself. It ends when that fails too, or after ten steps
 * that change next to nothing.
 *
 * @throws RangeError when an option is out of range.
 */
export function lbfgs({ memory = 20 }: LbfgsOptions = {}): Baseline {
  if (!(Number.isSafeInteger(memory) && memory >= 1)) {
    throw new RangeError(`lbfgs: memory must be a whole number of at least 1, got ${memory}`)
  }
  return {
    name: 'lbfgs',
    async begin(landscape, weights) {
      const gradient = new Float64Array(landscape.size)
      const objective = await landscape.evaluate(weights, gradient)
      return new QuasiNewton(landscape, weights, gradient, objective, memory)
    },
  }
}

/** So many steps in a row that each lower the objective by no more than this share of it: what is left are kinks. */
const flatSteps = 10
const flatShare = 1e-9

class QuasiNewton implements Descent {
  readonly weights: Float64Array
  objective: number
  rate = 0
  readonly #landscape: Landscape
  readonly #memory: LimitedMemory
  #gradient: Float64Array
  #flat = 0

  constructor(landscape: Landscape, weights: Float64Array, gradient: Float64Array, objective: number, memory: number) {
    this.#landscape = landscape
    this.weights = weights
    this.#gradient = gradient
    this.objective = objective
    this.#memory = new LimitedMemory(memory)
  }

  async step(): Promise<boolean> {
    const before = this.objective
    if (!(await this.#along(this.#memory.direction(this.#gradient)))) {
      if (this.#memory.empty) return false
      this.#memory.forget()
      if (!(await this.#along(this.#memory.direction(this.#gradient)))) return false
    }
    this.#flat = before - this.objective > flatShare * before ? 0 : this.#flat + 1
    return this.#flat < flatSteps
  }

  async #along(direction: Float64Array): Promise<boolean> {
    const slope = dot(this.#gradient, direction)
    const size = norm2(direction)
    if (!(slope < -descending * size * norm2(this.#gradient))) return false
    const from = this.weights.slice()
    const known = new Map<number, Float64Array>()
    const at = async (step: number): Promise<LinePoint> => {
      for (let i = 0; i < from.length; i++) this.weights[i] = from[i] + step * direction[i]
      const gradient = new Float64Array(from.length)
      const value = await this.#landscape.evaluate(this.weights, gradient)
      known.set(step, gradient)
      return { step, value, slope: dot(gradient, direction) }
    }
    const first = this.#memory.empty ? Math.min(1, 1 / size) : 1
    const found = await wolfeStep(at, { step: 0, value: this.objective, slope }, first)
    const step = found?.step ?? 0
    for (let i = 0; i < from.length; i++) this.weights[i] = from[i] + step * direction[i]
    const gradient = known.get(step)
    if (found === undefined || gradient === undefined) return false
    this.#remember(direction, step, gradient)
    this.objective = found.value
    this.rate = step
    return true
  }

  #remember(direction: Float64Array, step: number, gradient: Float64Array): void {
    this.#memory.remember(
      direction.map((value) => step * value),
      gradient.map((value, i) => value - this.#gradient[i]),
    )
    this.#gradient = gradient
  }
}
