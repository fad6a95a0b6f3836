import type { Baseline, Descent, Landscape } from '../baseline.ts'
import { norm2 } from '../linalg/norms.ts'
import { createPlateau, type Plateau, type PlateauOptions } from './plateau.ts'

export interface SgdOptions extends PlateauOptions {
  /** By default 1 / L, where L estimates the largest curvature at the start. */
  readonly learningRate?: number
  readonly momentum?: number
}

/** Steps of power iteration, and how far apart the two gradients are whose difference is a curvature. */
const curvatureSteps = 8
const curvatureStep = 1e-4

/** An objective so many times the first one means that the rate is too large, not that momentum overshoots. */
const blowUp = 10

/**
 * Gradient descent on all samples with momentum, the rate halved on plateaus (Sahiner, Ergen, Pauly, Pilanci, ICLR 2021,
 * appendix A.1):
 *
 *     w ← μ w + ∇f(θ),  θ ← θ − η w
 *
 * Each time the rate is halved the method goes on from its lowest point, at rest: a rate that is too large at first can push
 * every neuron off every sample, where no gradient brings it back. The rate is also halved as soon as the objective blows up.
 *
 * @throws RangeError when an option is out of range.
 */
export function sgd(options: SgdOptions = {}): Baseline {
  const { learningRate, momentum = 0.95 } = options
  if (learningRate !== undefined && !(learningRate > 0 && learningRate < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`sgd: learningRate must be a positive number, got ${learningRate}`)
  }
  if (!(momentum >= 0 && momentum < 1)) throw new RangeError(`sgd: momentum must be in [0, 1), got ${momentum}`)
  createPlateau(1, options, 'sgd') // options are checked when they are given
  return {
    name: 'sgd',
    async begin(landscape, weights) {
      const gradient = new Float64Array(landscape.size)
      const first = await landscape.evaluate(weights, gradient)
      const rate = learningRate ?? 1 / (await curvature(landscape, weights, gradient))
      const plateau = createPlateau(Number.isFinite(rate) ? rate : 1, options, 'sgd')
      return new MomentumDescent(landscape, { weights, gradient, objective: first }, momentum, plateau)
    },
  }
}

class MomentumDescent implements Descent {
  readonly weights: Float64Array
  objective: number
  readonly #landscape: Landscape
  readonly #gradient: Float64Array
  readonly #momentum: number
  readonly #plateau: Plateau
  readonly #limit: number
  readonly #velocity: Float64Array
  readonly #lowest: { objective: number; readonly weights: Float64Array; readonly gradient: Float64Array }

  constructor(
    landscape: Landscape,
    { weights, gradient, objective }: { weights: Float64Array; gradient: Float64Array; objective: number },
    momentum: number,
    plateau: Plateau,
  ) {
    this.#landscape = landscape
    this.weights = weights
    this.objective = objective
    this.#gradient = gradient
    this.#momentum = momentum
    this.#plateau = plateau
    this.#limit = blowUp * objective
    this.#velocity = new Float64Array(weights.length)
    this.#lowest = { objective, weights: weights.slice(), gradient: gradient.slice() }
  }

  get rate(): number {
    return this.#plateau.rate
  }

  async step(): Promise<boolean> {
    const { rate } = this
    for (let i = 0; i < this.weights.length; i++) {
      this.#velocity[i] = this.#momentum * this.#velocity[i] + this.#gradient[i]
      this.weights[i] -= rate * this.#velocity[i]
    }
    this.objective = await this.#landscape.evaluate(this.weights, this.#gradient)
    if (this.objective < this.#lowest.objective) this.#remember()
    const goesOn = this.objective <= this.#limit ? this.#plateau.observe(this.objective) : this.#plateau.halve()
    if (this.rate < rate) this.#goBack()
    return goesOn
  }

  #remember(): void {
    this.#lowest.objective = this.objective
    this.#lowest.weights.set(this.weights)
    this.#lowest.gradient.set(this.#gradient)
  }

  #goBack(): void {
    this.objective = this.#lowest.objective
    this.weights.set(this.#lowest.weights)
    this.#gradient.set(this.#lowest.gradient)
    this.#velocity.fill(0)
  }
}

/** ‖∇²f‖ at the weights, by power iteration on differences of gradients: an estimate from below. */
async function curvature(landscape: Landscape, weights: Float64Array, gradient: Float64Array): Promise<number> {
  const distance = curvatureStep * (norm2(weights) || 1)
  const moved = new Float64Array(weights.length)
  const there = new Float64Array(weights.length)
  let direction = gradient
  let largest = 0
  for (let k = 0; k < curvatureSteps; k++) {
    const factor = distance / norm2(direction)
    if (!Number.isFinite(factor)) break
    for (let i = 0; i < moved.length; i++) moved[i] = weights[i] + factor * direction[i]
    await landscape.evaluate(moved, there)
    direction = there.map((value, i) => value - gradient[i])
    largest = Math.max(largest, norm2(direction) / distance)
  }
  return largest
}
