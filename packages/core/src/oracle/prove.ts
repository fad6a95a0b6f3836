import { proveBound, type ProvenBound } from '../bound.ts'
import { type Matrix, row } from '../linalg/matrix.ts'
import { spectralUpper } from '../linalg/norms.ts'
import { powerOfTwoNear } from '../linalg/scale.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import { ProofRecord } from '../proof/record.ts'
import { coneKernel } from './branch-and-bound/kernel.ts'
import { coneQuestion } from './branch-and-bound/question.ts'
import { RecordedTree } from './branch-and-bound/recorded-tree.ts'
import { ConeSearch, type Finds } from './branch-and-bound/search.ts'

export interface ProveOptions {
  /** What is to be shown of ω(Z): a bound that is known to hold, or a little more. */
  readonly target: number
  readonly pacer?: Pacer
}

export interface Proof {
  /** The file; undefined where no tree was built: nothing to cover, or nothing finite to say. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined
  /** What it shows; above the target when time ran out. */
  readonly bound: ProvenBound
}

/** The target is met up to this: no search closes a cone at the very maximum. */
const room = 1e-9

/** There is nothing to be found any more. */
const nothing: Finds = { best: 0, remembered: 0, offer: () => undefined, remember: () => undefined }

/**
 * Searches once more, keeping the tree, and makes a proof file of it that `checkProof` confirms without any search.
 *
 * Every oracle's bound can be proven like this, the sweep's too: the tree is that of branch and bound. The bound of each
 * leaf is worked out a second time at the end, with the slopes that go into the file.
 *
 * @throws UnsupportedProblemError above rank 10.
 */
export async function prove(
  problem: Problem,
  dual: Matrix,
  { target, pacer = createPacer() }: ProveOptions,
): Promise<Proof> {
  const record = new ProofRecord(problem, dual)
  const { Xr, discarded, stretch } = problem.reduction
  const { unit, context, axes } = coneQuestion(Xr, dual)
  const limit = ((target - spectralUpper(dual) * discarded) / stretch / unit) * (1 + room)
  if (context === null || !(limit > 0 && limit < Number.POSITIVE_INFINITY)) {
    return { bytes: undefined, bound: proveBound(problem, dual, Number.POSITIVE_INFINITY, 'branch-and-bound') }
  }
  const tree = new RecordedTree(context, coneKernel(context))
  const search = new ConeSearch(context, tree, nothing, { target: limit, pacer })
  // Whatever is known before the search is not in the tree: it has to begin, and show everything by its leaves.
  search.startFrom(axes, Number.POSITIVE_INFINITY)
  await search.run()
  const bound = proveBound(problem, dual, search.bound * unit, 'branch-and-bound')
  const samples = contributingRows(Xr, dual)
  if (!(bound.value < Number.POSITIVE_INFINITY)) return { bytes: undefined, bound }
  await tree.replay(record, search.bound, samples, unit, pacer)
  return { bytes: record.toBytes(bound.value), bound }
}

/** The rows that a search is about, in order. */
function contributingRows(X: Matrix, Z: Matrix): Int32Array {
  const all = Array.from({ length: X.rows }, (_, i) => i)
  return Int32Array.from(all.filter((i) => powerOfTwoNear(row(X, i)) !== 0 && powerOfTwoNear(row(Z, i)) !== 0))
}
