import type { LimitedMemory as Memory } from '../packages/core/dist/linalg/limited-memory.js'
import type { blockDescent as BlockDescent } from '../packages/core/dist/master/block-descent.js'
import type { coneKernel as ConeKernelFor } from '../packages/core/dist/oracle/branch-and-bound/kernel.js'
import type { coneQuestion as ConeQuestion } from '../packages/core/dist/oracle/branch-and-bound/question.js'
import type { ConeSearch as Search } from '../packages/core/dist/oracle/branch-and-bound/search.js'
import type { cellNewton as CellNewton } from '../packages/core/dist/master/cell-newton.js'
import type { tightSamples as TightSamples } from '../packages/core/dist/oracle/ascent.js'
import type { CandidatePool as Pool } from '../packages/core/dist/oracle/candidate-pool.js'
import type { atomOf as AtomOf, residual as Residual } from '../packages/core/dist/master/residual.js'
import type { coneMaximumProgram as ConeMaximumProgram } from '../packages/core/dist/relaxation/cone-maximum.js'
import type { copositiveProgram as CopositiveProgram } from '../packages/core/dist/relaxation/copositive-program.js'
import type {
  dualSlack as DualSlack,
  weightedTerms as WeightedTerms,
} from '../packages/core/dist/relaxation/dual-slack.js'
import type {
  indexed as Indexed,
  newtonSystem as NewtonSystem,
  seen as Seen,
} from '../packages/core/dist/relaxation/newton-system.js'

export type { Column, MasterProblem, RestrictedMaster } from '../packages/core/dist/master.js'

/**
 * Parts of the core that are not exported but that ablations are made of. Loaded by address, because the path from the
 * compiled `bench/dist` is not the one from the source.
 */
async function load<T>(path: string): Promise<T> {
  return (await import(new URL(`../../packages/core/dist/${path}`, import.meta.url).href)) as T
}

export const { blockDescent } = await load<{ blockDescent: typeof BlockDescent }>('master/block-descent.js')
export const { atomOf, residual } = await load<{ atomOf: typeof AtomOf; residual: typeof Residual }>(
  'master/residual.js',
)

export const { cellNewton } = await load<{ cellNewton: typeof CellNewton }>('master/cell-newton.js')
export const { tightSamples } = await load<{ tightSamples: typeof TightSamples }>('oracle/ascent.js')

export const { coneMaximumProgram } = await load<{ coneMaximumProgram: typeof ConeMaximumProgram }>(
  'relaxation/cone-maximum.js',
)
export const { copositiveProgram } = await load<{ copositiveProgram: typeof CopositiveProgram }>(
  'relaxation/copositive-program.js',
)
export const { dualSlack, weightedTerms } = await load<{
  dualSlack: typeof DualSlack
  weightedTerms: typeof WeightedTerms
}>('relaxation/dual-slack.js')
export const { indexed, newtonSystem, seen } = await load<{
  indexed: typeof Indexed
  newtonSystem: typeof NewtonSystem
  seen: typeof Seen
}>('relaxation/newton-system.js')

export const { LimitedMemory } = await load<{ LimitedMemory: typeof Memory }>('linalg/limited-memory.js')

const search = 'oracle/branch-and-bound'
export const { coneKernel } = await load<{ coneKernel: typeof ConeKernelFor }>(`${search}/kernel.js`)
export const { coneQuestion } = await load<{ coneQuestion: typeof ConeQuestion }>(`${search}/question.js`)
export const { ConeSearch } = await load<{ ConeSearch: typeof Search }>(`${search}/search.js`)
export const { CandidatePool } = await load<{ CandidatePool: typeof Pool }>('oracle/candidate-pool.js')
