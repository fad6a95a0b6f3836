import { coneKernelConformance } from './cone-kernel.conformance.ts'
import { plainKernel } from './plain-kernel.ts'

coneKernelConformance(plainKernel)
