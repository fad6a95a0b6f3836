import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeFolds } from './folds.ts'

const sizes = fc
  .record({
    rows: fc.integer({ min: 2, max: 60 }),
    folds: fc.integer({ min: 2, max: 8 }),
    repeats: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(),
  })
  .filter(({ rows, folds }) => folds <= rows)

test('within a repeat the test rows of the folds are all rows, each once, and training rows are the others', () => {
  fc.assert(
    fc.property(sizes, ({ rows, ...options }) => {
      const made = makeFolds(rows, options)
      expect(made).toHaveLength(options.folds * options.repeats)
      for (let repeat = 0; repeat < options.repeats; repeat++) {
        const own = made.filter((fold) => fold.repeat === repeat)
        expect(own.flatMap(({ test }) => test).toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: rows }, (_, i) => i),
        )
        const lengths = own.map(({ test }) => test.length)
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
      }
      for (const { train, test } of made) {
        expect(train.length + test.length).toBe(rows)
        expect(train.some((i) => test.includes(i))).toBe(false)
      }
    }),
  )
})

test('stratified folds differ by at most one row of each class', () => {
  fc.assert(
    fc.property(
      sizes,
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 60, maxLength: 60 }),
      ({ rows, ...options }, drawn) => {
        const strata = drawn.slice(0, rows)
        for (const fold of [0, 1, 2]) {
          const counts = makeFolds(rows, { ...options, repeats: 1, strata }).map(
            ({ test }) => test.filter((i) => strata[i] === fold).length,
          )
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
        }
      },
    ),
  )
})

test('a group is never on both sides of a fold', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 10, maxLength: 50 }),
      fc.nat(),
      (groups, seed) => {
        if (new Set(groups).size < 3) return
        for (const { train, test } of makeFolds(groups.length, { folds: 3, repeats: 2, seed, groups })) {
          const trained = new Set(train.map((i) => groups[i]))
          expect(test.some((i) => trained.has(groups[i]))).toBe(false)
          expect(test.length).toBeGreaterThan(0)
        }
      },
    ),
  )
})

test('the seed decides the folds, and repeats differ', () => {
  expect(makeFolds(20, { seed: 3 })).toEqual(makeFolds(20, { seed: 3 }))
  expect(makeFolds(20, { seed: 3 })).not.toEqual(makeFolds(20, { seed: 4 }))
  const [first, second] = [0, 1].map((repeat) =>
    makeFolds(20, { repeats: 2 })
      .filter((fold) => fold.repeat === repeat)
      .map(({ test }) => test),
  )
  expect(first).not.toEqual(second)
})

test('impossible divisions are refused, saying what is possible', () => {
  expect(() => makeFolds(3, { folds: 4 })).toThrow('folds must be from 2 to the 3 rows, got 4')
  expect(() => makeFolds(9, { folds: 3, groups: [1, 1, 1, 1, 1, 1, 2, 2, 2] })).toThrow('the 2 groups, got 3')
  expect(() => makeFolds(5, { strata: [0, 1] })).toThrow('strata must have one entry per row, 5, got 2')
  expect(() => makeFolds(5, { repeats: 0 })).toThrow('repeats must be at least 1, got 0')
})
