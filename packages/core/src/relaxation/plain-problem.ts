import { UnsupportedProblemError } from '../errors.ts'
import type { Problem } from '../problem.ts'

/** Throws UnsupportedProblemError unless the loss is squared, the architecture dense, and all of F penalised and unweighted. */
export function requirePlainProblem(caller: string, { loss, architecture, weights, free }: Problem): void {
  const [lossName, architectureName]: string[] = [loss.name, architecture.name]
  if (lossName !== 'squared' || architectureName !== 'dense') {
    throw new UnsupportedProblemError(
      `${caller}: the loss must be squared and the architecture dense, got ${lossName} and ${architectureName}; column generation may take it`,
    )
  }
  if (weights !== null || free !== null) {
    throw new UnsupportedProblemError(
      `${caller}: sample weights, an output bias or a skip connection are not in the program; column generation takes them`,
    )
  }
}
