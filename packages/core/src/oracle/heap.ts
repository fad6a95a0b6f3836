/** A binary heap with the largest bound on top. */
export class BoundHeap<T extends { readonly bound: number }> {
  readonly #items: T[] = []

  top(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    const items = this.#items
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!(item.bound > items[parent].bound)) break
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
      if (child + 1 < items.length && items[child + 1].bound > items[child].bound) child++
      if (!(items[child].bound > last.bound)) break
      items[at] = items[child]
      at = child
    }
    items[at] = last
    return top
  }
}
