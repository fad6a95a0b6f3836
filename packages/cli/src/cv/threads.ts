import {
  type CvData,
  type CvSettings,
  type FoldResult,
  type FoldTask,
  InvalidProblemError,
  type PathProgress,
  WorkerError,
} from '@relucent/core'
import { Worker } from 'node:worker_threads'
import type { FromFoldRunner, ToFoldRunner } from './messages.ts'

export interface FoldThreads {
  run(data: CvData, task: FoldTask, settings: CvSettings): Promise<FoldResult | null>
  close(): void
}

export interface FoldThreadsOptions {
  readonly signal: AbortSignal
  readonly onProgress: (task: FoldTask, progress: PathProgress) => void
}

/** Threads that run folds: as many as are asked for at a time, each kept for the next fold of the same data and settings. */
export function foldThreads({ signal, onProgress }: FoldThreadsOptions): FoldThreads {
  const all = new Set<Worker>()
  const idle: { worker: Worker; data: CvData; settings: CvSettings }[] = []
  const stop = (): void => {
    for (const worker of all) tell(worker, { kind: 'stop' })
  }
  signal.addEventListener('abort', stop, { once: true })
  const end = (worker: Worker): void => {
    all.delete(worker)
    worker.removeAllListeners()
    void worker.terminate()
  }
  return {
    async run(data, task, settings) {
      const free = idle.findIndex((one) => one.data === data && one.settings === settings)
      const kept = idle.splice(Math.max(0, free), 1)[0]
      const worker = free < 0 ? started(data, settings) : kept.worker
      if (free < 0 && kept) end(kept.worker)
      all.add(worker)
      if (signal.aborted) tell(worker, { kind: 'stop' })
      const result = await answered(worker, task, (progress) => onProgress(task, progress))
      idle.push({ worker, data, settings })
      return result
    },
    close() {
      signal.removeEventListener('abort', stop)
      for (const worker of all) end(worker)
    },
  }
}

function started(data: CvData, settings: CvSettings): Worker {
  return new Worker(new URL('./runner.js', import.meta.url), { workerData: { data, settings } })
}

function tell(worker: Worker, message: ToFoldRunner): void {
  worker.postMessage(message)
}

function answered(
  worker: Worker,
  task: FoldTask,
  onProgress: (progress: PathProgress) => void,
): Promise<FoldResult | null> {
  return new Promise((resolve, reject) => {
    const lost = (reason: string): void => {
      reject(new WorkerError(`a thread that ran a fold ended: ${reason}; run again with --threads 1`))
    }
    worker.removeAllListeners()
    worker.on('error', ({ message }) => lost(message))
    worker.on('exit', (code) => lost(`it exited with code ${code}`))
    worker.on('message', (message: FromFoldRunner) => {
      if (message.kind === 'progress') return onProgress(message.progress)
      if (message.kind === 'result') return resolve(message.result)
      // What is wrong with the data is the caller's to know, wherever it was found.
      if (message.name === 'InvalidProblemError') return reject(new InvalidProblemError(message.message))
      lost(message.message)
    })
    tell(worker, { kind: 'run', task })
  })
}
