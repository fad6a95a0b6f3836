import type { Experiment } from './experiment.ts'
import { figure1 } from './fig1.ts'
import { figure2 } from './fig2.ts'
import { figure3 } from './fig3.ts'
import { figure4 } from './fig4.ts'
import { figure5 } from './fig5.ts'
import { figure6 } from './fig6.ts'
import type { ExperimentName } from './names.ts'
import { semidefiniteExperiment } from './sdp.ts'
import { table1 } from './table1.ts'

export const experiments: Readonly<Record<ExperimentName, Experiment>> = {
  fig1: figure1,
  fig2: figure2,
  fig3: figure3,
  fig4: figure4,
  fig5: figure5,
  fig6: figure6,
  table1,
  sdp: semidefiniteExperiment,
}
