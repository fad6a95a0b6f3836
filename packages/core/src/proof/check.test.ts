import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ModelFormatError } from '../errors.ts'
import { fromRows, matrix } from '../linalg/matrix.ts'
import { enumerationOracle } from '../oracle/enumeration.ts'
import {
  degenerateCases,
  follow,
  type Instance,
  instanceOf,
  randomInstance,
  recipesUpTo,
} from '../oracle/oracle.fixtures.ts'
import { exactly, exactPolar, times } from '../oracle/rational.fixtures.ts'
import { createPacer } from '../pacer.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { ProofError, type ProofRecorder } from '../proof.ts'
import { seededRandom } from '../random.ts'
import { checkProof } from './check.ts'
import { readProof, writeProof } from './file.ts'
import { arbitraryTree, bisect } from './proof.fixtures.ts'
import { ProofRecord } from './record.ts'

/** ω(Z) is at most this, in exact arithmetic. */
function expectAbove({ problem, Z }: Instance, value: number): void {
  expect(value).toBeGreaterThanOrEqual(0)
  if (value < 1e150) expect(exactPolar(problem.X, Z).squareExceeds(times(exactly(value), exactly(value)))).toBe(false)
}

async function omegaOf({ problem, Z }: Instance): Promise<number> {
  return (await enumerationOracle(problem).price(Z)).candidates[0]?.value ?? 0
}

describe('whatever the tree and its witnesses, what it shows is at least ω in exact arithmetic', () => {
  test('on data of every kind', async () => {
    await fc.assert(
      fc.asyncProperty(recipesUpTo(4), fc.boolean(), async (recipe, signed) => {
        const instance = follow(recipe)
        const record = arbitraryTree(instance, seededRandom(recipe.seed), signed && recipe.c === 1)
        const { polarBound } = await checkProof(instance.problem, record.toBytes(1e300))
        expectAbove(instance, polarBound)
      }),
      { numRuns: 200 },
    )
  })

  test.each(degenerateCases())('on %s', async (_what, instance) => {
    for (let seed = 0; seed < 4; seed++) {
      const record = arbitraryTree(instance, seededRandom(seed), seed % 2 === 0 && instance.Z.cols === 1)
      expectAbove(instance, (await checkProof(instance.problem, record.toBytes(1e300))).polarBound)
    }
  })
})

const shapes = [
  [1, 1],
  [1, 2],
  [2, 1],
  [2, 3],
  [3, 1],
  [3, 2],
  [4, 1],
  [4, 2],
] as const

