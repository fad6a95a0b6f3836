import type { BoundFrom, Scope } from './bound.ts'
import { factsOf, type ProblemFacts } from './certificate.ts'
import { UnsupportedProblemError } from './errors.ts'
import { frobeniusUpper } from './linalg/norms.ts'
import type { StoredCertificate } from './model/certificate-file.ts'
import { type Network, objective as objectiveOf, objectiveRounding } from './network.ts'
import type { Candidate, OracleFactory } from './oracle.ts'
import { branchAndBoundOracle } from './oracle/branch-and-bound.ts'
import { enumerationOracle } from './oracle/enumeration.ts'
import { polarValue } from './oracle/evaluate.ts'
import { planarOracle } from './oracle/planar.ts'
import { whitenedOracle } from './oracle/whitened.ts'
import { createPacer, type Pacer } from './pacer.ts'
import type { Problem } from './problem.ts'
import { ProofError } from './proof.ts'
import { checkProof } from './proof/check.ts'
import { lift, project } from './reduction.ts'

export interface VerifyOptions {
  /** A proof file about the stored dual, to be checked instead of pricing. */
  readonly proof?: Uint8Array | undefined
  /** The oracle to price with; by default one of another family than the certificate's, where the size allows one. */
  readonly oracle?: OracleFactory
  readonly timeLimitSeconds?: number
  readonly signal?: AbortSignal
  /** How far, relative to the objective, the bound proven here may stay below the stored one and still confirm it. */
  readonly tolerance?: number
}

export interface Verification {
  readonly verdict: 'confirmed' | 'refuted' | 'inconclusive'
  /** Of the network on the data, computed anew. */
  readonly objective: number
  /** Proven here; 0 when nothing was priced. */
  readonly lowerBound: number
  /** The largest ‖Zᵀφ(u)‖/‖u‖ attained here. */
  readonly polarValue: number
  /** ω̄ as proven here; Infinity when nothing was priced. */
  readonly polarBound: number
  /** What speaks for the verdict; every contradiction found when it is `refuted`. */
  readonly reasons: readonly string[]
  /** Name of the oracle that priced Z, `proof` where a proof was checked, null when neither had to be. */
  readonly oracle: string | null
  /** The bound was checked with the kind of search that made it: weaker evidence than another kind. */
  readonly sameOracleFamily: boolean
}

/** What is being verified, and the figures already recomputed. */
interface Case {
  readonly problem: Problem
  readonly network: Network
  readonly stored: StoredCertificate
  readonly objective: number
}

/**
 * Checks a stored certificate against the data and the network, using no solver: evaluates the network, does the
 * arithmetic of the lower bound again, and prices the stored Z anew or checks a proof of its bound.
 *
 * `refuted` means that a stored figure is contradicted; `confirmed` that the stored lower bound has been proven again;
 * `inconclusive` that neither was possible within the time limit.
 *
 * @throws ModelFormatError when the proof is damaged.
 */
export async function verify(
  problem: Problem,
  network: Network,
  stored: StoredCertificate,
  options: VerifyOptions = {},
): Promise<Verification> {
  const { timeLimitSeconds = 60, signal, tolerance = 1e-6 } = options
  const mismatches = differences(problem, network, stored)
  if (mismatches.length > 0) return { ...unpriced, verdict: 'refuted', objective: Number.NaN, reasons: mismatches }
  const subject: Case = { problem, network, stored, objective: objectiveOf(problem, network) }
  const contradictions = arithmetic(subject)
  if (contradictions.length > 0) {
    return { ...unpriced, verdict: 'refuted', objective: subject.objective, reasons: contradictions }
  }
  if (stored.lowerBound === 0) {
    const reasons = ['0 is a lower bound on every objective; nothing had to be priced']
    return { ...unpriced, verdict: 'confirmed', objective: subject.objective, reasons }
  }
  const pacer = createPacer(signal ? { signal, timeLimitSeconds } : { timeLimitSeconds })
  if (options.proof) return proven(subject, options.proof, tolerance, pacer)
  return repriced(subject, options.oracle ? [options.oracle] : otherFamiliesFirst(stored.boundFrom), tolerance, pacer)
}

