import { coneProgram } from './cone-program.ts'
import { solverConformance } from './solver.conformance.ts'

solverConformance('coneProgram', () => coneProgram(), { outputs: 'one', data: 'any', gap: 1e-8 })
