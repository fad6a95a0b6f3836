import { type BaselineResult, type Problem, trainBaseline } from '@relucent/core'
import { parentPort, workerData } from 'node:worker_threads'
import { chosenBackend } from '../backend.ts'
import { type FromRunner, fromPlain, type PlainProblem, type RunOrder, type ToRunner } from './messages.ts'
import { methods } from './methods.ts'
import { throttled } from './throttled.ts'

// What `BaselineRuns` starts as a thread: one run at a time, until it is ended.

const port = parentPort
const controller = new AbortController()

function post(message: FromRunner): void {
  port?.postMessage(message)
}

async function run(problem: Problem, order: RunOrder): Promise<BaselineResult> {
  await chosenBackend()
  const { method, settings, neurons, epochs, seed, timeLimitSeconds } = order
  return trainBaseline(problem, methods[method](settings), {
    neurons,
    epochs,
    seed,
    timeLimitSeconds,
    signal: controller.signal,
    onProgress: throttled((progress) => post({ kind: 'progress', progress })),
  })
}

if (port) {
  const problem = fromPlain(workerData as PlainProblem)
  port.on('message', (message: ToRunner) => {
    if (message.kind === 'stop') return controller.abort()
    run(problem, message.order).then(
      (result) => post({ kind: 'result', result }),
      (error: unknown) =>
        post({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
  })
}
