import { solverConformance } from './solver.conformance.ts'
import { softThresholdedSvdSolver } from './soft-thresholded-svd.ts'

solverConformance('softThresholdedSvdSolver', softThresholdedSvdSolver, { outputs: 'one', data: 'orthonormal-rows', gap: 1e-10 })
