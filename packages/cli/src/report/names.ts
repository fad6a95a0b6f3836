import type { Model } from '@relucent/core'

/** What the network's outputs are called: the classes, or the targets. */
export function outputNames({ classes, targetNames }: Model): readonly string[] {
  return classes === null ? targetNames : classes.map(String)
}
