import { describe, expect, test } from 'vitest'
import { proveBound } from './bound.ts'
import { certify } from './certificate.ts'
import { type Matrix, matrix, scaled, subtract } from './linalg/matrix.ts'
import {
  parseCertificate,
  serializeCertificate,
  type StoredCertificate,
  storedCertificate,
} from './model/certificate-file.ts'
import { network, type Network, predict } from './network.ts'
import type { OracleFactory } from './oracle.ts'
import { branchAndBoundOracle } from './oracle/branch-and-bound.ts'
import { countingOracle } from './oracle/counting.ts'
import { planarOracle } from './oracle/planar.ts'
import { prove } from './oracle/prove.ts'
import { createProblem, type Problem, withBeta } from './problem.ts'
import { planarFixture, randomMatrix, randomNetwork } from './problem.fixtures.ts'
import { seededRandom } from './random.ts'
import { verify, type VerifyOptions } from './verify.ts'

interface Honest {
  readonly problem: Problem
  readonly network: Network
  readonly stored: StoredCertificate
}

/** A network, its residual as the dual, and the bound an oracle proves on that: a true certificate, with a wide gap. */
async function honest(problem: Problem, net: Network, oracle: OracleFactory): Promise<Honest> {
  const dual = subtract(problem.Y, predict(net, problem.X))
  const { bound } = await oracle(problem).price(dual)
  return { problem, network: net, stored: storedCertificate(certify(problem, { network: net, dual, bound }), dual) }
}

const random = seededRandom(5)
const planar = createProblem({ ...planarFixture, beta: 0.5 })
const solid = createProblem({ X: randomMatrix(random, 9, 3), Y: randomMatrix(random, 9, 2), beta: 0.5 })
const small = (problem: Problem): Network => {
  const net = randomNetwork(seededRandom(2), problem.X.cols, problem.Y.cols, 2)
  return network(
    net.inputs,
    net.outputs,
    net.neurons.map(({ u, v }) => ({ u: u.map((a) => a / 4), v: v.map((a) => a / 4) })),
  )
}
const swept = await honest(planar, small(planar), planarOracle)
const searched = await honest(solid, small(solid), branchAndBoundOracle)

const check = (
  { problem, network: net, stored }: Honest,
  change: object = {},
  options?: VerifyOptions,
): ReturnType<typeof verify> => verify(problem, net, { ...stored, ...change }, options)

describe('an honest certificate is confirmed', () => {
  test('by another kind of search than made it, through a file', async () => {
    for (const [claim, not] of [
      [swept, 'planar'],
      [searched, 'branch-and-bound'],
    ] as const) {
      expect(claim.stored.lowerBound).toBeGreaterThan(0)
      const stored = parseCertificate(serializeCertificate(claim.stored))
      const result = await verify(claim.problem, claim.network, stored)
      expect(result).toMatchObject({ verdict: 'confirmed', sameOracleFamily: false })
      expect(result.oracle).not.toContain(not)
      expect(result.lowerBound).toBeGreaterThanOrEqual(claim.stored.lowerBound - 1e-6 * result.objective)
      expect(result.polarValue).toBeLessThanOrEqual(claim.stored.polarBound)
    }
  })

  test('and says so when only the same kind of search can do it', async () => {
    const wide = createProblem({ X: randomMatrix(random, 40, 4), Y: randomMatrix(random, 40, 1), beta: 3 })
    const claim = await honest(wide, small(wide), branchAndBoundOracle)
    const result = await check(claim, {}, { oracle: branchAndBoundOracle })
    expect(result).toMatchObject({ verdict: 'confirmed', oracle: 'branch-and-bound', sameOracleFamily: true })
  })

  test('the bound 0 needs no pricing', async () => {
    const counting = countingOracle(planarOracle(planar))
    const nothing = { lowerBound: 0, scale: 0, polarBound: Number.POSITIVE_INFINITY, boundFrom: 'trivial' }
    expect(await check(swept, nothing, { oracle: () => counting })).toMatchObject({
      verdict: 'confirmed',
      oracle: null,
    })
    expect(counting.calls).toBe(0)
  })
})

