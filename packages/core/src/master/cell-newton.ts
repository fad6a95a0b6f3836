import type { Column, RestrictedMaster } from '../master.ts'
import { createPacer } from '../pacer.ts'
import { blockDescent } from './block-descent.ts'
import { mergeColumns } from './merge.ts'
import { fading, newton, roughTolerance } from './newton.ts'
import { evaluate } from './state.ts'
import { wantedAfterAll } from './wanted.ts'

/** Block descent costs next to nothing beside a Newton step, and spares many of them. */
const warmUpSweeps = 300
const returnSweeps = 30

/** Rounds of Newton's method at most: rays that it dropped too soon come back for the next one. */
const maxRounds = 8

/** A rough solve takes no further round once one brought less than this share of what all brought. */
const roundShare = 0.1

/** A dropped ray comes back if it violates dual feasibility by so many times the tolerance. */
const wantedFactor = 10

/** The tolerance where none is given: what floats allow. */
const finest = 1e-11

/**
 * Second-order master. Every neuron lives in the closed cell of its activation pattern, or on the face of it where it
 * lies on hyperplanes; there (Xu)₊ = DXNθ is linear, and f(θ, v) = ½‖Σ DXN θ_jv_jᵀ − Y‖² + β/2 Σ(‖θ_j‖² + ‖v_j‖²) is
 * smooth, so that Newton's method slides all neurons at once and kinks are reached exactly: a neuron that would leave
 * its cell at a loss stops on the hyperplane and stays there.
 *
 * Stationary points of f are optimal for the convex program over the columns' directions (their weights satisfy its
 * optimality conditions); directions that are missing are the pricing oracle's business.
 */
export const cellNewton: RestrictedMaster = {
  name: 'cell-newton',
  async solve(problem, columns, options = {}) {
    const pacer = options.pacer ?? createPacer()
    const { tolerance = finest } = options
    const objectives = [evaluate(problem, columns).objective]
    let current: readonly Column[] = []
    let wanted = columns
    for (let round = 0; round < maxRounds; round++) {
      const sweeps = round === 0 ? warmUpSweeps : returnSweeps
      if (wanted.length > 0) current = await blockDescent(problem, [...current, ...wanted], sweeps, pacer)
      const start = evaluate(problem, mergeColumns(problem, current))
      const { state, crawling } = await newton(problem, start, tolerance, pacer)
      current = mergeColumns(problem, state.columns)
      wanted = crawling ? [] : wantedAfterAll(problem, columns, current, wantedFactor * tolerance)
      if ((current.length === state.columns.length && wanted.length === 0) || pacer.expired()) break
      objectives.push(evaluate(problem, current).objective)
      if (tolerance > roughTolerance && fading(objectives, 1, roundShare)) break
    }
    return current
  },
}
