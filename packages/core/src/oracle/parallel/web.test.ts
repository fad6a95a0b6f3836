import { Worker as NodeWorker } from 'node:worker_threads'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { parallelBranchAndBound } from '../parallel.ts'
import { randomQuestion } from '../pricing.fixtures.ts'
import { webThreads } from './web.ts'

const built = new URL('../../../dist/oracle/parallel/web-worker.js', import.meta.url)

/** A module worker as pages have them, on a thread of Node. */
class PageWorker {
  static started: URL[] = []
  static script = built
  onmessage: ((event: { data: unknown }) => void) | null = null
  onmessageerror: (() => void) | null = null
  onerror: ((event: { message?: string }) => void) | null = null
  readonly #inner: NodeWorker

  constructor(url: URL, options: { type: string }) {
    expect(options).toEqual({ type: 'module' })
    PageWorker.started.push(url)
    const shim = `import { parentPort as port } from 'node:worker_threads'
globalThis.self = {
  postMessage: (message) => port.postMessage(message),
  set onmessage(listener) { port.on('message', (data) => listener({ data })) },
}
await import(${JSON.stringify(PageWorker.script.href)})`
    this.#inner = new NodeWorker(new URL(`data:text/javascript,${encodeURIComponent(shim)}`))
    this.#inner.on('message', (data) => this.onmessage?.({ data }))
    // Browsers say nothing about a script that they cannot load.
    this.#inner.on('error', () => this.onerror?.({}))
  }

  postMessage(message: unknown): void {
    this.#inner.postMessage(message)
  }

  terminate(): void {
    void this.#inner.terminate()
  }
}

describe('threads of a page', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    PageWorker.started = []
    PageWorker.script = built
  })

  const asked = randomQuestion(1, 150, 5, 2)
  const price = (threads: ReturnType<typeof webThreads>) =>
    parallelBranchAndBound(threads, { aloneMilliseconds: 0 })(asked.problem).price(asked.Z, { relativeTolerance: 1e-4 })

  test.each([
    ['with shared memory', true],
    ['without', false],
  ])('the worker that is shipped serves a page %s', async (_what, sharing) => {
    const { bound: alone } = await price(webThreads(1))
    vi.stubGlobal('Worker', PageWorker)
    if (!sharing) vi.stubGlobal('SharedArrayBuffer', undefined)
    const threads = webThreads(2)
    const { bound, candidates } = await price(threads)
    threads.close()
    expect(PageWorker.started.map(({ pathname }) => pathname.split('/').at(-1))).toEqual(['web-worker.js'])
    expect(Math.abs(bound.value / alone.value - 1)).toBeLessThan(2e-4)
    expect(candidates[0].value).toBeLessThanOrEqual(bound.value)
  })

  test('by default as many as the machine offers, 8 at most', () => {
    for (const [cores, count] of [
      [2, 2],
      [64, 8],
      [undefined, 1],
    ]) {
      // biome-ignore format: pairs
      vi.stubGlobal('navigator', { hardwareConcurrency: cores })
      expect(webThreads().count).toBe(count)
    }
  })

  test('a script that cannot be loaded is an error in words', async () => {
    vi.stubGlobal('Worker', PageWorker)
    PageWorker.script = new URL('nothing.js', built)
    const threads = webThreads(2)
    await expect(price(threads)).rejects.toThrow(/a search thread ended: its script could not be loaded/)
    threads.close()
  })
})
