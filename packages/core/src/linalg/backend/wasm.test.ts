import { backendConformance } from './backend.conformance.ts'
import { wasmBackend } from './wasm.ts'

backendConformance(wasmBackend('strict')!)
