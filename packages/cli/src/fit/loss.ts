import { lossFrom, type LossName, targetKind } from '@relucent/core'
import { InvalidArgumentError } from 'commander'
import { usageError } from '../errors.ts'

export interface LossFlags {
  readonly loss: LossName
  readonly quantile?: number
  readonly epsilon?: number
  readonly delta?: number
}

/** Which option belongs to which loss. */
const parameters = { pinball: 'quantile', 'epsilon-insensitive': 'epsilon', huber: 'delta' } as const

/** The name that core reads: `pinball:0.9`. A parameter of another loss is a mistake, not something to ignore. */
export function lossName(flags: LossFlags): string {
  const own = Object.hasOwn(parameters, flags.loss) ? parameters[flags.loss as keyof typeof parameters] : undefined
  for (const [loss, option] of Object.entries(parameters)) {
    if (flags[option] === undefined || option === own) continue
    throw usageError(`--${option} belongs to --loss ${loss}, found --loss ${flags.loss}`, `use --loss ${loss}`)
  }
  const value = own === undefined ? undefined : flags[own]
  return lossFrom(value === undefined ? flags.loss : `${flags.loss}:${value}`).name
}

/** True for losses that compare classes and not numbers. */
export function isClassLoss(loss: string): boolean {
  const kind = targetKind(loss)
  return kind === 'sign' || kind === 'one-hot'
}

export type ClassWeightFlag = 'balanced' | ReadonlyMap<string, number>

/** `balanced`, or `a=2,b=0.5`; labels with a comma or an equals sign in them have no way to be written. */
export function classWeight(text: string): ClassWeightFlag {
  if (text === 'balanced') return text
  const pairs = text.split(',').map((pair): [string, number] => {
    const at = pair.lastIndexOf('=')
    const weight = Number(pair.slice(at + 1))
    if (at <= 0 || !(weight > 0 && weight < Number.POSITIVE_INFINITY)) {
      throw new InvalidArgumentError('Expected balanced, or a positive weight per class as in a=2,b=1.')
    }
    return [pair.slice(0, at).trim(), weight]
  })
  return new Map(pairs)
}
