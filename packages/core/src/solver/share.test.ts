import { expect, test } from 'vitest'
import type { Pacer } from '../pacer.ts'
import { Share } from './share.ts'

/** A pacer whose clock is set by hand, with a deadline after ten seconds. */
function handClock(): { readonly whole: Pacer; readonly pass: (seconds: number) => void } {
  let now = 0
  const whole: Pacer = {
    signal: undefined,
    aborted: () => false,
    expired: () => now >= 10,
    elapsedSeconds: () => now,
    remainingSeconds: () => Math.max(0, 10 - now),
    breathe: () => undefined,
    within: (seconds) => ({ ...whole, remainingSeconds: () => seconds }),
  }
  return { whole, pass: (seconds) => (now += seconds) }
}

test('its clock runs in its own turns only, and it expires when its share is used', async () => {
  const { whole, pass } = handClock()
  const share = new Share(whole, 4)
  await share.run(async () => pass(3))
  pass(2)
  expect(share.used()).toBe(3)
  expect(share.pacer.elapsedSeconds()).toBe(3)
  expect(share.pacer.remainingSeconds()).toBe(1)
  expect(share.pacer.within(5).remainingSeconds()).toBe(1)
  expect(share.pacer.expired()).toBe(false)
  await share.run(async () => {
    pass(1)
    expect(share.pacer.expired()).toBe(true)
  })
})

test('what one has not used when it ends is the other’s, up to the deadline of both', async () => {
  const { whole, pass } = handClock()
  const [one, other] = [new Share(whole, 5), new Share(whole, 5)]
  await one.run(async () => pass(1))
  one.end(other)
  await other.run(async () => pass(6))
  expect(one.ended).toBe(true)
  expect(other.pacer.expired()).toBe(false)
  expect(other.pacer.remainingSeconds()).toBe(3)
  await other.run(async () => pass(3))
  expect(other.pacer.expired()).toBe(true)
})

test('a turn that fails is counted all the same', async () => {
  const { whole, pass } = handClock()
  const share = new Share(whole, 5)
  const failing = share.run(async () => {
    pass(2)
    throw new Error('as expected')
  })
  await expect(failing).rejects.toThrow('as expected')
  expect(share.used()).toBe(2)
})