describe('a proof of ω ≤ 1.02 ω', () => {
  test.each(shapes)('in rank %d with %d outputs is confirmed to rounding', async (r, c) => {
    const instance = randomInstance(10 * r + c, 12, r, c)
    const omega = await omegaOf(instance)
    for (const signed of c === 1 ? [false, true] : [false]) {
      const record = new ProofRecord(instance.problem, instance.Z)
      const claim = bisect(instance, record, { target: omega * 1.02, signed })
      const { polarBound, dual } = await checkProof(instance.problem, record.toBytes(claim))
      expect(dual).toEqual(instance.Z)
      expect(polarBound).toBeGreaterThanOrEqual(omega)
      expect(polarBound).toBeLessThanOrEqual(omega * (1.02 + 1e-9))
    }
  })

  test('speaks about data of lower rank, and of size 10^±150, as given', async () => {
    const solid = randomMatrix(seededRandom(3), 8, 2)
    for (const size of [1e-150, 1, 1e150]) {
      const X = matrix(8, 3, Float64Array.from({ length: 24 }, (_, k) => size * (solid.data[2 * Math.floor(k / 3)] + (k % 3) * solid.data[2 * Math.floor(k / 3) + 1]))) // biome-ignore format: long
      const instance = instanceOf(X, randomMatrix(seededRandom(4), 8, 2))
      expect(instance.problem.reduction.rank).toBe(2)
      const omega = await omegaOf(instance)
      const record = new ProofRecord(instance.problem, instance.Z)
      const claim = bisect(instance, record, { target: omega * 1.02 })
      const { polarBound } = await checkProof(instance.problem, record.toBytes(claim))
      expectAbove(instance, polarBound)
      expect(polarBound).toBeLessThanOrEqual(omega * (1.02 + 1e-9))
    }
  })

  test('pays for what the basis of the file leaves out', async () => {
    const whole = instanceOf(fromRows([[1, 0], [0, 1]]), fromRows([[0], [1]])) // biome-ignore format: matrices
    const V = fromRows([[1], [0]])
    const reduction = { rank: 1, Xr: V, V, discarded: 1, stretch: 1 }
    const instance = { ...whole, problem: { ...whole.problem, reduction } }
    const record = new ProofRecord(instance.problem, instance.Z)
    bisect(instance, record, { target: 1e9 })
    expectAbove(instance, (await checkProof(instance.problem, record.toBytes(2))).polarBound)
  })

  test('of nothing: X = 0, Z = 0', async () => {
    for (const instance of [
      instanceOf(matrix(3, 2), matrix(3, 1).data.fill(1) && matrix(3, 1)),
      instanceOf(randomMatrix(seededRandom(1), 3, 2), matrix(3, 1)),
    ]) {
      // biome-ignore format: long
      const record = new ProofRecord(instance.problem, instance.Z)
      bisect(instance, record, { target: 0 })
      expect((await checkProof(instance.problem, record.toBytes(1e-100))).polarBound).toBeLessThan(1e-100)
    }
  })

  test('without time is neither confirmed nor refuted', async () => {
    const instance = randomInstance(1, 6, 2, 2)
    const record = new ProofRecord(instance.problem, instance.Z)
    const bytes = record.toBytes.bind(record, bisect(instance, record, { target: 0 }))()
    const late = createPacer({ timeLimitSeconds: 0 })
    expect((await checkProof(instance.problem, bytes, late)).polarBound).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('a proof that was tampered with, checksum and all, fails', () => {
  const instance = randomInstance(5, 10, 3, 2)
  const { problem, Z } = instance
  const options = async (): Promise<{ target: number }> => ({ target: 1.02 * (await omegaOf(instance)) })

  /** What every single change of one call makes of the proof: how many of them it survives. */
  async function survivors(
    change: (record: ProofRecorder, at: number) => ProofRecorder,
  ): Promise<[alive: number, of: number]> {
    const asked = await options()
    const nodes = new Set<number>()
    const plain = new ProofRecord(problem, Z)
    const claim = bisect(instance, watched(plain, nodes), asked)
    let alive = 0
    for (const at of nodes) {
      const record = new ProofRecord(problem, Z)
      bisect(instance, change(record, at), asked)
      const outcome = await checkProof(problem, record.toBytes(claim)).catch((error: unknown) => error)
      if (outcome instanceof ProofError || outcome instanceof ModelFormatError) continue
      alive++
      expectAbove(instance, (outcome as { polarBound: number }).polarBound) // still a proof, only another one
    }
    return [alive, nodes.size]
  }

  test('a flipped split', async () => {
    const [alive, all] = await survivors((record, at) => changed(record, {
      split: (node, from, to, point, first) => (node === at ? record.split(node, to, from, point, first) : record.split(node, from, to, point, first)),
    })) // biome-ignore format: long
    expect(alive).toBe(0)
    expect(all).toBeGreaterThan(10)
  })

  test('swapped children', async () => {
    expect((await survivors(swapped))[0]).toBe(0)
  })

  test('a point moved off its edge, or not of length one', async () => {
    const turned = (point: Float64Array): Float64Array => {
      const size = Math.hypot(1, 1e-9)
      return point.map((value, q) => (value + (q === 0 ? -1e-9 * point[1] : q === 1 ? 1e-9 * point[0] : 0)) / size)
    }
    const longer = (point: Float64Array): Float64Array => point.map((value) => value * (1 + 1e-12))
    for (const [move, why] of [
      [turned, 'off its edge'],
      [longer, 'not of length 1'],
    ] as const) {
      const record = new ProofRecord(problem, Z)
      const moved: ProofRecorder = changed(record, {
        split: (node, from, to, point, first) => record.split(node, from, to, node === 0 ? move(point) : point, first),
      })
      const claim = bisect(instance, moved, await options())
      await expect(checkProof(problem, record.toBytes(claim))).rejects.toThrow(`the point of the cut is ${why}`)
    }
  })

  test('slopes outside [0, 1], and samples that are not there', async () => {
    for (const bad of [{ slopes: [1.5] }, { slopes: [-0.1] }, { slopes: [Number.NaN] }, { samples: [10] }]) {
      const record = new ProofRecord(problem, Z)
      let first = true
      const tampered: ProofRecorder = changed(record, {
        leaf: (node, witness) => {
          const hit = first && witness.kind === 'directed' && witness.samples.length > 0
          record.leaf(node, hit ? { ...witness, samples: [0], slopes: [1], ...bad } : witness)
          if (hit) first = false
        },
      })
      const claim = bisect(instance, tampered, { target: 1e9 })
      await expect(checkProof(problem, record.toBytes(claim))).rejects.toThrow(/sample \d+ has slope/)
    }
  })

  test('a cone that samples cross, passed off as one where F is linear', async () => {
    const record = new ProofRecord(problem, Z)
    const claim = bisect(instance, changed(record, { leaf: (node) => record.leaf(node, { kind: 'maximum' }) }), {
      target: 1e9,
    })
    await expect(checkProof(problem, record.toBytes(claim))).rejects.toThrow('proof: node 0 (byte')
  })

  test('a lower claim: above ω a leaf is named, below ω there is no proof at all', async () => {
    const record = new ProofRecord(problem, Z)
    const claim = bisect(instance, record, await options())
    await expect(checkProof(problem, record.toBytes(claim * (1 - 1e-6)))).rejects.toThrow(
      /node \d+ \(byte \d+\): its bound/,
    )
    await expect(checkProof(problem, record.toBytes(claim / 2))).rejects.toThrow(ProofError)
    await expect(checkProof(problem, record.toBytes(Number.NaN))).rejects.toThrow('not all is finite')
  })

  test('a leaf left out, one too many, an unknown kind of node', async () => {
    const record = new ProofRecord(problem, Z)
    const claim = bisect(instance, record, await options())
    const { header, tree } = readProof(record.toBytes(claim))
    const nodes = Uint8Array.from({ length: tree.remaining }, () => tree.byte())
    const withTree = (bytes: Uint8Array): Promise<unknown> => checkProof(problem, writeProof(header, bytes))
    await expect(withTree(nodes.subarray(0, -1))).rejects.toThrow(/^proof: byte \d+: expected/)
    await expect(withTree(Uint8Array.of(...nodes, 2))).rejects.toThrow('1 bytes are left')
    await expect(withTree(Uint8Array.of(9, ...nodes))).rejects.toThrow('there is no kind 9 of node')
    await expect(withTree(new Uint8Array())).rejects.toThrow('expected 1 more bytes, got 0')
  })

  test('axes that do not span the space', async () => {
    const record = new ProofRecord(problem, Z)
    const claim = bisect(instance, record, await options())
    const { header, tree } = readProof(record.toBytes(claim))
    const nodes = Uint8Array.from({ length: tree.remaining }, () => tree.byte())
    const axes = matrix(3, 3, header.axes.data.slice())
    axes.data.copyWithin(3, 0, 3)
    await expect(checkProof(problem, writeProof({ ...header, axes }, nodes))).rejects.toThrow(
      'axes 0 and 1 are oblique',
    )
    const flat = matrix(3, 3)
    await expect(checkProof(problem, writeProof({ ...header, axes: flat }, nodes))).rejects.toThrow('axis 0 is not')
  })

  test('other data, another Z, another V', async () => {
    const wide = follow({ seed: 9, n: 6, d: 4, c: 1, kind: 'repeated' })
    for (const asked of [instance, wide]) {
      const record = new ProofRecord(asked.problem, asked.Z)
      const claim = bisect(asked, record, { target: 1.02 * (await omegaOf(asked)) })
      const bytes = record.toBytes(claim)
      const other = instanceOf(asked.problem.X, asked.Z)
      expect((await checkProof(other.problem, bytes)).leaves).toBeGreaterThan(0)
      other.problem.X.data[0] += 1e-9
      await expect(checkProof(instanceOf(other.problem.X, asked.Z).problem, bytes)).rejects.toThrow(
        'it is about data with hash',
      )
      const { header, tree } = readProof(bytes)
      const nodes = Uint8Array.from({ length: tree.remaining }, () => tree.byte())
      const dual = matrix(asked.Z.rows, asked.Z.cols, asked.Z.data.map((value) => 1.1 * value)) // biome-ignore format: short
      await expect(checkProof(asked.problem, writeProof({ ...header, dual }, nodes))).rejects.toThrow(ProofError)
      if (header.basis === null) continue
      const basis = matrix(header.basis.rows, header.basis.cols, header.basis.data.map((value) => 0.9 * value)) // biome-ignore format: short
      await expect(checkProof(asked.problem, writeProof({ ...header, basis }, nodes))).rejects.toThrow(ProofError)
    }
  })
})

describe('a damaged file', () => {
  const instance = randomInstance(6, 4, 2, 1)
  const record = new ProofRecord(instance.problem, instance.Z)
  const bytes = record.toBytes.bind(record, bisect(instance, record, { target: 1e9 }))()

  test('is noticed whichever byte was changed', async () => {
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice()
      changed[at] ^= 1 << (at % 8)
      await expect(checkProof(instance.problem, changed)).rejects.toThrow(/^proof: byte \d+: expected/)
    }
  })

  test('is noticed wherever it was cut off', async () => {
    for (let length = 0; length < bytes.length; length++) {
      await expect(checkProof(instance.problem, bytes.slice(0, length))).rejects.toThrow(/^proof: byte \d+: expected/)
    }
  })

  test('allocates nothing for sizes that it only claims to have', async () => {
    const { header } = readProof(bytes)
    const claimed = writeProof(
      { ...header, dual: { rows: 2 ** 32 - 1, cols: 2 ** 32 - 1, data: new Float64Array(1) } },
      new Uint8Array(),
    )
    await expect(checkProof(instance.problem, claimed)).rejects.toThrow(/more bytes, got/)
  })
})

function changed(record: ProofRecorder, calls: Partial<ProofRecorder>): ProofRecorder {
  return {
    start: (cones, signs) => record.start(cones, signs),
    split: (node, from, to, point, first) => record.split(node, from, to, point, first),
    leaf: (node, witness) => record.leaf(node, witness),
    ...calls,
  }
}

function watched(record: ProofRecorder, nodes: Set<number>): ProofRecorder {
  return changed(record, {
    split: (node, from, to, point, first) => {
      nodes.add(node)
      record.split(node, from, to, point, first)
    },
  })
}

/** The children of one node, with all below them, change places. */
function swapped(record: ProofRecorder, at: number): ProofRecorder {
  let [one, other] = [-1, -1]
  const renamed = (node: number): number => (node === one ? other : node === other ? one : node)
  return changed(record, {
    split: (node, from, to, point, first) => {
      record.split(renamed(node), from, to, point, first)
      if (node === at) [one, other] = [first, first + 1]
    },
    leaf: (node, witness) => record.leaf(renamed(node), witness),
  })
}
