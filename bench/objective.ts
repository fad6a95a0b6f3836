import { type Certificate, type Matrix, type Network, type Problem, predict } from '@relucent/core'

export interface Score {
  readonly objective: number
  readonly lowerBound: number
  /** (objective − lowerBound) / objective; 1 while nothing is proven. */
  readonly relativeGap: number
}

/**
 * The benchmark's own arithmetic, so that no solver grades itself: the objective of the network that was handed out, and
 * the value of the dual that was handed out, scaled to feasibility. Only ω̄ (`polarBound`) is taken from the run.
 */
export function score(problem: Problem, network: Network, dual: Matrix, { polarBound }: Certificate): Score {
  const { X, Y, beta } = problem
  const F = predict(network, X)
  let fit = 0
  for (let i = 0; i < Y.data.length; i++) fit += (F.data[i] - Y.data[i]) ** 2
  let decay = 0
  for (const { u, v } of network.neurons) decay += inner(u, u) + inner(v, v)
  const objective = fit / 2 + (beta / 2) * decay

  const limit = beta / polarBound // 0 for an unproven bound
  const square = inner(dual.data, dual.data)
  const align = inner(dual.data, Y.data)
  const tau = square > 0 ? Math.max(-limit, Math.min(limit, align / square)) : 0
  const lowerBound = Math.max(0, tau * align - (tau * tau * square) / 2)
  const relativeGap = objective > 0 ? (objective - lowerBound) / objective : 0
  return { objective, lowerBound, relativeGap }
}

function inner(a: Float64Array, b: Float64Array): number {
  let total = 0
  for (let i = 0; i < a.length; i++) total += a[i] * b[i]
  return total
}
