import { createPacer } from '@relucent/core'
import { blockDescent, type RestrictedMaster } from '../internals.ts'

/** So many that only the sweeps' own stopping rule ends them. */
const sweeps = 100_000

/** First-order master: group lasso over the priced directions by block descent, nothing else. */
export const blockDescentOnly: RestrictedMaster = {
  name: 'block-descent',
  solve: (problem, columns, { pacer = createPacer() } = {}) => blockDescent(problem, columns, sweeps, pacer),
}
