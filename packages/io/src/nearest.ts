/** The name a person most likely meant: the closest by edit distance, if it is close at all. */
export function nearest(wanted: string, names: readonly string[]): string | undefined {
  const key = wanted.toLowerCase()
  let best: string | undefined
  let least = Math.max(1, Math.floor(key.length / 3)) + 1
  for (const name of names) {
    if (Math.abs(name.length - key.length) >= least) continue
    const distance = editDistance(key, name.toLowerCase())
    if (distance < least) {
      least = distance
      best = name
    }
  }
  return best
}

/** Levenshtein distance, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, k) => k)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let k = 1; k <= b.length; k++) {
      const change = row[k - 1] + (a[i - 1] === b[k - 1] ? 0 : 1)
      next.push(Math.min(change, row[k] + 1, next[k - 1] + 1))
    }
    row = next
  }
  return row[b.length]
}
