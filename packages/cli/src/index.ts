export * from '@relucent/core'
export { defaultThreads, nodeThreads, type NodeThreadsOptions } from './threads.ts'
