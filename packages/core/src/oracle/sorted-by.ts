/** The indices in increasing order of their keys, by bottom-up merging: the callback of `sort` would dominate a sweep. */
export function sortedBy(keys: Float64Array, indices: Int32Array): Int32Array {
  const n = indices.length
  let from = indices.slice()
  let to = new Int32Array(n)
  for (let width = 1; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      const middle = Math.min(start + width, n)
      const end = Math.min(start + 2 * width, n)
      let left = start
      let right = middle
      for (let at = start; at < end; at++) {
        const takeLeft = right >= end || (left < middle && keys[from[left]] <= keys[from[right]])
        to[at] = from[takeLeft ? left++ : right++]
      }
    }
    const spare = from
    from = to
    to = spare
  }
  return from
}
