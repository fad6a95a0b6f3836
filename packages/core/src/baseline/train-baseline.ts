import type {
  Baseline,
  BaselineHistory,
  BaselineOptions,
  BaselineProgress,
  BaselineResult,
  BaselineStatus,
  Descent,
} from '../baseline.ts'
import { UnsupportedProblemError } from '../errors.ts'
import { balance, objective as objectiveOf } from '../network.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import type { Problem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { createLandscape } from './landscape.ts'
import { createLayout, kaimingUniform, toNetwork } from './weights.ts'

/**
 * Trains a network of given width from a seeded Kaiming-uniform start (He, Zhang, Ren, Sun 2015), all samples at once,
 * on the objective of the problem, ℓ + β/2 Σ_j (‖u_j‖² + ‖v_j‖²). The lowest point on the way is the result, balanced,
 * which does not raise its objective.
 *
 * @throws RangeError when an option is out of range.
 * @throws UnsupportedProblemError for an architecture other than the dense one, and for an unpenalised part.
 */
export async function trainBaseline(
  problem: Problem,
  baseline: Baseline,
  options: BaselineOptions = {},
): Promise<BaselineResult> {
  const { neurons = 100, epochs = 10_000, seed = 0, timeLimitSeconds = Number.POSITIVE_INFINITY } = options
  validate(problem, { neurons, epochs, timeLimitSeconds })
  if (problem.free !== null) {
    const what = 'the baseline does not train an output bias or a skip connection outside the weight decay'
    throw new UnsupportedProblemError(`trainBaseline: ${what}: leave them out, or use bias`)
  }
  const { signal, onProgress } = options
  const pacer = createPacer(signal ? { signal, timeLimitSeconds } : { timeLimitSeconds })
  const layout = createLayout(problem.X.cols, neurons, problem.Y.cols)
  const landscape = createLandscape(problem, layout, pacer)
  const start = kaimingUniform(layout, seededRandom(seed))
  const track = new Track(start, pacer)
  const descent = await baseline.begin(landscape, start.slice())
  track.visit(descent)
  let status = stopReason(track, 0, epochs, pacer)
  while (status === undefined) {
    const goesOn = await descent.step()
    if (!pacer.expired()) {
      track.visit(descent)
      onProgress?.(track.progress(descent))
    }
    status = stopReason(track, track.epochs, epochs, pacer) ?? (goesOn ? undefined : 'stalled')
  }
  const network = balance(toNetwork(layout, track.best, problem))
  return {
    method: baseline.name,
    status,
    seed,
    network,
    objective: objectiveOf(problem, network),
    epochs: track.epochs,
    evaluations: landscape.evaluations,
    history: track.history(),
  }
}

function stopReason(track: Track, done: number, epochs: number, pacer: Pacer): BaselineStatus | undefined {
  if (pacer.aborted()) return 'interrupted'
  if (pacer.expired()) return 'time-limit'
  if (!Number.isFinite(track.lowest)) return 'numerical-error'
  if (done >= epochs) return 'iteration-limit'
  return undefined
}

/** What has been seen on the way. */
class Track {
  readonly #pacer: Pacer
  readonly #objectives: number[] = []
  readonly #seconds: number[] = []
  readonly best: Float64Array
  lowest = Number.POSITIVE_INFINITY

  constructor(start: Float64Array, pacer: Pacer) {
    this.best = start
    this.#pacer = pacer
  }

  get epochs(): number {
    return Math.max(0, this.#objectives.length - 1)
  }

  visit({ objective, weights }: Descent): void {
    this.#objectives.push(objective)
    this.#seconds.push(this.#pacer.elapsedSeconds())
    if (!(objective < this.lowest)) return
    this.lowest = objective
    this.best.set(weights)
  }

  progress({ objective, rate }: Descent): BaselineProgress {
    const elapsedSeconds = this.#seconds[this.#seconds.length - 1]
    return { epoch: this.epochs, objective, bestObjective: this.lowest, rate, elapsedSeconds }
  }

  history(): BaselineHistory {
    return { objective: Float64Array.from(this.#objectives), seconds: Float64Array.from(this.#seconds) }
  }
}

function validate(
  { architecture }: Problem,
  { neurons, epochs, timeLimitSeconds }: { neurons: number; epochs: number; timeLimitSeconds: number },
): void {
  if (architecture.name !== 'dense') {
    throw new UnsupportedProblemError(`trainBaseline: the architecture must be dense, got ${String(architecture.name)}`)
  }
  for (const [name, value] of Object.entries({ neurons, epochs })) {
    if (!(Number.isSafeInteger(value) && value >= 1)) {
      throw new RangeError(`trainBaseline: ${name} must be a whole number of at least 1, got ${value}`)
    }
  }
  if (!(timeLimitSeconds >= 0)) {
    throw new RangeError(`trainBaseline: timeLimitSeconds must be at least 0, got ${timeLimitSeconds}`)
  }
}
