import { afterAll, describe, expect, test } from 'vitest'
import { WorkerError } from '../errors.ts'
import type { PriceOptions, Priced } from '../oracle.ts'
import { createPacer } from '../pacer.ts'
import { seededRandom } from '../random.ts'
import { enumerationOracle } from './enumeration.ts'
import { oracleConformance } from './oracle.conformance.ts'
import { parallelBranchAndBound, parallelOracle } from './parallel.ts'
import { type Faults, localWorkers } from './parallel/local-worker.fixtures.ts'
import { Threads } from './parallel/threads.ts'
import { kinds, pacerOfTurns, type Question, questionOfKind, randomQuestion } from './pricing.fixtures.ts'

/** Work is divided as soon as there is any to divide. */
const atOnce = { aloneMilliseconds: 0 }

const shared = localWorkers()
const three = new Threads(shared.spawn, 3)
afterAll(() => three.close())

oracleConformance('branch and bound on three threads', parallelBranchAndBound(three, atOnce), {
  exact: true,
  maxRank: 4,
  relativeTolerance: 1e-9,
  repeatable: false,
})

test('the conformance suite has had its work divided', () => {
  expect(shared.started).toBe(2)
})

/** Prices with workers of its own, and sees to it that none is left. */
async function priceWith(
  { problem, Z }: Question,
  count: number,
  options: PriceOptions = {},
  faults: Faults = {},
  silenceSeconds = 20,
): Promise<Priced> {
  const workers = localWorkers(faults)
  const threads = new Threads(workers.spawn, count, { silenceSeconds })
  try {
    return await parallelBranchAndBound(threads, atOnce)(problem).price(Z, options)
  } finally {
    threads.close()
    expect(workers.alive).toBe(0)
  }
}

/** ω, attained: no bound may be below it. */
async function omegaOf({ problem, Z }: Question): Promise<number> {
  return (await enumerationOracle(problem).price(Z)).candidates[0].value
}

describe('one thread, two, three: the same answer up to the tolerance', () => {
  test.each(kinds)('%s', async (kind) => {
    for (let seed = 0; seed < 4; seed++) {
      const asked = questionOfKind(kind, seededRandom(seed), 12, 3 + (seed % 2), 1 + (seed % 3))
      const omega = await omegaOf(asked)
      for (const count of [1, 2, 3]) {
        const { bound, candidates } = await priceWith(asked, count, { relativeTolerance: 1e-9 })
        expect(bound.value).toBeGreaterThanOrEqual(omega)
        expect(Math.abs((candidates[0]?.value ?? 0) - omega)).toBeLessThanOrEqual(1e-8 * omega)
      }
    }
  })

  test('a search of thousands of nodes, whose work is divided again and again', async () => {
    const asked = randomQuestion(3, 120, 5, 2)
    const [one, two, many] = await Promise.all([1, 2, 5].map((n) => priceWith(asked, n, { relativeTolerance: 1e-3 })))
    for (const { bound, candidates } of [two, many]) {
      expect(candidates[0].value).toBeCloseTo(one.candidates[0].value, 9)
      expect(bound.value).toBeLessThanOrEqual(candidates[0].value * (1 + 1.1e-3))
      expect(bound.value).toBeGreaterThanOrEqual(one.candidates[0].value)
    }
  })

  test('more than eight dimensions: orthants that are still to be opened change hands', async () => {
    const asked = randomQuestion(5, 14, 9, 1)
    const { bound: alone } = await priceWith(asked, 1, { maxNodes: 200 })
    const { bound, candidates, nodes } = await priceWith(asked, 2, { maxNodes: 4000 })
    expect(nodes).toBeGreaterThanOrEqual(4000)
    expect(bound.value).toBeLessThan(alone.value)
    expect(bound.value).toBeGreaterThanOrEqual(candidates[0].value)
  })
})

/** The tree of a search whose floor is known from the start: which cones are split does not depend on the order. */
async function knownFloor(asked: Question): Promise<PriceOptions> {
  const { candidates } = await priceWith(asked, 1, { relativeTolerance: 1e-2 })
  return { starts: [candidates[0].weights], relativeTolerance: 1e-6 }
}

