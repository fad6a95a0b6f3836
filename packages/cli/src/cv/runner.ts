import { type PathProgress, runFold } from '@relucent/core'
import { parentPort, workerData } from 'node:worker_threads'
import { chosenBackend } from '../backend.ts'
import type { FoldWork, FromFoldRunner, ToFoldRunner } from './messages.ts'

// What `foldThreads` starts: one fold at a time, until it is ended.

const port = parentPort
const controller = new AbortController()

function post(message: FromFoldRunner): void {
  port?.postMessage(message)
}

if (port) {
  const { data, settings } = workerData as FoldWork
  port.on('message', (message: ToFoldRunner) => {
    if (message.kind === 'stop') return controller.abort()
    const onProgress = (progress: PathProgress): void => post({ kind: 'progress', progress })
    chosenBackend()
      .then(() => runFold(data, message.task, settings, { signal: controller.signal, onProgress }))
      .then(
        (result) => post({ kind: 'result', result }),
        (error: unknown) => {
          const { name, message: text } = error instanceof Error ? error : { name: 'Error', message: String(error) }
          post({ kind: 'failed', name, message: text })
        },
      )
  })
}
