import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dot, type Matrix, matrix, row, scaled } from '../linalg/matrix.ts'
import type { Loss, SmoothLoss } from '../loss.ts'
import { randomMatrix } from '../problem.fixtures.ts'
import { type Random, seededRandom } from '../random.ts'
import { big, last } from './big.fixtures.ts'

export interface LossCase {
  readonly loss: Loss
  /** n × c targets that the loss admits. */
  targets(random: Random, n: number, c: number): Matrix
  /** Predictions at which the loss is 0, or as good as. */
  perfect(Y: Matrix): Matrix
  /** −ℓ*(−τZ) of one row with weight 1, in fixed point: see `big`. */
  exactDual(z: readonly bigint[], y: readonly number[]): bigint
  /** Infinity where τ may leave [0, 1]. */
  readonly largestScale: number
  /** For losses of c > 1 outputs only. */
  readonly leastOutputs?: number
}

interface Drawn {
  readonly Y: Matrix
  readonly F: Matrix
  readonly G: Matrix
  readonly random: Random
}

/** What every loss promises. */
export function lossConformance({ loss, ...about }: LossCase): void {
  const drawn = fc
    .record({
      seed: fc.integer(),
      n: fc.integer({ min: 1, max: 5 }),
      c: fc.integer({ min: about.leastOutputs ?? 1, max: 3 }),
      size: fc.constantFrom(0.01, 1, 5),
    })
    .map(({ seed, n, c, size }): Drawn => {
      const random = seededRandom(seed)
      const Y = about.targets(random, n, c)
      return { Y, F: scaled(randomMatrix(random, n, c), size), G: scaled(randomMatrix(random, n, c), size), random }
    })
  const property = (check: (drawn: Drawn) => void, numRuns = 100): void =>
    fc.assert(fc.property(drawn, check), { numRuns })
  const weightsFor = ({ Y, random }: Drawn): Float64Array => Float64Array.from({ length: Y.rows }, () => 0.1 + 3 * random()) // biome-ignore format: short

  describe(`${loss.name} as a loss`, () => {
    test('is at least 0, and 0 or as good as at its best: the infimum is 0', () => {
      property(({ Y, F }) => {
        expect(loss.value(F, Y)).toBeGreaterThanOrEqual(0)
        expect(loss.value(about.perfect(Y), Y)).toBeLessThan(1e-9)
        expect(loss.dualValue(matrix(Y.rows, Y.cols), Y, 1)).toBeLessThanOrEqual(0)
        expect(loss.dualValue(matrix(Y.rows, Y.cols), Y, 1)).toBeGreaterThan(-1e-12)
      })
    })

    test('Fenchel–Young: ℓ(F) ≥ −ℓ*(−τZ) − τ⟨Z, F⟩ for every F, Z and τ', () => {
      property((some) => {
        const { Y, F, G, random } = some
        for (const each of [loss, loss.weighted(weightsFor(some))]) {
          const Z = each.dual(G, Y)
          for (const tau of [0, random(), 1]) {
            const lower = each.dualValue(Z, Y, tau) - tau * dot(Z.data, F.data)
            expect(lower).toBeLessThanOrEqual(each.value(F, Y) + 1e-12 * (1 + Math.abs(lower)))
          }
        }
      })
    })

    test('… with equality at τ = 1 for the Z of F: the dual is minus a subgradient, and the conjugate is sharp', () => {
      property((some) => {
        const { Y, F } = some
        for (const each of [loss, loss.weighted(weightsFor(some))]) {
          const Z = each.dual(F, Y)
          const value = each.value(F, Y)
          const terms = value + Math.abs(dot(Z.data, F.data)) + 1
          expect(Math.abs(each.dualValue(Z, Y, 1) - dot(Z.data, F.data) - value)).toBeLessThan(1e-11 * terms)
        }
      })
    })

    test('the conjugate is the numerical minimum of ℓ(F) + ⟨Z, F⟩ over F', () => {
      property(({ Y, G }) => {
        const one = matrix(1, Y.cols, row(Y, 0).slice())
        const Z = scaled(loss.dual(matrix(1, Y.cols, row(G, 0).slice()), one), 0.9)
        const inside = loss.project(Z, one)
        const least = minimum((F) => loss.value(F, one) + dot(inside.data, F.data), Y.cols)
        expect(loss.dualValue(inside, one, 1)).toBeLessThanOrEqual(least + 1e-9)
        expect(loss.dualValue(inside, one, 1)).toBeGreaterThan(least - 1e-5)
      }, 30)
    })

    test('the dual value is below −ℓ*(−τZ) in 400 binary digits, and within 1e-12 of it', () => {
      property(({ Y, G, random }) => {
        const one = matrix(1, Y.cols, row(Y, 0).slice())
        const Z = loss.dual(matrix(1, Y.cols, row(G, 0).slice()), one)
        const tau = [1, 0.5, random()][Math.floor(3 * random())]
        const given = loss.dualValue(Z, one, tau)
        const computed = Math.abs(given) < 1e-100 ? 0 : given // rounded down, to less than 400 digits show
        const scaledExactly = Array.from(Z.data, (z) => (big(z) * big(tau)) >> 400n)
        const exact = about.exactDual(scaledExactly, Array.from(one.data))
        expect(big(computed) <= exact + last).toBe(true)
        const size = 1 + Y.data.reduce((most, y) => Math.max(most, Math.abs(y)), 0) ** 2 + Math.abs(computed)
        expect(Number(exact - big(computed)) / 2 ** 400).toBeLessThan(1e-12 * size)
      }, 200)
    })

    test('with a radius, the value is below that of every dual within it', () => {
      property(({ Y, G, random }) => {
        const inner = loss.project(scaled(loss.dual(G, Y), 0.7), Y)
        const slack = loss.slack(inner, Y)
        const counterpart = loss.counterpart?.(Y)
        const radius = matrix(Y.rows, Y.cols, slack.data.map((room) => Math.min(0.5 * room, 0.01))) // biome-ignore format: short
        const moved = matrix(Y.rows, Y.cols, inner.data.map((z, k) => z + 0.99 * (2 * random() - 1) * radius.data[k])) // biome-ignore format: short
        if (counterpart)
          for (let i = 0; i < Y.rows; i++) {
            const all = row(radius, i).reduce((total, room) => total + room, 0)
            row(radius, i)[counterpart[i]] = all
          }
        const other = loss.project(moved, Y)
        expect(loss.dualValue(inner, Y, 0.8, radius)).toBeLessThanOrEqual(loss.dualValue(other, Y, 0.8) + 1e-12)
      })
    })

    test('no scale within [0, min(1, limit)] does better than the best one', () => {
      property(({ Y, G, random }) => {
        const Z = loss.dual(G, Y)
        for (const limit of [0, 0.01, 0.6, 1, 7, Number.POSITIVE_INFINITY]) {
          const best = loss.bestScale(Z, Y, limit)
          const most = Math.min(about.largestScale, limit)
          expect(Math.abs(best)).toBeLessThanOrEqual(most)
          const value = loss.dualValue(Z, Y, best)
          for (const share of [0.1, 0.5, random(), 1]) {
            const other = loss.dualValue(Z, Y, share * Math.min(1, limit))
            expect(value).toBeGreaterThanOrEqual(other - 1e-6 * (1e-6 + Math.abs(other)))
          }
        }
      }, 40)
    })

    test('the smooth stand-in has the gradient and the Hessian that differences show', () => {
      property((some) => {
        const { Y, F, G } = some
        for (const each of [loss, loss.weighted(weightsFor(some))]) {
          const smooth = each.augmented?.(each.dual(G, Y), 0.7) ?? each
          agreesWithDifferences(smooth, F, Y)
          if (!each.augmented) continue
          expect(smooth.value(F, Y)).toBeLessThanOrEqual(each.value(F, Y) + 1e-9)
          const multiplier = smooth.dual(F, Y)
          expect(each.project(multiplier, Y)).toBe(multiplier)
        }
      })
    })

    test('projection: into the domain, and what lies there stays as it is', () => {
      property(({ Y, F, random }) => {
        const wild = matrix(Y.rows, Y.cols, F.data.map((f) => 10 * f * random())) // biome-ignore format: short
        const inside = loss.project(wild, Y)
        expect(loss.dualValue(inside, Y, 1)).not.toBeNaN()
        expect(loss.project(inside, Y)).toBe(inside)
        expect(loss.slack(inside, Y).data.every((room) => room >= 0)).toBe(true)
      })
    })

    test('weights count rows: twice the same row is the row with weight 2', () => {
      property(({ Y, F }) => {
        const twice = loss.weighted(Float64Array.from({ length: Y.rows }, (_, i) => (i === 0 ? 2 : 1)))
        const again = (A: Matrix): Matrix => matrix(A.rows + 1, A.cols, Float64Array.of(...row(A, 0), ...A.data))
        expect(twice.value(F, Y)).toBeCloseTo(loss.value(again(F), again(Y)), 10)
        const Z = twice.dual(F, Y)
        const halved = again(loss.dual(F, Y))
        for (const tau of [1, 0.3]) {
          const expected = loss.dualValue(halved, again(Y), tau)
          expect(Math.abs(twice.dualValue(Z, Y, tau) - expected)).toBeLessThan(1e-10 * (1 + Math.abs(expected)))
        }
      })
    })

    test('what is not a number, or outside the domain, never reads as a bound', () => {
      property(({ Y, F }) => {
        const Z = loss.dual(F, Y)
        for (const tau of [Number.NaN, Number.POSITIVE_INFINITY])
          expect(loss.dualValue(Z, Y, tau)).not.toBeGreaterThan(0)
        const broken = matrix(Y.rows, Y.cols, Z.data.slice())
        broken.data[0] = Number.NaN
        expect(loss.dualValue(broken, Y, 1)).toBeNaN()
        for (const limit of [Number.NaN, -1]) expect(loss.bestScale(Z, Y, limit)).toBe(0)
        if (about.largestScale > 1) return
        // Sprung by scaling without a domain check: τ > 1 or τ < 0 leaves the domain, where −ℓ* is −∞.
        for (const tau of [1 + Number.EPSILON, 2, -0.1]) expect(loss.dualValue(Z, Y, tau)).toBeNaN()
      })
    })

    test('predictions too large to be exponentiated give a value that is large or not finite, and a dual that is', () => {
      const random = seededRandom(1)
      const Y = about.targets(random, 3, about.leastOutputs ?? 1)
      for (const size of [1e3, 1e300, -1e300]) {
        const F = matrix(Y.rows, Y.cols, Y.data.map((_, k) => (k % 2 === 0 ? size : 0))) // biome-ignore format: short
        expect(loss.value(F, Y)).toBeGreaterThanOrEqual(0)
        expect(loss.dualValue(loss.dual(F, Y), Y, 0.5)).not.toBe(Number.POSITIVE_INFINITY)
      }
    })
  })
}

