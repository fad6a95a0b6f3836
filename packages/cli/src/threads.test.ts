import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  createPacer,
  createProblem,
  exactOracle,
  gaussian,
  type Matrix,
  matrix,
  multistartOracle,
  parallelOracle,
  type Problem,
  seededRandom,
  type Threads,
  train,
  WorkerError,
} from '@relucent/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeThreads } from './threads.ts'

/** Workers run what was built, as for users. */
const dist = (path: string): URL => new URL(`../dist/${path}`, import.meta.url)
const built = { entry: dist('worker.js') }

const atOnce = { aloneMilliseconds: 0 }

function randomProblem(seed: number, n: number, r: number, c: number): Problem {
  const random = seededRandom(seed)
  const draw = (cols: number): Matrix =>
    matrix(
      n,
      cols,
      Float64Array.from({ length: n * cols }, () => gaussian(random)),
    )
  return createProblem({ X: draw(r), Y: draw(c), beta: 1 })
}

async function using<T>(threads: Threads, work: (threads: Threads) => Promise<T>): Promise<T> {
  try {
    return await work(threads)
  } finally {
    threads.close()
  }
}

describe('threads of Node', () => {
  test('two and three give the answer of one, up to the tolerance, and as many nodes once the floor is known', async () => {
    const problem = randomProblem(1, 150, 5, 2)
    const { candidates } = await exactOracle(problem).price(problem.Y, { relativeTolerance: 1e-2 })
    const options = { starts: [candidates[0].weights], relativeTolerance: 1e-4 }
    const alone = await exactOracle(problem).price(problem.Y, options)
    for (const count of [2, 3]) {
      const priced = await using(nodeThreads(count, built), (threads) =>
        parallelOracle(threads, atOnce)(problem).price(problem.Y, options),
      )
      expect(priced.bound.value).toBeCloseTo(alone.bound.value, 9)
      expect(priced.nodes).toBe(alone.nodes)
    }
  })

  test('ascents give the answer of one thread to the bit', async () => {
    const problem = randomProblem(2, 400, 5, 2)
    const alone = await multistartOracle(problem, { starts: 30 }).price(problem.Y)
    const together = await using(nodeThreads(2, built), (threads) =>
      multistartOracle(problem, { starts: 30, threads }).price(problem.Y),
    )
    expect(together.candidates).toEqual(alone.candidates)
  })

  test('a fit on two threads is certified, and is as good as on one', async () => {
    const problem = { ...randomProblem(3, 60, 4, 2), beta: 4 }
    const alone = await train(problem, { tolerance: 1e-5 })
    const together = await using(nodeThreads(2, built), (threads) => train(problem, { tolerance: 1e-5, threads }))
    expect([alone.status, together.status]).toEqual(['optimal', 'optimal'])
    expect(together.certificate.objective).toBeCloseTo(alone.certificate.objective, 2)
    expect(together.certificate.lowerBound).toBeLessThanOrEqual(alone.certificate.objective)
    expect(alone.certificate.lowerBound).toBeLessThanOrEqual(together.certificate.objective)
  })

  test('abort and deadline stop them, with a bound that holds', async () => {
    const problem = randomProblem(4, 400, 9, 3)
    await using(nodeThreads(2, built), async (threads) => {
      const oracle = parallelOracle(threads, atOnce)(problem)
      for (const limits of [{ signal: AbortSignal.timeout(150) }, { timeLimitSeconds: 0.15 }]) {
        const { bound, candidates } = await oracle.price(problem.Y, { pacer: createPacer(limits) })
        expect(bound.value).toBeGreaterThanOrEqual(candidates[0]?.value ?? 0)
        expect(bound.value).toBeLessThan(Number.POSITIVE_INFINITY)
      }
    })
  })
})

describe('a worker that is lost makes the call fail in words', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'relucent-threads-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  /** A worker like the real one, but for `post`, which sees each of its messages; `count` counts them. */
  function faultyEntry(name: string, post: string): URL {
    const path = join(folder, `${name}.mjs`)
    writeFileSync(
      path,
      `import { parentPort as port } from 'node:worker_threads'
import { serve } from ${JSON.stringify(import.meta.resolve('@relucent/core/worker'))}
let count = 0
const post = (message) => { count++; ${post} }
serve({ postMessage: post, onMessage: (listener) => void port.on('message', listener) })
`,
    )
    return pathToFileURL(path)
  }

  const forward = 'port.postMessage(message)'
  const faults: readonly (readonly [what: string, post: string, said: RegExp])[] = [
    ['exits before its first answer', 'process.exit(3)', /a search thread ended: it exited with code 3/],
    ['exits in the middle', `${forward}; if (count === 3) process.exit(3)`, /it exited with code 3; run again/],
    ['exits as if all were well', 'process.exit(0)', /it exited with code 0/],
    ['throws in a task of its own', "setTimeout(() => { throw new Error('boom') })", /a search thread ended: boom/],
    [
      'throws while it works',
      "if (message.answer) throw new Error('boom'); port.postMessage(message)",
      /failed: .*boom/,
    ],
    ['rejects', "Promise.reject(new Error('boom'))", /a search thread ended: boom/],
    // Small pieces: a large one that does not fit can end the whole process instead of the worker.
    ['runs out of memory', 'let chain = null; for (;;) chain = { chain }', /memory/],
    ['answers garbage', 'port.postMessage({ job: message.job, answer: 7 })', /a search thread answered/],
  ]

  test.each(faults)('it %s', async (name, post, said) => {
    const problem = randomProblem(5, 300, 6, 2)
    const entry = faultyEntry(name.replaceAll(' ', '-'), post)
    await using(nodeThreads(2, { entry, resourceLimits: { maxOldGenerationSizeMb: 64 } }), async (threads) => {
      const pricing = parallelOracle(threads, atOnce)(problem).price(problem.Y, { relativeTolerance: 1e-6 })
      await expect(pricing).rejects.toThrow(WorkerError)
      await expect(pricing).rejects.toThrow(said)
    })
  })

  test('there is nothing to run', async () => {
    const problem = randomProblem(5, 300, 6, 2)
    await using(nodeThreads(2, { entry: dist('nothing.js') }), async (threads) => {
      const pricing = parallelOracle(threads, atOnce)(problem).price(problem.Y, { relativeTolerance: 1e-6 })
      await expect(pricing).rejects.toThrow(/a search thread ended: Cannot find module/)
    })
  })

  test('workers that nobody closed do not keep a process alive, and work keeps it', () => {
    const script = join(folder, 'left-open.mjs')
    writeFileSync(
      script,
      `import { createProblem, nodeThreads, parallelOracle, seededRandom, gaussian, matrix } from ${JSON.stringify(dist('index.js').href)}
const random = seededRandom(1)
const draw = (cols) => matrix(150, cols, Float64Array.from({ length: 150 * cols }, () => gaussian(random)))
const problem = createProblem({ X: draw(5), Y: draw(2), beta: 1 })
const oracle = parallelOracle(nodeThreads(2), { aloneMilliseconds: 0 })(problem)
for (const tolerance of [1e-3, 1e-4]) await oracle.price(problem.Y, { relativeTolerance: tolerance })
console.log('done')
`,
    )
    const { status, stdout } = spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: 20_000 })
    expect([status, stdout]).toEqual([0, 'done\n'])
  })
})
