import { createProblem, gaussian, type Problem, seededRandom } from '@relucent/core'
import { planted, spiral } from '@relucent/io'

/** The randomised data of both papers: n × 2 Gaussian inputs, the 5 outputs of a teacher of 100 neurons with normal weights. */
export function teacherProblem(seed: number, n: number, beta: number): Problem {
  const random = seededRandom(seed)
  const { X, Y } = planted(() => gaussian(random), { n, d: 2, c: 5, neurons: 100 })
  return createProblem({ X, Y, beta })
}

/** Three arms of so many points each, one-hot targets. */
export function spiralProblem(seed: number, perClass: number, beta: number): Problem {
  const random = seededRandom(seed)
  const { X, labels } = spiral(() => gaussian(random), { perClass })
  return createProblem({ X, Y: oneHot(labels, 3), beta })
}

/** One row a label, one column a class. */
export function oneHot(labels: readonly number[], classes: number): Problem['Y'] {
  const Y = { rows: labels.length, cols: classes, data: new Float64Array(classes * labels.length) }
  labels.forEach((label, i) => (Y.data[classes * i + label] = 1))
  return Y
}
