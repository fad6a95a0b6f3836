import type { Comparison } from '../experiment.ts'
import { formatGap, formatSeconds, formatValue } from '../../format.ts'
import { type ImageRun, learningRate } from './runs.ts'

/** The settings of section 5.2 of the paper, and ours. */
export function imageComparisons(runs: readonly ImageRun[]): Comparison[] {
  const list = (text: (run: ImageRun) => string): string => runs.map(text).join('; ')
  return [
    {
      what: 'images',
      paper: '3,000, class-balanced, of CIFAR-10 and of CIFAR-100',
      here: list(({ title, closed }) => `${closed.samples.toLocaleString('en')} of ${title}`),
    },
    {
      what: 'preprocessing',
      paper: 'channels normalised, “feature-wise de-meaned”, ZCA',
      here: 'channels normalised, each image less its own mean, ZCA',
    },
    { what: 'β', paper: '1 and 5', here: list(({ beta }) => String(beta)) },
    {
      what: 'gradient descent',
      paper: '1000 neurons, 400 epochs, rate 1e-2',
      here: list(({ neurons, epochs }) => `${neurons} neurons, ${epochs} epochs, rate ${learningRate}`),
    },
  ]
}

/** Rows further from orthonormal than this are not whitened: rounding leaves far less. */
const orthonormal = 1e-6

export function closedFormRemark({ title, closed }: ImageRun): string {
  const { value, objective, defect, exactness, seconds, whiteningSeconds } = closed
  const exact = exactness !== 'lower-bound-only' && defect <= orthonormal
  const verdict = exact ? `the optimum (${exactness.replaceAll('-', ' ')})` : 'only a lower bound'
  return (
    `${title}: the closed form gives ${formatValue(value)}, ${verdict}; its network has objective ${formatValue(objective)}. ` +
    `It takes ${formatSeconds(seconds)} of CPU time after ${formatSeconds(whiteningSeconds)} of whitening, which leaves the rows within ` +
    `${formatGap(defect)} of orthonormal.`
  )
}

export const imageDifferences: readonly string[] = [
  'The paper does not say which images it drew.',
  'Means are removed within each image: after removing feature-wise means XXᵀ is I − 11ᵀ/n and the theorem does not apply (table fig2-means).',
  'Gradient descent runs in the coordinates of the whitened rows, a rotation that changes none of its steps and spares all products with X; its time is the less for it.',
  'The clock of gradient descent stands still while test images are looked at; whitening counts for neither.',
]
