import type { blockDescent as BlockDescent } from '../packages/core/dist/master/block-descent.js'
import type { atomOf as AtomOf, residual as Residual } from '../packages/core/dist/master/residual.js'

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
