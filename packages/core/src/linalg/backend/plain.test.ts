import { backendConformance } from './backend.conformance.ts'
import { plainBackend } from './plain.ts'

backendConformance(plainBackend)
