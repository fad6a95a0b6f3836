import { solverConformance } from './solver.conformance.ts'
import { spikeFreeProgram } from './spike-free-program.ts'

solverConformance('spikeFreeProgram, one output', spikeFreeProgram, { outputs: 'one', data: 'orthonormal-rows', gap: 1e-8 })
solverConformance('spikeFreeProgram', spikeFreeProgram, { outputs: 'any', data: 'orthonormal-rows', gap: 1e-8 })
