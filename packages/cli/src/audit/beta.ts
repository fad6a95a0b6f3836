import { betaFrom, type Tool } from '@relucent/core'
import { usageError } from '../errors.ts'
import type { BiasPenalty } from '../records.ts'
import type { Subject } from './subject.ts'

export interface DecayFlags {
  readonly beta?: number
  readonly from?: Tool
  readonly decay?: number
  readonly biasPenalty?: BiasPenalty
}

export const tools: readonly Tool[] = ['pytorch', 'keras', 'sklearn']

/** β as given, as another tool's decay comes to, or as the model was trained with. */
export function betaOf({ beta, from, decay }: DecayFlags, { problem: { X, Y }, beta: stored }: Subject): number {
  if ((from === undefined) !== (decay === undefined)) {
    throw usageError('--from and --decay go together', 'for instance --from pytorch --decay 1e-4')
  }
  if (from !== undefined && decay !== undefined) {
    const sizes = { samples: X.rows, outputs: Y.cols }
    if (from === 'pytorch') return betaFrom(from, { weightDecay: decay, ...sizes })
    return from === 'keras' ? betaFrom(from, { l2: decay, ...sizes }) : betaFrom(from, { alpha: decay, ...sizes })
  }
  if (beta !== undefined) return beta
  if (stored !== null) return stored
  throw usageError(
    'the weight decay is needed: the objective depends on it',
    'give --beta b, or what another tool was given, for instance --from pytorch --decay 1e-4',
  )
}

/** PyTorch decays every parameter; Keras and scikit-learn leave biases alone; of others the least is assumed. */
export function biasPenaltyOf({ from, biasPenalty }: DecayFlags, { format }: Subject): BiasPenalty {
  return biasPenalty ?? (from === 'pytorch' || format === 'model' ? 'all' : 'none')
}
