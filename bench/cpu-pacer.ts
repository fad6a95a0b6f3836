import { createPacer, type Pacer } from '@relucent/core'

export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** A pacer whose clock is the time of the processor: on a shared machine the other one measures the neighbours. */
export function cpuPacer(seconds: number): Pacer {
  const start = cpuSeconds()
  const used = (): number => cpuSeconds() - start
  const remainingSeconds = (): number => Math.max(0, seconds - used())
  return {
    ...createPacer(),
    elapsedSeconds: used,
    remainingSeconds,
    expired: () => !(used() < seconds),
    within: (limit) => cpuPacer(Math.min(limit, remainingSeconds())),
  }
}
