export const experimentNames = ['fig1', 'fig2', 'fig3', 'fig6', 'table1', 'sdp'] as const

export type ExperimentName = (typeof experimentNames)[number]

/** These read images. */
export const imageExperiments: readonly ExperimentName[] = ['fig2', 'fig6']
