import { parentPort } from 'node:worker_threads'
import { serve } from '@relucent/core/worker'

// What `nodeThreads` starts.
const port = parentPort
if (port) {
  serve({
    postMessage: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on('message', listener),
  })
}
