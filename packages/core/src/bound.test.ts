import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProvenBound, proveBound, unproven } from './bound.ts'
import { certify } from './certificate.ts'
import { type Matrix, matrix, multiply, scaled } from './linalg/matrix.ts'
import { norm2, spectralUpper } from './linalg/norms.ts'
import { qr } from './linalg/qr.ts'
import { zeroNetwork } from './network.ts'
import { branchAndBoundOracle } from './oracle/branch-and-bound.ts'
import { enumerationOracle } from './oracle/enumeration.ts'
import { polarValue } from './oracle/evaluate.ts'
import { createProblem, type Problem, withBeta } from './problem.ts'
import { randomMatrix } from './problem.fixtures.ts'
import { seededRandom } from './random.ts'
import { reduce } from './reduction.ts'

const random = seededRandom(1)
const problem = createProblem({ X: randomMatrix(random, 6, 2), Y: randomMatrix(random, 6, 2), beta: 1 })
const Z = randomMatrix(random, 6, 2)

describe('a proven bound cannot be forged', () => {
  test('only the module that defines it can construct one', () => {
    // Sprung by an exported key, a registered symbol, or a constructor without one.
    for (const guess of [Symbol('proven bound'), Symbol.for('proven bound'), Symbol.iterator]) {
      expect(() => new ProvenBound(guess, problem, Z, 1e-9, 'sweep', 'all-networks')).toThrow(TypeError)
    }
    const forge = ProvenBound as unknown as new (...args: unknown[]) => ProvenBound
    expect(() => new forge()).toThrow('only a pricing oracle')
    expect(() => new forge(undefined, problem, Z, 1e-9, 'sweep', 'all-networks')).toThrow('only a pricing oracle')
    class Bolder extends forge {}
    expect(() => new Bolder(Symbol('proven bound'), problem, Z, 0, 'sweep', 'all-networks')).toThrow(TypeError)
  })

  test('its value cannot be changed afterwards', () => {
    const bound = proveBound(problem, Z, 5, 'sweep')
    const open = bound as { value: number; scope: string; matches: unknown }
    expect(() => (open.value = 1e-9)).toThrow(TypeError)
    expect(() => (open.scope = 'gated')).toThrow(TypeError)
    expect(() => (open.matches = () => true)).toThrow(TypeError)
    expect(bound.value).toBeGreaterThanOrEqual(5)
  })

  test('a look-alike is refused by certify', () => {
    const network = zeroNetwork(2, 2)
    const lookAlike = {
      value: 1e-9,
      from: 'sweep',
      scope: 'all-networks',
      matches: () => true,
    } as unknown as ProvenBound
    expect(() => certify(problem, { network, dual: Z, bound: lookAlike })).toThrow('certify')
    const hollow = Object.create(ProvenBound.prototype, { value: { value: 1e-9 } }) as ProvenBound
    expect(() => certify(problem, { network, dual: Z, bound: hollow })).toThrow(TypeError)
  })
})

describe('a bound speaks about one X, one architecture and one unchanged Z', () => {
  test('it matches its own problem, at every β and with other targets on the same X', () => {
    const bound = proveBound(problem, Z, 5, 'sweep')
    expect(bound.matches(problem, Z)).toBe(true)
    expect(bound.matches(withBeta(problem, 7), Z)).toBe(true)
    expect(bound.matches({ ...problem, Y: randomMatrix(random, 6, 2) }, Z)).toBe(true)
  })

  test('it matches no other X, not even an equal copy, and no other architecture', () => {
    const bound = proveBound(problem, Z, 5, 'sweep')
    const copy: Problem = { ...problem, X: matrix(6, 2, problem.X.data.slice()) }
    expect(bound.matches(copy, Z)).toBe(false)
    expect(bound.matches(createProblem({ X: scaled(problem.X, 2), Y: problem.Y, beta: 1 }), Z)).toBe(false)
    const gated = { ...problem.architecture, name: 'gated' } as unknown as Problem['architecture']
    expect(bound.matches({ ...problem, architecture: gated }, Z)).toBe(false)
  })

  test('it matches no other Z, not even an equal copy', () => {
    const bound = proveBound(problem, Z, 5, 'sweep')
    expect(bound.matches(problem, matrix(6, 2, Z.data.slice()))).toBe(false)
    expect(bound.matches(problem, scaled(Z, 1e-3))).toBe(false)
  })

  test('it does not survive any change of Z in place: one entry, one bit, two entries swapped, a sign', () => {
    // Sprung by checking identity alone: a solver that reuses its buffer would certify the new Z with the old bound.
    fc.assert(
      fc.property(fc.nat(11), fc.integer({ min: 0, max: 63 }), fc.nat(11), (at, bit, other) => {
        const dual = matrix(6, 2, Z.data.slice())
        const bound = proveBound(problem, dual, 5, 'sweep')
        const bits = new BigUint64Array(dual.data.buffer)
        bits[at] ^= 1n << BigInt(bit)
        expect(bound.matches(problem, dual)).toBe(false)
        bits[at] ^= 1n << BigInt(bit)
        expect(bound.matches(problem, dual)).toBe(true)
        if (at === other) return
        ;[dual.data[at], dual.data[other]] = [dual.data[other], dual.data[at]]
        expect(bound.matches(problem, dual)).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('it does not survive changes that a weak hash lets cancel: any set of signs, any set of single bits', () => {
    // Sprung by FNV: the topmost bit of a product depends on the topmost bit of the word alone, so that two flipped signs
    // cancel.
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4095 }), fc.integer({ min: 0, max: 63 }), (mask, bit) => {
        const dual = matrix(6, 2, Z.data.slice())
        const bound = proveBound(problem, dual, 5, 'sweep')
        const bits = new BigUint64Array(dual.data.buffer)
        for (let k = 0; k < 12; k++) if ((mask >> k) & 1) bits[k] ^= 1n << 63n
        expect(bound.matches(problem, dual)).toBe(false)
        for (let k = 0; k < 12; k++) if ((mask >> k) & 1) bits[k] ^= (1n << 63n) | (1n << BigInt(bit))
        if (bit < 63) expect(bound.matches(problem, dual)).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })

  test('certify throws on a mismatch instead of using the number', () => {
    const bound = proveBound(problem, Z, 5, 'sweep')
    const network = zeroNetwork(2, 2)
    expect(() => certify(problem, { network, dual: problem.Y, bound })).toThrow('this problem and this dual')
    const elsewhere = createProblem({ X: randomMatrix(random, 6, 2), Y: problem.Y, beta: 1 })
    expect(() => certify(elsewhere, { network, dual: Z, bound })).toThrow('this problem and this dual')
  })
})

describe('proveBound', () => {
  test('what is not a number, or negative, proves nothing: Infinity', () => {
    for (const nonsense of [Number.NaN, -1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) {
      expect(proveBound(problem, Z, nonsense, 'branch-and-bound').value).toBe(Number.POSITIVE_INFINITY)
    }
    const poisoned = matrix(6, 2, Z.data.slice())
    poisoned.data[0] = Number.NaN
    const narrow = truncated(problem.X, 0.99)
    expect(narrow.reduction.discarded).toBeGreaterThan(0)
    expect(proveBound(narrow, poisoned, 1, 'sweep').value).toBe(Number.POSITIVE_INFINITY)
    expect(unproven(problem, Z).value).toBe(Number.POSITIVE_INFINITY)
  })

  test('a bound of 0 stays tiny, and is not 0: nothing divides by it', () => {
    const { value } = proveBound(problem, Z, 0, 'sweep')
    expect(value).toBeGreaterThan(0)
    expect(value).toBeLessThan(1e-300)
  })

  test('is rounded up', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e300, noNaN: true }), (given) => {
        const { value } = proveBound(problem, Z, given, 'sweep')
        expect(value).toBeGreaterThan(given)
        expect(value).toBeLessThanOrEqual(given * (1 + 1e-14) + Number.MIN_VALUE)
      }),
    )
  })

  test('carries where it came from and what it is about', () => {
    expect(proveBound(problem, Z, 1, 'relaxation', 'given-patterns')).toMatchObject({
      from: 'relaxation',
      scope: 'given-patterns',
    })
    expect(proveBound(problem, Z, 1, 'sweep').scope).toBe('all-networks')
  })
})

