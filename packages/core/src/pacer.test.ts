import { describe, expect, test } from 'vitest'
import { createPacer, type Pacer } from './pacer.ts'

/** Works until the pacer asks for a pause; fails when it never does. */
function workUntilPause(pacer: Pacer): Promise<void> {
  const start = performance.now()
  for (;;) {
    const turn = pacer.breathe()
    if (turn) return turn
    if (performance.now() - start > 5000) throw new Error('the pacer never paused')
  }
}

describe('when to stop', () => {
  test('never, without a limit and a signal', () => {
    const pacer = createPacer()
    expect(pacer.expired()).toBe(false)
    expect(pacer.aborted()).toBe(false)
    expect(pacer.remainingSeconds()).toBe(Number.POSITIVE_INFINITY)
    expect(pacer.elapsedSeconds()).toBeGreaterThanOrEqual(0)
  })

  test('at once with a limit of 0, or one that is not a number', () => {
    for (const timeLimitSeconds of [0, -1, Number.NaN]) {
      const pacer = createPacer({ timeLimitSeconds })
      expect(pacer.expired()).toBe(true)
      expect(pacer.aborted()).toBe(false)
    }
    expect(createPacer({ timeLimitSeconds: 0 }).remainingSeconds()).toBe(0)
  })

  test('at an abort, before and during', () => {
    expect(createPacer({ signal: AbortSignal.abort() }).expired()).toBe(true)
    const controller = new AbortController()
    const pacer = createPacer({ signal: controller.signal, timeLimitSeconds: 1000 })
    expect(pacer.expired()).toBe(false)
    controller.abort()
    expect(pacer.expired()).toBe(true)
    expect(pacer.aborted()).toBe(true)
    expect(pacer.signal).toBe(controller.signal)
  })

  test('a deadline counts from when the pacer was made', async () => {
    const pacer = createPacer({ timeLimitSeconds: 0.02 })
    expect(pacer.expired()).toBe(false)
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(pacer.expired()).toBe(true)
    expect(pacer.elapsedSeconds()).toBeGreaterThanOrEqual(0.02)
    expect(pacer.remainingSeconds()).toBe(0)
  })
})

describe('within', () => {
  test('never outlives the pacer it came from, and shares its signal', () => {
    const controller = new AbortController()
    const outer = createPacer({ signal: controller.signal, timeLimitSeconds: 1 })
    const inner = outer.within(1000)
    expect(inner.remainingSeconds()).toBeLessThanOrEqual(1)
    expect(outer.within(0.001).remainingSeconds()).toBeLessThanOrEqual(0.001)
    expect(createPacer({ timeLimitSeconds: 0 }).within(10).expired()).toBe(true)
    controller.abort()
    expect(inner.expired()).toBe(true)
  })
})

describe('breathing', () => {
  test('lets timers and aborts through, again and again', async () => {
    const pacer = createPacer()
    let ticks = 0
    const timer = setInterval(() => ticks++, 0)
    for (let k = 0; k < 5; k++) await workUntilPause(pacer)
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(0)
    const controller = new AbortController()
    const abortable = createPacer({ signal: controller.signal })
    setTimeout(() => controller.abort(), 0)
    for (let k = 0; k < 200 && !abortable.expired(); k++) await workUntilPause(abortable)
    expect(abortable.aborted()).toBe(true)
  })

  test('costs nothing between pauses: no promise while the slice lasts', async () => {
    const pacer = createPacer()
    expect(pacer.breathe()).toBeUndefined()
    await workUntilPause(pacer)
    expect(pacer.breathe()).toBeUndefined() // a new slice has begun
  })
})
