/** Keeps a long computation polite on one thread: it yields to the event loop, and knows when to stop. */
export interface Pacer {
  readonly signal: AbortSignal | undefined
  aborted(): boolean
  /** Aborted, or past the deadline. */
  expired(): boolean
  elapsedSeconds(): number
  remainingSeconds(): number
  /** A promise when it is time to let others run, otherwise undefined: `const turn = pacer.breathe(); if (turn) await turn`. */
  breathe(): Promise<void> | undefined
  /** The same signal with a deadline at most `seconds` from now. */
  within(seconds: number): Pacer
}

/** Others must get a turn at least every 20 ms; the rest is margin for the work between two calls. */
const sliceMilliseconds = 12

export function createPacer(options: { signal?: AbortSignal; timeLimitSeconds?: number } = {}): Pacer {
  return pacerFrom(options.signal, performance.now(), options.timeLimitSeconds ?? Number.POSITIVE_INFINITY)
}

function pacerFrom(signal: AbortSignal | undefined, start: number, limitSeconds: number): Pacer {
  const elapsedSeconds = (): number => (performance.now() - start) / 1000
  const aborted = (): boolean => signal?.aborted === true
  return {
    signal,
    aborted,
    elapsedSeconds,
    expired: () => aborted() || !(elapsedSeconds() < limitSeconds),
    remainingSeconds: () => Math.max(0, limitSeconds - elapsedSeconds()),
    breathe: createTurns(sliceMilliseconds),
    within: (seconds) => pacerFrom(signal, performance.now(), Math.min(seconds, limitSeconds - elapsedSeconds())),
  }
}

/** A promise whenever so long has passed since the last one settled: the pauses alone of a pacer. */
export function createTurns(milliseconds: number): () => Promise<void> | undefined {
  let last = performance.now()
  return () => {
    if (performance.now() - last < milliseconds) return undefined
    return nextTurn().then(() => {
      last = performance.now()
    })
  }
}

/** A macrotask: timers, signals and input are handled before it resolves. A message is not clamped to 4 ms as timers are. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
