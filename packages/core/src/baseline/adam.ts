import type { Baseline, Descent } from '../baseline.ts'
import { createPlateau, type PlateauOptions } from './plateau.ts'

export interface AdamOptions extends PlateauOptions {
  readonly learningRate?: number
  /** Decay of the means of gradients and of their squares. */
  readonly decay?: readonly [number, number]
}

/** Added to the root of the mean square, as published. */
const divisorOffset = 1e-8

/**
 * Adam on all samples (Kingma and Ba, ICLR 2015, algorithm 1), the weight decay inside the gradient, the rate halved on
 * plateaus.
 *
 * @throws RangeError when an option is out of range.
 */
export function adam(options: AdamOptions = {}): Baseline {
  const { learningRate = 1e-2, decay = [0.9, 0.999] } = options
  if (!(learningRate > 0 && learningRate < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`adam: learningRate must be a positive number, got ${learningRate}`)
  }
  if (!decay.every((value) => value >= 0 && value < 1)) {
    throw new RangeError(`adam: decay must be two numbers in [0, 1), got ${decay.join(' and ')}`)
  }
  createPlateau(learningRate, options, 'adam') // options are checked when they are given
  return {
    name: 'adam',
    async begin(landscape, weights) {
      const gradient = new Float64Array(weights.length)
      let objective = await landscape.evaluate(weights, gradient)
      const mean = new Float64Array(weights.length)
      const square = new Float64Array(weights.length)
      const plateau = createPlateau(learningRate, options, 'adam')
      const [keepMean, keepSquare] = decay
      let steps = 0
      return {
        weights,
        get objective() {
          return objective
        },
        get rate() {
          return plateau.rate
        },
        async step() {
          steps++
          const rate = plateau.rate / (1 - keepMean ** steps)
          const unbias = 1 - keepSquare ** steps
          for (let i = 0; i < weights.length; i++) {
            mean[i] = keepMean * mean[i] + (1 - keepMean) * gradient[i]
            square[i] = keepSquare * square[i] + (1 - keepSquare) * gradient[i] ** 2
            weights[i] -= (rate * mean[i]) / (Math.sqrt(square[i] / unbias) + divisorOffset)
          }
          objective = await landscape.evaluate(weights, gradient)
          return plateau.observe(objective)
        },
      } satisfies Descent
    },
  }
}
