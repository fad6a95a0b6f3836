import type { PricingOracle } from '../oracle.ts'

export interface CountingOracle extends PricingOracle {
  /** How often `price` was called. */
  readonly calls: number
  /** Nodes of all its searches together; an answer without a count is one node. */
  readonly nodes: number
}

/**
 * The same oracle, keeping count. Counts do not depend on the machine, so a test on them notices a solver that needs
 * more rounds, or a search that needs more nodes, where a clock would only notice noise.
 */
export function countingOracle(inner: PricingOracle): CountingOracle {
  let calls = 0
  let nodes = 0
  return {
    name: inner.name,
    family: inner.family,
    get calls() {
      return calls
    },
    get nodes() {
      return nodes
    },
    async price(dual, options) {
      calls++
      const priced = await inner.price(dual, options)
      nodes += priced.nodes ?? 1
      return priced
    },
  }
}
