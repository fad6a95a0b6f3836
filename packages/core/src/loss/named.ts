import { InvalidProblemError } from '../errors.ts'
import type { Loss } from '../loss.ts'
import { epsilonInsensitiveLoss } from './epsilon-insensitive.ts'
import { hingeLoss } from './hinge.ts'
import { huberLoss } from './huber.ts'
import { logisticLoss } from './logistic.ts'
import { pinballLoss } from './pinball.ts'
import { poissonLoss } from './poisson.ts'
import { softmaxLoss } from './softmax.ts'
import { squaredHingeLoss } from './squared-hinge.ts'
import { squaredLoss } from './squared.ts'

/** How the targets of a loss are to be read. */
export type TargetKind =
  /** Any numbers. */
  | 'real'
  /** Numbers of at least 0. */
  | 'count'
  /** ±1: one column for two classes, one per class for more. */
  | 'sign'
  /** One column per class, a single 1 in each row. */
  | 'one-hot'

export type LossName =
  | 'squared'
  | 'huber'
  | 'epsilon-insensitive'
  | 'pinball'
  | 'poisson'
  | 'logistic'
  | 'hinge'
  | 'squared-hinge'
  | 'softmax'

interface Entry {
  readonly targets: TargetKind
  readonly create: (parameter: number | undefined) => Loss
}

const losses: Readonly<Record<LossName, Entry>> = {
  squared: { targets: 'real', create: () => squaredLoss },
  huber: { targets: 'real', create: huberLoss },
  'epsilon-insensitive': { targets: 'real', create: epsilonInsensitiveLoss },
  pinball: { targets: 'real', create: pinballLoss },
  poisson: { targets: 'count', create: () => poissonLoss },
  logistic: { targets: 'sign', create: () => logisticLoss },
  hinge: { targets: 'sign', create: () => hingeLoss },
  'squared-hinge': { targets: 'sign', create: () => squaredHingeLoss },
  softmax: { targets: 'one-hot', create: () => softmaxLoss },
}

export const lossNames: readonly LossName[] = Object.keys(losses) as LossName[]

/**
 * The loss of a name, with its parameter after a colon where it takes one: `squared`, `huber:1.5`, `pinball:0.9`. What
 * `loss.name` says, files say.
 *
 * @throws InvalidProblemError for a name that is none, or a parameter out of range.
 */
export function lossFrom(name: string): Loss {
  const [kind, parameter] = name.split(':')
  const entry: Entry | undefined = Object.hasOwn(losses, kind) ? losses[kind as LossName] : undefined
  const value = parameter === undefined ? undefined : Number(parameter)
  const loss = parameter === '' ? undefined : entry?.create(value)
  // A parameter that the loss does not take is a mistake as well.
  if (loss && (parameter === undefined || loss.name === `${kind}:${value}`)) return loss
  throw new InvalidProblemError(`lossFrom: expected one of ${lossNames.join(', ')}, got '${name}'`)
}

/** What targets the loss of this name wants; its parameter may follow. */
export function targetKind(name: string): TargetKind {
  const [kind] = lossFrom(name).name.split(':')
  return losses[kind as LossName].targets
}