const unpriced = {
  lowerBound: 0,
  polarValue: 0,
  polarBound: Number.POSITIVE_INFINITY,
  oracle: null,
  sameOracleFamily: false,
}

/** In order of preference when nothing is known: the sweep is exact and fast where it applies, enumeration seldom does. */
const oracles: readonly { readonly family: BoundFrom; readonly create: OracleFactory }[] = [
  { family: 'sweep', create: planarOracle },
  { family: 'branch-and-bound', create: branchAndBoundOracle },
  { family: 'enumeration', create: (problem) => enumerationOracle(problem) },
  { family: 'closed-form', create: whitenedOracle },
]

function otherFamiliesFirst(family: BoundFrom): readonly OracleFactory[] {
  const others = oracles.filter((oracle) => oracle.family !== family)
  return [...others, ...oracles.filter((oracle) => oracle.family === family)].map(({ create }) => create)
}

/** The certificate must be about this problem and this shape of network. */
function differences(problem: Problem, network: Network, stored: StoredCertificate): string[] {
  const { discarded: _, ...facts } = factsOf(problem)
  const compared = Object.keys(facts) as (keyof typeof facts)[]
  const reasons = compared
    .filter((name) => stored.problem[name] !== facts[name])
    .map((name) => `the certificate is about ${labels[name]} ${stored.problem[name]}, the problem has ${facts[name]}`)
  if (stored.dual.rows !== facts.n || stored.dual.cols !== facts.c) {
    reasons.push(`the dual must be ${facts.n} × ${facts.c}, got ${stored.dual.rows} × ${stored.dual.cols}`)
  }
  if (network.inputs !== facts.d || network.outputs !== facts.c) {
    reasons.push(`the network must be ${facts.d} → ${facts.c}, got ${network.inputs} → ${network.outputs}`)
  }
  return reasons
}

/** `discarded` is a by-product of how the bound was computed, not part of what is claimed. */
const labels: Record<Exclude<keyof ProblemFacts, 'discarded'>, string> = {
  formula: 'the formula',
  beta: 'beta',
  loss: 'the loss',
  architecture: 'the architecture',
  bias: 'bias',
  n: 'n =',
  d: 'd =',
  c: 'c =',
  rank: 'rank',
  dataHash: 'data with hash',
}

/** Everything about the stored figures that can be checked without pricing. NaN contradicts. */
function arithmetic({ problem, network, stored, objective }: Case): string[] {
  const { beta, loss, Y } = problem
  const { scale, polarBound, lowerBound } = stored
  const reasons: string[] = []
  const rounding = 2 * objectiveRounding(problem, network)
  if (!(Math.abs(objective - stored.objective) <= rounding)) {
    reasons.push(`the network has objective ${objective}, the certificate says ${stored.objective}`)
  }
  if (!(lowerBound <= objective + rounding)) {
    reasons.push(`the stored lower bound ${lowerBound} exceeds the objective ${objective} of the network`)
  }
  if (!(scale === 0 || Math.abs(scale) <= beta / polarBound)) {
    reasons.push(`the scale ${scale} exceeds beta / polarBound = ${beta / polarBound}: the scaled dual is not feasible`)
  }
  const value = loss.dualValue(stored.dual, Y, scale)
  if (!(lowerBound === 0 || lowerBound <= value + Math.abs(value) * figureRounding)) {
    reasons.push(`the dual value at the stored scale is ${value}, less than the stored lower bound ${lowerBound}`)
  }
  return reasons
}

/** Room for a dual value computed by another version, which may account for its rounding in another way. */
const figureRounding = 1e-12

/** Prices with one oracle after the other, until one of them decides. */
async function repriced(
  subject: Case,
  factories: readonly OracleFactory[],
  tolerance: number,
  pacer: Pacer,
): Promise<Verification> {
  let last: Verification | undefined
  for (const [k, create] of factories.entries()) {
    const share = k + 1 < factories.length ? pacer.remainingSeconds() / 2 : pacer.remainingSeconds()
    const priced = await attempt(subject, create, tolerance, pacer.within(share))
    if (priced === undefined) continue
    last = judged(subject, priced, tolerance)
    if (last.verdict !== 'inconclusive') return last
  }
  const reasons = ['no oracle can price a problem of this size']
  return last ?? { ...unpriced, verdict: 'inconclusive', objective: subject.objective, reasons }
}

