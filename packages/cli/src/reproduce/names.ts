import type { ImageFiles } from './images/load.ts'

export const experimentNames = ['fig1', 'fig2', 'fig3', 'fig4', 'fig5', 'fig6', 'table1', 'sdp'] as const

export type ExperimentName = (typeof experimentNames)[number]

/** The images that an experiment reads; the others read none. */
export const imagesOf: Readonly<Partial<Record<ExperimentName, readonly ImageFiles[]>>> = {
  fig2: ['cifar10', 'cifar100'],
  fig4: ['mnist', 'cifar10'],
  fig5: ['cifar10'],
  fig6: ['cifar10', 'cifar100'],
}

export const imageExperiments: readonly ExperimentName[] = experimentNames.filter((name) => name in imagesOf)
