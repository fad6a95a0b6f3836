import { planted as generate } from '@relucent/io'
import { type Dataset, normalFrom } from '../dataset.ts'

export interface PlantedOptions {
  readonly n: number
  readonly d: number
  readonly c?: number
  readonly neurons?: number
  readonly noise?: number
}

/** Gaussian inputs, outputs of a random ReLU network with noise: five neurons and noise 0.1 unless told otherwise. */
export function planted({ n, d, c = 1, neurons = 5, noise = 0.1 }: PlantedOptions): Dataset {
  return {
    name: `planted n=${n} d=${d} c=${c}`,
    load: (seed) => generate(normalFrom(seed), { n, d, c, neurons, noise }),
  }
}