describe('every region is in one account, at any moment', () => {
  test('none is lost on its way and none is searched twice: as many nodes as on one thread', async () => {
    // Sprung by a worker that does not take what it is granted, and by a caller that drops what is given back.
    for (const [seed, n, r, c] of [
      [1, 100, 4, 2],
      [2, 60, 5, 1],
      [3, 200, 4, 3],
    ]) {
      // biome-ignore format: a table
      const asked = randomQuestion(seed, n, r, c)
      const options = await knownFloor(asked)
      const alone = await priceWith(asked, 1, options)
      for (const count of [2, 3, 6]) expect((await priceWith(asked, count, options)).nodes).toBe(alone.nodes)
    }
  })

  test('what was handed to a worker that says nothing stays open', async () => {
    // Sprung by forgetting regions that are on their way.
    const asked = randomQuestion(1, 100, 4, 2)
    const options = { ...(await knownFloor(asked)), pacer: createPacer({ timeLimitSeconds: 0.15 }) }
    const { bound, candidates } = await priceWith(asked, 2, options, { tamper: () => undefined })
    expect(bound.value).toBeGreaterThan(1.01 * candidates[0].value)
  })

  test('what a worker had when it was last heard of stays open', async () => {
    // Sprung by forgetting the bounds of reports.
    const asked = randomQuestion(1, 300, 5, 3)
    for (const heard of [1, 2, 3]) {
      const options = { ...(await knownFloor(asked)), pacer: createPacer({ timeLimitSeconds: 0.15 }) }
      const tamper: Faults['tamper'] = (message, k) => (k <= heard ? message : undefined)
      const { bound, candidates } = await priceWith(asked, 2, options, { tamper })
      expect(bound.value).toBeGreaterThan(1.001 * candidates[0].value)
    }
  })

  test('a report that was under way when more was handed over says nothing about that', async () => {
    // Sprung by taking an order as carried out when any report comes.
    const asked = randomQuestion(1, 150, 5, 2)
    const options = { ...(await knownFloor(asked)), pacer: createPacer({ timeLimitSeconds: 1 }) }
    const idle = { answered: 1, bound: 0, open: 0, top: 0, finished: false, released: [] }
    const tamper: Faults['tamper'] = (message, k) =>
      k <= 2 ? { ...message, answer: { ...(message.answer as object), ...idle } } : undefined
    const { bound, candidates } = await priceWith(asked, 2, options, { tamper })
    expect(bound.value).toBeGreaterThan(1.001 * candidates[0].value)
  })

  test('stopped at any moment, the bound is at least ω', async () => {
    const asked = randomQuestion(7, 14, 4, 2)
    const omega = await omegaOf(asked)
    for (let turns = 0; turns < 300; turns += 20) {
      const { bound } = await priceWith(asked, 3, { pacer: pacerOfTurns(turns) })
      expect(bound.value).toBeGreaterThanOrEqual(omega)
    }
  })

  test('a budget of nodes ends what is far too hard, a little later at most', async () => {
    const { nodes } = await priceWith(randomQuestion(8, 400, 9, 3), 3, { maxNodes: 2000 })
    expect(nodes).toBeGreaterThanOrEqual(2000)
  })

  test('abort and deadline stop threads at what is far too hard', async () => {
    const asked = randomQuestion(8, 400, 9, 3)
    const pacers = [
      () => createPacer({ signal: AbortSignal.timeout(100) }),
      () => createPacer({ timeLimitSeconds: 0.1 }),
    ]
    for (const begin of pacers) {
      const pacer = begin()
      const { bound, candidates } = await priceWith(asked, 3, { pacer })
      expect(pacer.expired()).toBe(true)
      expect(bound.value).toBeGreaterThan(candidates[0].value)
      expect(bound.value).toBeLessThan(Number.POSITIVE_INFINITY)
    }
  })
})

