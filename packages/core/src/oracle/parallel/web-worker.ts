import { serve } from './serve.ts'

declare const self: {
  postMessage(message: unknown): void
  onmessage: ((event: { readonly data: unknown }) => void) | null
}

// What `webThreads` starts.
serve({
  postMessage: (message) => self.postMessage(message),
  onMessage(listener) {
    self.onmessage = ({ data }) => listener(data)
  },
})
