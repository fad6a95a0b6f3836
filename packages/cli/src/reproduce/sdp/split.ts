/**
 * The permutation of 0 … n − 1 that NumPy's `RandomState(seed).permutation(n)` draws: 32-bit Mersenne Twister (Matsumoto and
 * Nishimura, ACM TOMACS 8, 1998), and Fisher–Yates from the end with places drawn by rejection under a mask.
 */
export function numpyPermutation(n: number, seed: number): number[] {
  const next = mersenneTwister(seed)
  const order = Array.from({ length: n }, (_, k) => k)
  for (let k = n - 1; k > 0; k--) {
    const mask = 2 ** (32 - Math.clz32(k)) - 1
    let place = (next() & mask) >>> 0
    while (place > k) place = (next() & mask) >>> 0
    const kept = order[k]
    order[k] = order[place]
    order[place] = kept
  }
  return order
}

export interface Halves {
  readonly train: readonly number[]
  readonly test: readonly number[]
}

/** Equal halves as scikit-learn's `train_test_split(test_size=0.5, random_state=seed)` makes them: the test rows come first. */
export function halves(n: number, seed: number): Halves {
  const order = numpyPermutation(n, seed)
  const tests = Math.ceil(n / 2)
  return { train: order.slice(tests), test: order.slice(0, tests) }
}

const size = 624
const shift = 397

function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(size)
  state[0] = seed
  for (let k = 1; k < size; k++) {
    const before = state[k - 1] ^ (state[k - 1] >>> 30)
    state[k] = Math.imul(1812433253, before) + k
  }
  let at = size
  const refill = (): void => {
    for (let k = 0; k < size; k++) {
      const y = (state[k] & 0x80000000) | (state[(k + 1) % size] & 0x7fffffff)
      state[k] = state[(k + shift) % size] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    at = 0
  }
  return () => {
    if (at === size) refill()
    let y = state[at++]
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }
}
