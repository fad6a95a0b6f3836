import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BoundHeap, type Ranked } from './heap.ts'

const items = fc.array(
  fc.record({
    bound: fc.oneof(
      fc.integer({ min: 0, max: 5 }),
      fc.double({ noNaN: true }).map((x) => x + 0),
    ),
    depth: fc.nat(5),
  }),
  { maxLength: 60 },
)

test('items come out by bound, the deeper first among equals', () => {
  fc.assert(
    fc.property(items, (given) => {
      const heap = new BoundHeap<Ranked>()
      for (const item of given) heap.push(item)
      expect(drained(heap)).toEqual(given.toSorted(order))
    }),
  )
})

test('top is the largest bound at any moment, and nothing is lost, however pushes and pops are mixed', () => {
  fc.assert(
    fc.property(items, fc.array(fc.boolean(), { maxLength: 120 }), (given, pops) => {
      const heap = new BoundHeap<Ranked>()
      const held: Ranked[] = []
      for (const item of given) {
        heap.push(item)
        held.push(item)
        if (!pops.pop()) continue
        const [largest] = held.toSorted(order)
        expect(heap.top()).toEqual(largest)
        held.splice(held.indexOf(heap.pop()!), 1)
      }
      expect(drained(heap)).toEqual(held.toSorted(order))
    }),
  )
})

test('an empty heap has no top, before and after use', () => {
  const heap = new BoundHeap<Ranked>()
  expect(heap.top()).toBeUndefined()
  expect(heap.pop()).toBeUndefined()
  const item = { bound: 1, depth: 0 }
  heap.push(item)
  expect(heap.pop()).toBe(item)
  expect(heap.pop()).toBeUndefined()
  expect(heap.top()).toBeUndefined()
})

function order(a: Ranked, b: Ranked): number {
  return b.bound - a.bound || b.depth - a.depth
}

function drained(heap: BoundHeap<Ranked>): Ranked[] {
  const out: Ranked[] = []
  for (let item = heap.pop(); item; item = heap.pop()) out.push(item)
  return out
}