/** What was found out about ω(Z). */
interface Opinion {
  readonly oracle: string
  readonly sameOracleFamily: boolean
  readonly candidates: readonly Candidate[]
  readonly polarBound: number
  readonly scope: Scope
}

async function proven(subject: Case, bytes: Uint8Array, tolerance: number, pacer: Pacer): Promise<Verification> {
  const refuted = (reason: string): Verification => {
    return { ...unpriced, verdict: 'refuted', objective: subject.objective, reasons: [reason], oracle: 'proof' }
  }
  try {
    const { dual, polarBound } = await checkProof(subject.problem, bytes, pacer)
    if (!subject.stored.dual.data.every((value, k) => value === dual.data[k])) {
      return refuted('the proof is about another dual than the certificate')
    }
    const found = {
      oracle: 'proof',
      sameOracleFamily: false,
      candidates: [],
      polarBound,
      scope: 'all-networks',
    } as const
    return judged(subject, found, tolerance)
  } catch (error) {
    if (error instanceof ProofError) return refuted(error.message)
    throw error
  }
}

/** Undefined when this oracle does not do problems of this size. */
async function attempt(
  { problem, network, stored }: Case,
  create: OracleFactory,
  tolerance: number,
  pacer: Pacer,
): Promise<Opinion | undefined> {
  try {
    const oracle = create(problem)
    const starts = network.neurons.map(({ u }) => project(problem.reduction, u))
    // A polar bound larger by this factor lowers the dual value by at most half the tolerance.
    const target = stored.polarBound * (1 + tolerance / 4)
    const options = { target, relativeTolerance: tolerance / 4, starts, pacer }
    const { candidates, bound } = await oracle.price(stored.dual, options)
    const sameOracleFamily = oracle.family === stored.boundFrom
    return { oracle: oracle.name, sameOracleFamily, candidates, polarBound: bound.value, scope: bound.scope }
  } catch (error) {
    if (error instanceof UnsupportedProblemError) return undefined
    throw error
  }
}

function judged({ problem, stored, objective }: Case, opinion: Opinion, tolerance: number): Verification {
  const { X, Y, beta, loss, reduction } = problem
  const { dual, scope } = stored
  const attained = opinion.candidates.map(({ weights }) => polarValue(X, dual, lift(reduction, weights)))
  const largest = attained.reduce((most, value) => Math.max(most, value), 0)
  const rounding = (X.rows + X.cols + 4) * Number.EPSILON * frobeniusUpper(X) * frobeniusUpper(dual)
  // Written out here rather than shared with `certify`: a check that shares its arithmetic shares its mistakes.
  const feasible = (beta / opinion.polarBound) * (1 - 2 * Number.EPSILON)
  const tau = Math.sign(stored.scale) * Math.min(Math.abs(stored.scale), feasible)
  const value = loss.dualValue(dual, Y, tau)
  const lowerBound = opinion.scope === 'all-networks' && value > 0 ? value : 0
  const figures = {
    objective,
    lowerBound,
    polarValue: largest,
    polarBound: opinion.polarBound,
    oracle: opinion.oracle,
    sameOracleFamily: opinion.sameOracleFamily,
  }
  if (scope === 'all-networks' && largest > stored.polarBound + rounding) {
    const reason = `a neuron attains ‖Zᵀφ(u)‖ = ${largest}, more than the stored polar bound ${stored.polarBound}`
    return { ...figures, verdict: 'refuted', reasons: [reason] }
  }
  if (lowerBound >= stored.lowerBound - tolerance * objective) {
    return {
      ...figures,
      verdict: 'confirmed',
      reasons: [`${opinion.oracle} proves the lower bound ${lowerBound}`],
    }
  }
  const reasons = [`${opinion.oracle} proves ${lowerBound} so far, less than the stored ${stored.lowerBound}`]
  if (scope !== 'all-networks') reasons.push(`the stored bound claims only the scope ${scope}`)
  return { ...figures, verdict: 'inconclusive', reasons }
}
