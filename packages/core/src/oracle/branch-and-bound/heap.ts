/** What a heap orders by: the larger bound first, among equal ones the deeper, so that a search gets to the bottom of something. */
export interface Ranked {
  readonly bound: number
  readonly depth: number
}

function before(a: Ranked, b: Ranked): boolean {
  return a.bound > b.bound || (a.bound === b.bound && a.depth > b.depth)
}

/** A binary heap with the largest bound on top. */
export class BoundHeap<T extends Ranked> {
  readonly #items: T[] = []

  get size(): number {
    return this.#items.length
  }

  top(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    const items = this.#items
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(item, items[parent])) break
      items[at] = items[parent]
      at = parent
    }
    items[at] = item
  }

  pop(): T | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (items.length === 0 || last === undefined) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && before(items[child + 1], items[child])) child++
      if (!before(items[child], last)) break
      items[at] = items[child]
      at = child
    }
    items[at] = last
    return top
  }
}
