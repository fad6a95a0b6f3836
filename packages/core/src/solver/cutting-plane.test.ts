import { cuttingPlane } from './cutting-plane.ts'
import { solverConformance } from './solver.conformance.ts'

const any = { outputs: 'any', data: 'any' } as const

solverConformance('cuttingPlane', () => cuttingPlane(), { ...any, gap: 1e-7 })
