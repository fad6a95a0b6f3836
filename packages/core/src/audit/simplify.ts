import { dot, type Matrix, matrix } from '../linalg/matrix.ts'
import { norm2 } from '../linalg/norms.ts'
import { addOuterInto, balance, type Network, network, objective, objectiveRounding } from '../network.ts'
import type { Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'

/** What can be taken away from a network without raising its objective. Neurons are counted from 0, as in the network given. */
export interface Simplification {
  /** The network after all of it, balanced; the given one, balanced, where nothing could go. */
  readonly network: Network
  /** Of that network: at most that of the given one after balancing. */
  readonly objective: number
  /** Active on no sample, or with weights of 0: their penalty is all they contribute. */
  readonly inactive: readonly number[]
  /** Each group can be replaced by one neuron. */
  readonly merged: readonly (readonly number[])[]
  /** Without them the loss rises by no more than the penalty falls. */
  readonly dropped: readonly number[]
}

/** One neuron, or several that became one. */
interface Part {
  readonly u: Float64Array
  readonly v: Float64Array
  readonly atom: Float64Array
  /** ‖u‖‖v‖. */
  readonly size: number
  readonly members: readonly number[]
}

/** Cosine between two neurons, as matrices uvᵀ, above which merging them is tried. */
const similar = 0.9

/**
 * Looks for neurons that can go: those that do nothing, then pairs of similar ones that one neuron can replace, then
 * single ones whose penalty is more than they are worth. Each step is taken only if the objective does not rise, with the
 * steps before it taken; what is found is therefore possible all at once, but need not be the most that is possible.
 */
export async function simplify(problem: Problem, net: Network, pacer: Pacer): Promise<Simplification> {
  const start = balance(net)
  const { parts, inactive } = toParts(problem, net)
  const trial = new Trial(problem, parts)
  const kept = await mergeSimilar(problem, parts, trial, pacer)
  const rest = await dropCheap(kept, trial, pacer)
  const neurons = rest.toSorted((a, b) => a.members[0] - b.members[0]).map(({ u, v }) => ({ u, v }))
  const simplified = balance(network(net.inputs, net.outputs, neurons, net))
  const value = objective(problem, simplified)
  const before = objective(problem, start)
  if (!(value <= before + objectiveRounding(problem, start))) {
    return { network: start, objective: before, inactive: [], merged: [], dropped: [] }
  }
  return {
    network: simplified,
    objective: value,
    inactive,
    merged: rest.filter(({ members }) => members.length > 1).map(({ members }) => members),
    dropped: kept.filter((part) => !rest.includes(part)).flatMap(({ members }) => members),
  }
}

function toParts({ X, architecture }: Problem, net: Network): { parts: Part[]; inactive: number[] } {
  const parts: Part[] = []
  const inactive: number[] = []
  net.neurons.forEach(({ u, v }, j) => {
    const part = partOf(u, v, architecture.atom(X, u), [j])
    if (part.size === 0 || part.atom.every((value) => value === 0)) inactive.push(j)
    else parts.push(part)
  })
  return { parts, inactive }
}

function partOf(u: Float64Array, v: Float64Array, atom: Float64Array, members: readonly number[]): Part {
  return { u, v, atom, size: norm2(u) * norm2(v), members }
}

/** The objective with some parts exchanged for others. */
class Trial {
  readonly #problem: Problem
  #F: Matrix
  #size: number
  #objective: number

  constructor(problem: Problem, parts: readonly Part[]) {
    this.#problem = problem
    this.#F = matrix(problem.X.rows, problem.Y.cols)
    for (const { atom, v } of parts) addOuterInto(1, atom, v, this.#F)
    this.#size = parts.reduce((total, { size }) => total + size, 0)
    this.#objective = this.#valueOf(this.#F, this.#size)
  }

  /** Takes the exchange if it does not raise the objective. */
  accept(removed: readonly Part[], added: Part | null): boolean {
    const F = matrix(this.#F.rows, this.#F.cols, this.#F.data.slice())
    for (const { atom, v } of removed) addOuterInto(-1, atom, v, F)
    if (added) addOuterInto(1, added.atom, added.v, F)
    const size = removed.reduce((total, part) => total - part.size, this.#size) + (added?.size ?? 0)
    const value = this.#valueOf(F, size)
    if (!(value <= this.#objective)) return false
    this.#F = F
    this.#size = size
    this.#objective = value
    return true
  }

  #valueOf(F: Matrix, size: number): number {
    return this.#problem.loss.value(F, this.#problem.Y) + this.#problem.beta * size
  }
}

/** Largest first, each with the one most like it among those before. */
async function mergeSimilar(problem: Problem, parts: readonly Part[], trial: Trial, pacer: Pacer): Promise<Part[]> {
  const kept: Part[] = []
  for (const part of parts.toSorted((a, b) => b.size - a.size)) {
    if (pacer.aborted()) return [...kept, ...parts.filter((other) => !isAmong(other, kept))]
    const k = mostSimilar(part, kept)
    const sum = k < 0 ? undefined : together(problem, kept[k], part)
    if (sum !== undefined && trial.accept([kept[k], part], sum)) kept[k] = sum
    else kept.push(part)
    const turn = pacer.breathe()
    if (turn) await turn
  }
  return kept
}

function isAmong({ members }: Part, parts: readonly Part[]): boolean {
  return parts.some((other) => other.members.includes(members[0]))
}

function mostSimilar(part: Part, others: readonly Part[]): number {
  let best = similar
  let found = -1
  others.forEach(({ u, v, size }, k) => {
    const outer = dot(part.v, v)
    if (!(outer > 0)) return
    const cosine = (dot(part.u, u) * outer) / (part.size * size)
    if (cosine > best) {
      best = cosine
      found = k
    }
  })
  return found
}

/** u₁v₁ᵀ + u₂v₂ᵀ seen along one output direction: exactly the two together where they share it and a cell. */
function together({ X, architecture }: Problem, a: Part, b: Part): Part {
  const mean = a.v.map((value, k) => norm2(a.u) * value + norm2(b.u) * b.v[k])
  const length = norm2(mean)
  const v = mean.map((value) => value / length)
  const [alongA, alongB] = [dot(a.v, v), dot(b.v, v)]
  const u = a.u.map((value, k) => alongA * value + alongB * b.u[k])
  return partOf(
    u,
    v,
    architecture.atom(X, u),
    [...a.members, ...b.members].toSorted((i, j) => i - j),
  )
}

/** Those of the least penalty first: they are worth least. */
async function dropCheap(parts: readonly Part[], trial: Trial, pacer: Pacer): Promise<Part[]> {
  const gone = new Set<Part>()
  for (const part of parts.toSorted((a, b) => a.size - b.size)) {
    if (pacer.aborted()) break
    if (trial.accept([part], null)) gone.add(part)
    const turn = pacer.breathe()
    if (turn) await turn
  }
  return parts.filter((part) => !gone.has(part))
}