describe('a tampered certificate is refuted, and told why', () => {
  const { stored } = swept
  const facts = (change: object): object => ({ problem: { ...stored.problem, ...change } })
  const half: Matrix = matrix(
    6,
    2,
    Float64Array.from(stored.dual.data, (value, k) => (k < 6 ? value / 2 : value)),
  )
  const cases: readonly [string, object, string][] = [
    ['objective lowered', { objective: stored.objective * (1 - 1e-9) }, 'the certificate says'],
    ['objective raised', { objective: stored.objective * (1 + 1e-9) }, 'the certificate says'],
    ['objective absent', { objective: Number.NaN }, 'the certificate says NaN'],
    ['lower bound raised', { lowerBound: stored.lowerBound * (1 + 1e-9) }, 'less than the stored lower bound'],
    ['lower bound above the objective', { lowerBound: stored.objective * 2 }, 'exceeds the objective'],
    ['lower bound not a number', { lowerBound: Number.NaN }, 'the stored lower bound NaN'],
    ['scale raised', { scale: stored.scale * (1 + 1e-9) }, 'exceeds beta / polarBound'],
    ['scale and lower bound raised', { scale: stored.scale * 2, lowerBound: stored.lowerBound * 1.5 }, 'not feasible'],
    ['scale of the other sign', { scale: -stored.scale }, 'less than the stored lower bound'],
    ['scale not a number', { scale: Number.NaN }, 'the scale NaN'],
    ['polar bound raised', { polarBound: stored.polarBound * 1.1 }, 'exceeds beta / polarBound'],
    ['polar bound lowered', { polarBound: stored.polarBound * 0.9 }, 'more than the stored polar bound'],
    [
      'polar bound lowered by a hair',
      { polarBound: stored.polarBound * (1 - 1e-6) },
      'more than the stored polar bound',
    ],
    ['polar bound not a number', { polarBound: Number.NaN }, 'not feasible'],
    ['polar bound negative', { polarBound: -stored.polarBound }, 'not feasible'],
    ['dual doubled', { dual: scaled(stored.dual, 2) }, 'more than the stored polar bound'],
    ['dual halved in part', { dual: half }, 'less than the stored lower bound'],
    ['dual of another shape', { dual: matrix(2, 6, stored.dual.data) }, 'the dual must be 6 × 2'],
    ['another β', facts({ beta: 0.4 }), 'the certificate is about beta 0.4, the problem has 0.5'],
    ['other data', facts({ dataHash: '0'.repeat(16) }), 'the certificate is about data with hash 0000'],
    ['another loss', facts({ loss: 'huber' }), 'the certificate is about the loss huber'],
    ['another architecture', facts({ architecture: 'gated' }), 'the certificate is about the architecture gated'],
    ['another formula', facts({ formula: 'mean' }), 'the certificate is about the formula mean'],
    ['bias', facts({ bias: true }), 'the certificate is about bias true'],
    ['n', facts({ n: 7 }), 'the certificate is about n = 7'],
    ['d', facts({ d: 3 }), 'the certificate is about d = 3'],
    ['c', facts({ c: 1 }), 'the certificate is about c = 1'],
    ['rank', facts({ rank: 1 }), 'the certificate is about rank 1'],
  ]
  test.each(cases)('%s', async (_, change, reason) => {
    const result = await check(swept, change)
    expect(result.verdict).toBe('refuted')
    expect(result.reasons.join('; ')).toContain(reason)
  })

  test('a consistent lie: polar bound too small, scale and lower bound as they would then be', async () => {
    // Everything but the polar fits together; only pricing can tell, at rank 2 and above.
    for (const { problem, network: net, stored: truth } of [swept, searched]) {
      const bound = proveBound(problem, truth.dual, truth.polarBound * 0.8, truth.boundFrom)
      const lie = storedCertificate(certify(problem, { network: net, dual: truth.dual, bound }), truth.dual)
      expect(lie.lowerBound).toBeGreaterThan(truth.lowerBound)
      const result = await verify(problem, net, lie)
      expect(result.verdict).toBe('refuted')
      expect(result.reasons[0]).toContain('a neuron attains')
    }
  })

  test('another network, other data, another β', async () => {
    const { problem, network: net } = swept
    expect(await verify(problem, small(solid), swept.stored)).toMatchObject({ verdict: 'refuted' })
    const other = network(2, 2, net.neurons.slice(1))
    expect(await verify(problem, other, stored)).toMatchObject({ verdict: 'refuted' })
    expect(await verify(withBeta(problem, 0.25), net, stored)).toMatchObject({ verdict: 'refuted' })
    const moved = createProblem({ X: scaled(planarFixture.X, 1 + Number.EPSILON), Y: planarFixture.Y, beta: 0.5 })
    expect(await verify(moved, net, stored)).toMatchObject({ verdict: 'refuted' })
  })
})