describe('directions that the reduction drops', () => {
  test('ω of the X as given is below the bound, for X of every nearly deficient kind and every tolerance', async () => {
    // Sprung by dropping ‖Z‖₂‖X − X_rVᵀ‖₂: with a tolerance this large ω is attained along what was dropped.
    for (let seed = 0; seed < 40; seed++) {
      const next = seededRandom(seed)
      const small = 10 ** (-4 * next())
      const X = stretched(next, 7, [1, 0.6, small])
      const dual = randomMatrix(next, 7, 2)
      const whole = createProblem({ X, Y: dual, beta: 1 })
      const { candidates } = await enumerationOracle(whole).price(dual)
      const narrow = truncated(X, small * 1.5)
      expect(narrow.reduction.rank).toBeLessThan(3)
      const { bound } = await branchAndBoundOracle(narrow).price(dual)
      expect(bound.value).toBeGreaterThanOrEqual(candidates[0].value)
      expect(bound.value).toBeLessThanOrEqual(
        candidates[0].value + 3 * spectralUpper(dual) * narrow.reduction.discarded,
      )
    }
  })

  test('the term is needed: without it the bound is below an attained value', async () => {
    const next = seededRandom(3)
    const X = stretched(next, 7, [1, 0.7, 0.5])
    const whole = createProblem({ X, Y: matrix(7, 1), beta: 1 })
    const narrow = truncated(X, 0.6)
    // Z aligned with the dropped direction alone.
    const dropped = nullDirection(narrow)
    const heights = multiply(X, matrix(3, 1, dropped))
    const dual = matrix(7, 1, heights.data.map((value) => Math.max(0, value))) // biome-ignore format: short
    const attained = polarValue(whole.X, dual, dropped)
    const { bound } = await branchAndBoundOracle(narrow).price(dual)
    expect(bound.value).toBeGreaterThanOrEqual(attained)
    expect(bound.value - norm2(dual.data) * narrow.reduction.discarded).toBeLessThan(attained)
  })
})

/** n × 3 with these singular values. */
function stretched(next: () => number, n: number, singular: readonly number[]): Matrix {
  const { Q } = qr(randomMatrix(next, n, 3))
  for (let i = 0; i < n; i++) for (let k = 0; k < 3; k++) Q.data[3 * i + k] *= singular[k]
  return multiply(Q, qr(randomMatrix(next, 3, 3)).Q)
}

/** The problem of X with singular values at or below this share of the largest dropped. */
function truncated(X: Matrix, tolerance: number): Problem {
  const whole = createProblem({ X, Y: matrix(X.rows, 1), beta: 1 })
  return { ...whole, reduction: reduce(whole.X, { tolerance }) }
}

/** A unit vector orthogonal to the columns of V. */
function nullDirection({ reduction: { V } }: Problem): Float64Array {
  if (!V) throw new Error('nothing was dropped')
  const { Q } = qr(matrix(3, 3, Float64Array.from([0, 1, 2].flatMap((i) => [V.data[2 * i], V.data[2 * i + 1], i === 0 ? 1 : 0.3])))) // biome-ignore format: short
  return Float64Array.of(Q.data[2], Q.data[5], Q.data[8])
}
