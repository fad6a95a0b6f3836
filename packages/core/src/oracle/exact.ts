import type { OracleFactory, PricingOracle } from '../oracle.ts'
import { createPacer } from '../pacer.ts'
import { branchAndBoundOracle } from './branch-and-bound.ts'
import { planarOracle } from './planar.ts'
import { truncatedOracle } from './truncated.ts'

/** Above this rank a bound of fewer coordinates is likely to be the better one. */
const highRank = 6

/** Share of the time that goes to fewer coordinates there. */
const share = 0.5

/** The exact oracle for the rank at hand: the sweep up to rank 2, branch and bound above, helped by fewer coordinates where it rarely ends. */
export const exactOracle: OracleFactory = exactOracleBy(branchAndBoundOracle)

/** The same, with another way to branch and bound. */
export function exactOracleBy(cones: OracleFactory): OracleFactory {
  return (problem) => {
    const { rank } = problem.reduction
    if (rank <= 2) return planarOracle(problem)
    return rank <= highRank ? cones(problem) : bothOracle(truncatedOracle(problem, cones), cones(problem))
  }
}

/** The better bound of two oracles, one after the other; work is limited as for the second. */
function bothOracle(first: PricingOracle, second: PricingOracle): PricingOracle {
  return {
    name: second.name,
    family: second.family,
    async price(dual, options = {}) {
      // A budget of nodes asks for a quick look at the problem itself.
      if (options.maxNodes !== undefined) return second.price(dual, options)
      const pacer = options.pacer ?? createPacer()
      const seconds = pacer.remainingSeconds()
      const early = await first.price(dual, { ...options, pacer: pacer.within(share * seconds) })
      const late = await second.price(dual, { ...options, pacer })
      return {
        candidates: [...early.candidates, ...late.candidates]
          .toSorted((a, b) => b.value - a.value)
          .slice(0, options.maxCandidates ?? 64),
        bound: early.bound.value < late.bound.value ? early.bound : late.bound,
        nodes: (early.nodes ?? 0) + (late.nodes ?? 0),
      }
    },
  }
}