describe('what can be neither confirmed nor refuted is inconclusive', () => {
  test('without time', async () => {
    const result = await check(searched, {}, { timeLimitSeconds: 0, oracle: branchAndBoundOracle })
    expect(result.verdict).toBe('inconclusive')
    expect(result.reasons[0]).toContain('so far')
  })

  test('when aborted', async () => {
    const result = await check(searched, {}, { signal: AbortSignal.abort(), oracle: branchAndBoundOracle })
    expect(result.verdict).toBe('inconclusive')
  })

  test('a bound over given patterns only, where pricing over all neurons gives less', async () => {
    const { problem, network: net, stored: truth } = swept
    const bound = proveBound(problem, truth.dual, truth.polarBound * 0.8, 'enumeration', 'given-patterns')
    const restricted = storedCertificate(certify(problem, { network: net, dual: truth.dual, bound }), truth.dual)
    const result = await verify(problem, net, restricted)
    expect(result.verdict).toBe('inconclusive')
    expect(result.reasons.join('; ')).toContain('only the scope given-patterns')
  })
})

describe('a proof file', () => {
  const proofOf = async ({ problem, stored }: Honest): Promise<Uint8Array> => {
    return (await prove(problem, stored.dual, { target: stored.polarBound })).bytes!
  }

  test('confirms an honest certificate without pricing, the sweep of rank 2 included', async () => {
    for (const claim of [swept, searched]) {
      const found = await check(claim, {}, { proof: await proofOf(claim) })
      expect(found).toMatchObject({ verdict: 'confirmed', oracle: 'proof', sameOracleFamily: false })
      expect(found.polarBound).toBeLessThanOrEqual(claim.stored.polarBound * (1 + 1e-8))
    }
  })

  test('of a larger bound proves less, and that is said', async () => {
    const { bytes } = await prove(searched.problem, searched.stored.dual, { target: 2 * searched.stored.polarBound })
    const found = await check(searched, {}, { proof: bytes })
    expect(found.verdict).toBe('inconclusive')
    expect(found.lowerBound).toBeLessThan(searched.stored.lowerBound)
  })

  test('about another dual, or that does not prove what it claims, refutes', async () => {
    const dual = scaled(searched.stored.dual, 0.5)
    const { bytes } = await prove(searched.problem, dual, { target: searched.stored.polarBound })
    const found = await check(searched, {}, { proof: bytes })
    expect(found).toMatchObject({
      verdict: 'refuted',
      reasons: ['the proof is about another dual than the certificate'],
    })
    const foreign = await check(swept, {}, { proof: bytes })
    expect(foreign.reasons[0]).toMatch(/^proof: it is about data with hash/)
  })

  test('that is damaged is an error', async () => {
    const bytes = await proofOf(swept)
    bytes[bytes.length >> 1] ^= 1
    await expect(check(swept, {}, { proof: bytes })).rejects.toThrow('checksum')
  })
})