describe('a worker that fails makes the call fail, at once and in words', () => {
  const asked = randomQuestion(2, 150, 5, 2)
  const failing = (faults: Faults): Promise<Priced> => priceWith(asked, 3, { relativeTolerance: 1e-4 }, faults, 0.2)

  test('it dies, after any number of answers', async () => {
    for (const last of [0, 1, 2, 5]) {
      const tamper: Faults['tamper'] = (message, k) => {
        if (k > last) throw new Error('it exited with code 3')
        return message
      }
      const dying = failing({ tamper })
      await expect(dying).rejects.toThrow(WorkerError)
      await expect(dying).rejects.toThrow(/exited with code 3; run again with one thread/)
    }
  })

  test('it throws', async () => {
    const tamper: Faults['tamper'] = ({ job }) => ({ job, failed: 'RangeError: out of memory' })
    await expect(failing({ tamper })).rejects.toThrow(/a search thread failed: RangeError: out of memory/)
  })

  test('it does not answer any more', async () => {
    await expect(failing({ tamper: () => undefined })).rejects.toThrow(/does not answer any more/)
  })

  const report = (change: Record<string, unknown>): Faults['tamper'] => {
    return (message) => ({ ...message, answer: { ...(message.answer as object), ...change } })
  }
  const region = { bound: 1, depth: 3, sign: 0, signs: [], cone: null }
  const cone = {
    generators: new Float64Array(25),
    active: new Float64Array(10),
    crossing: Int32Array.of(0, 149),
    sign: 0,
    depth: 3,
    bound: 1,
    point: new Float64Array(5),
    value: 1,
    cut: null,
  }
  const released = (change: Record<string, unknown>): Faults['tamper'] =>
    report({ released: [{ ...region, cone: { ...cone, ...change } }] })
  const garbage: readonly (readonly [what: string, tamper: Faults['tamper']])[] = [
    ['null', () => null],
    ['words', () => 'done'],
    ['no job', () => ({})],
    ['no report', ({ job }) => ({ job })],
    ['orders nobody gave', report({ answered: 1000 })],
    ['half an order', report({ answered: 0.5 })],
    ['a bound in words', report({ bound: 'small' })],
    ['nodes below zero', report({ nodes: -1 })],
    ['a direction of another space', report({ found: [new Float64Array(4)] })],
    ['a direction that is not a number', report({ remembered: [new Float64Array(5).fill(Number.NaN)] })],
    ['a region without a sign', report({ released: [{ ...region, sign: 2 }] })],
    ['a region without a bound', report({ released: [{ ...region, bound: Number.NaN }] })],
    ['a cone of another space', released({ generators: new Float64Array(16) })],
    ['a cone of other outputs', released({ active: new Float64Array(15) })],
    ['a cone that is not a number', released({ active: new Float64Array(10).fill(Number.NaN) })],
    ['a cone with samples that do not exist', released({ crossing: Int32Array.of(150) })],
    ['a cone cut at a generator it lacks', released({ cut: { from: 0, to: 5, point: new Float64Array(5) } })],
  ]

  test.each(garbage)('it answers %s', async (_what, tamper) => {
    await expect(failing({ tamper: tamper! })).rejects.toThrow(/a search thread answered/)
  })

  test('a bound that is not a number proves nothing', async () => {
    const { bound } = await failing({ tamper: report({ bound: Number.NaN })! })
    expect(bound.value).toBe(Number.POSITIVE_INFINITY)
  })

  test('a value that nobody attained ends the search early, with a bound that holds', async () => {
    const { bound, candidates } = await failing({ tamper: report({ best: 1e300 })! })
    expect(bound.value).toBeGreaterThan(1.001 * candidates[0].value)
  })

  test('the next call starts new workers', async () => {
    let faulty = true
    const workers = localWorkers({
      tamper(message) {
        if (faulty) throw new Error('once')
        return message
      },
    })
    const threads = new Threads(workers.spawn, 3)
    const oracle = parallelOracle(threads, atOnce)(asked.problem)
    await expect(oracle.price(asked.Z)).rejects.toThrow('once')
    expect(workers.alive).toBe(0)
    faulty = false
    const { bound, candidates } = await oracle.price(asked.Z, { relativeTolerance: 1e-4 })
    expect(bound.value).toBeLessThanOrEqual(candidates[0].value * (1 + 2e-4))
    threads.close()
    expect([workers.started, workers.alive]).toEqual([4, 0])
  })

  test('a thread that cannot be started', async () => {
    const threads = new Threads(() => {
      throw new Error('no more threads')
    }, 2)
    const oracle = parallelOracle(threads, atOnce)(asked.problem)
    await expect(oracle.price(asked.Z)).rejects.toThrow(/a search thread ended: no more threads/)
  })
})

describe('workers are started when they are needed', () => {
  test('a call that is soon over needs none', async () => {
    const workers = localWorkers()
    const threads = new Threads(workers.spawn, 3)
    const { problem, Z } = randomQuestion(1, 8, 3, 2)
    await parallelOracle(threads)(problem).price(Z)
    expect(workers.started).toBe(0)
  })

  test('the sweep needs none, and one thread has none', async () => {
    const workers = localWorkers()
    const threads = new Threads(workers.spawn, 3)
    expect(parallelOracle(threads)(randomQuestion(1, 8, 2, 2).problem).family).toBe('sweep')
    const { problem, Z } = randomQuestion(1, 100, 4, 2)
    await parallelOracle(new Threads(workers.spawn, 1), atOnce)(problem).price(Z, { relativeTolerance: 1e-3 })
    expect(workers.started).toBe(0)
    expect(() => new Threads(localWorkers().spawn, 0)).toThrow(/count must be a whole number of at least 1, got 0/)
  })

  test('two problems at once share them', async () => {
    const workers = localWorkers()
    const threads = new Threads(workers.spawn, 2)
    const both = [randomQuestion(1, 100, 4, 2), randomQuestion(2, 80, 5, 1)]
    const priced = await Promise.all(
      both.map(({ problem, Z }) => parallelOracle(threads, atOnce)(problem).price(Z, { relativeTolerance: 1e-6 })),
    )
    for (const [k, asked] of both.entries()) {
      const alone = await priceWith(asked, 1, { relativeTolerance: 1e-6 })
      expect(priced[k].bound.value).toBeCloseTo(alone.bound.value, 3)
    }
    expect(workers.started).toBe(1)
    threads.close()
  })
})
