import type { BaselineProgress } from '@relucent/core'

/** Often enough for a display, and seldom enough for a file of events: an epoch can take microseconds. */
const reportMilliseconds = 100

export function throttled(report: (progress: BaselineProgress) => void): (progress: BaselineProgress) => void {
  let last = Number.NEGATIVE_INFINITY
  return (progress) => {
    const now = performance.now()
    if (now - last < reportMilliseconds) return
    last = now
    report(progress)
  }
}
