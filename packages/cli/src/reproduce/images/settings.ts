import type { Context } from '../experiment.ts'
import { type ImageRun, type ImageSetting, imageRun } from './runs.ts'

const full: readonly ImageSetting[] = [
  { kind: 'cifar10', title: 'CIFAR-10', beta: 1, perClass: 300, tests: 1000, neurons: 1000, epochs: 400 },
  { kind: 'cifar100', title: 'CIFAR-100', beta: 5, perClass: 30, tests: 1000, neurons: 1000, epochs: 100 },
]

const quick: readonly ImageSetting[] = [
  { kind: 'cifar10', title: 'CIFAR-10', beta: 1, perClass: 3, tests: 20, neurons: 20, epochs: 20 },
  { kind: 'cifar100', title: 'CIFAR-100', beta: 0.5, perClass: 1, tests: 20, neurons: 20, epochs: 20 },
]

/** Images of each class for the comparison of means. */
export const fewImages = { full: 50, quick: 3 } as const

/** Images of each class for the accuracy over the number of images. */
export const fewerCounts = { full: [5, 20, 50, 100], quick: [1, 2] } as const

export const imageSettings = (isQuick: boolean): readonly ImageSetting[] => (isQuick ? quick : full)

/** Both sets of images; their runs are shared by the figures of loss and of accuracy. */
export async function imageRuns(context: Context): Promise<readonly ImageRun[]> {
  const runs: ImageRun[] = []
  for (const setting of imageSettings(context.quick)) runs.push(await imageRun(setting, dataDirOf(context), context))
  return runs
}

export function dataDirOf({ dataDir }: Context): string {
  if (dataDir === undefined) throw new TypeError('images need a folder; the command asks for it before it starts')
  return dataDir
}
