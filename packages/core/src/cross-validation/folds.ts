import { InvalidProblemError } from '../errors.ts'
import { type Random, seededRandom } from '../random.ts'

export interface FoldOptions {
  readonly folds?: number
  /** How often the rows are divided anew. */
  readonly repeats?: number
  readonly seed?: number
  /** Class of each row: every fold then gets its share of each. */
  readonly strata?: ArrayLike<number> | null
  /** Rows of one group (a patient, a day) stay together: in the test rows of one fold of every repeat. */
  readonly groups?: readonly (string | number)[] | null
}

/** Rows to train on and rows to test on, ascending; together all rows, none twice. */
export interface Fold {
  readonly repeat: number
  readonly fold: number
  readonly train: readonly number[]
  readonly test: readonly number[]
}

/**
 * Divides rows for cross-validation: k-fold, stratified, grouped, repeated, in any combination. The same options give the
 * same folds on any machine.
 *
 * Rows (or groups, the larger first) are drawn in random order, and each goes where its classes are rarest so far, measured
 * by Σ (share of the class)²; with single rows no two folds differ by more than one row of a class, up to its remainder.
 *
 * @throws InvalidProblemError for fewer than two folds, or more of them than rows or groups.
 */
export function makeFolds(rows: number, options: FoldOptions = {}): Fold[] {
  const { folds = 5, repeats = 1, seed = 0, strata, groups } = options
  const units = unitsOf(rows, groups)
  if (!(Number.isSafeInteger(folds) && folds >= 2 && folds <= units.length)) {
    const what = groups ? 'groups' : 'rows'
    throw new InvalidProblemError(`makeFolds: folds must be from 2 to the ${units.length} ${what}, got ${folds}`)
  }
  if (!(Number.isSafeInteger(repeats) && repeats >= 1)) {
    throw new InvalidProblemError(`makeFolds: repeats must be at least 1, got ${repeats}`)
  }
  for (const [name, given] of Object.entries({ strata, groups })) {
    if (given && given.length !== rows) {
      throw new InvalidProblemError(`makeFolds: ${name} must have one entry per row, ${rows}, got ${given.length}`)
    }
  }
  const random = seededRandom(seed)
  return Array.from({ length: repeats }, (_, repeat) =>
    divided(units, rows, { folds, strata: strata ?? null, random }).map((test, fold) => {
      const tested = new Set(test)
      const train = Array.from({ length: rows }, (_, i) => i).filter((i) => !tested.has(i))
      return { repeat, fold, train, test: test.toSorted((a, b) => a - b) }
    }),
  ).flat()
}

/** Fisher–Yates, on a copy. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const out = [...items]
  for (let k = out.length - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1))
    const item = out[k]
    out[k] = out[other]
    out[other] = item
  }
  return out
}

/** What moves as one: a group's rows, or a single row. */
function unitsOf(rows: number, groups: FoldOptions['groups']): number[][] {
  const units = new Map<string | number, number[]>()
  for (let i = 0; i < rows; i++) {
    const key = groups ? groups[i] : i
    const unit = units.get(key)
    if (unit) unit.push(i)
    else units.set(key, [i])
  }
  return [...units.values()]
}

interface Division {
  readonly folds: number
  readonly strata: ArrayLike<number> | null
  readonly random: Random
}

function divided(units: readonly number[][], rows: number, { folds, strata, random }: Division): number[][] {
  const classOf = (i: number): number => strata?.[i] ?? 0
  const sizes = new Map<number, number>()
  for (let i = 0; i < rows; i++) sizes.set(classOf(i), (sizes.get(classOf(i)) ?? 0) + 1)
  const tests: number[][] = Array.from({ length: folds }, () => [])
  const held = tests.map(() => new Map<number, number>())
  const ordered = shuffled(units, random).toSorted((a, b) => b.length - a.length)
  for (const unit of ordered) {
    const counts = new Map<number, number>()
    for (const i of unit) counts.set(classOf(i), (counts.get(classOf(i)) ?? 0) + 1)
    // What the sum of squared shares grows by; rows of any class break ties, so that folds are equally large as well.
    const growth = held.map((have) => {
      let total = 0
      for (const [k, count] of counts) total += (count * (2 * (have.get(k) ?? 0) + count)) / (sizes.get(k) ?? 1) ** 2
      return total
    })
    let chosen = 0
    for (let f = 1; f < folds; f++) {
      const tied = growth[f] === growth[chosen] && tests[f].length < tests[chosen].length
      if (growth[f] < growth[chosen] || tied) chosen = f
    }
    tests[chosen].push(...unit)
    for (const [k, count] of counts) held[chosen].set(k, (held[chosen].get(k) ?? 0) + count)
  }
  return tests
}