/** Central differences of value and dual; where a kink is near, those of either side differ and say nothing. */
function agreesWithDifferences(loss: SmoothLoss, F: Matrix, Y: Matrix): void {
  const h = 1e-5
  const at = (k: number, step: number): Matrix => matrix(F.rows, F.cols, F.data.map((f, q) => (q === k ? f + step : f))) // biome-ignore format: short
  const Z = loss.dual(F, Y)
  const size = 1 + Math.abs(loss.value(F, Y)) + Z.data.reduce((most, z) => Math.max(most, Math.abs(z)), 0)
  const roots = loss.hessianRoot(F, Y)
  const c = Y.cols
  for (let k = 0; k < F.data.length; k++) {
    const [above, below] = [at(k, h), at(k, -h)]
    const slope = (loss.value(above, Y) - loss.value(below, Y)) / (2 * h)
    expect(Math.abs(slope + Z.data[k])).toBeLessThan(1e-4 * size)
    const [ahead, behind] = [loss.dual(above, Y), loss.dual(below, Y)]
    const S = matrix(c, c, row(roots, Math.floor(k / c)))
    for (let q = 0; q < c; q++) {
      const entry = Math.floor(k / c) * c + q
      const right = (Z.data[entry] - ahead.data[entry]) / h
      const left = (behind.data[entry] - Z.data[entry]) / h
      if (Math.abs(right - left) > 1e-3 * size) continue
      expect(Math.abs(dot(row(S, q), row(S, k % c)) - right)).toBeLessThan(2e-3 * size)
    }
  }
}

/** Coordinate descent by golden section: slow, and it knows nothing of duals. */
function minimum(value: (F: Matrix) => number, c: number): number {
  const F = matrix(1, c)
  let best = value(F)
  for (let sweep = 0; sweep < (c === 1 ? 1 : 60); sweep++) {
    for (let k = 0; k < c; k++) {
      let [from, to] = [-60, 60]
      const along = (x: number): number => value(matrix(1, c, F.data.map((f, q) => (q === k ? x : f)))) // biome-ignore format: short
      for (let step = 0; step < 80; step++) {
        const [left, right] = [from + 0.382 * (to - from), from + 0.618 * (to - from)]
        if (along(left) < along(right)) to = right
        else from = left
      }
      F.data[k] = (from + to) / 2
      best = Math.min(best, value(F))
    }
  }
  return best
}
