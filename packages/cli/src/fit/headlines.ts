import type { Status } from '@relucent/core'

/** The first sentence about a fit, by why it stopped. */
export const headlines: Readonly<Record<Status, string>> = {
  optimal: 'Certified: a global optimum, up to the tolerance, over all networks of any width.',
  'optimal-in-scope': 'Optimal up to the tolerance in a smaller scope than all networks.',
  'iteration-limit': 'Stopped at --max-iterations: a network and a valid bound.',
  'time-limit': 'Stopped at --time-limit: a network and a valid bound.',
  interrupted: 'Interrupted: the best network so far and a valid bound.',
  stalled: 'The solver ended before the tolerance was reached: a network and a valid bound.',
  'numerical-error': 'The computation failed.',
}
