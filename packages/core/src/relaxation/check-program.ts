import { UnsupportedProblemError } from '../errors.ts'
import { eigh } from '../linalg/eigh.ts'
import { norm2 } from '../linalg/norms.ts'
import type { ConicBlock, ConicProgram } from '../relaxation.ts'
import { dualSlack } from './dual-slack.ts'

/** Entries of C that differ by more than this share of its size are no rounding. */
const asymmetric = 1e-9

/** Nor is a negative eigenvalue of a slack below minus this share of its size. */
const indefinite = 1e-9

/**
 * Whether a conic program is one: sizes and indices that fit, numbers that are finite, symmetric costs, q ≥ 0, and a start at which no
 * slack has a negative eigenvalue beyond rounding, as one of a program that is unbounded below would have to.
 *
 * @throws RangeError that says what was expected and what was found, `who` first.
 */
export function requireConicProgram(program: ConicProgram, who: string): void {
  const { blocks, targets, curvatures, trace, magnitude, start } = program
  const fail = (rule: string, got: string): never => {
    throw new RangeError(`${who}: ${rule}, got ${got}`)
  }
  const constraints = targets.length
  for (const [name, values] of Object.entries({ curvatures, start })) {
    if (values.length !== constraints) fail(`${name} must be as many as the ${constraints} targets`, `${values.length}`)
  }
  for (const [name, values] of Object.entries({ targets, curvatures, start })) {
    const k = values.findIndex((value) => !Number.isFinite(value))
    if (k >= 0) fail(`${name} must be finite numbers`, `${values[k]} at ${k}`)
  }
  const k = curvatures.findIndex((value) => value < 0)
  if (k >= 0) fail('curvatures must be at least 0', `${curvatures[k]} at ${k}`)
  for (const [name, value] of Object.entries({ trace, magnitude })) {
    if (!(value >= 0)) fail(`${name} must be at least 0`, `${value}`)
  }
  blocks.forEach((block, b) => requireBlock(block, constraints, (rule, got) => fail(`${rule} in block ${b}`, got)))
  blocks.forEach((block, b) => {
    const least = leastEigenvalue(block, start)
    if (least < 0) {
      fail(
        `the slack C − Σ y_k A_k of block ${b} must be positive definite at the start y; give another start, or the program has none and may be unbounded`,
        `an eigenvalue of ${least.toPrecision(3)}`,
      )
    }
  })
}

function requireBlock(
  { cost, vectors, nonnegative, couplings }: ConicBlock,
  constraints: number,
  fail: (rule: string, got: string) => never,
): void {
  const [n, m] = [cost.rows, vectors.rows]
  if (cost.cols !== n) fail('the cost must be square', `${n} × ${cost.cols}`)
  if (vectors.cols !== n) fail(`vectors must be as long as the order of the cost, ${n}`, `${vectors.cols}`)
  for (const [name, { data }] of Object.entries({ cost, vectors })) {
    const at = data.findIndex((value) => !Number.isFinite(value))
    if (at >= 0) fail(`${name} must be finite`, `${data[at]} at (${Math.floor(at / n)}, ${at % n})`)
  }
  const size = norm2(cost.data)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const [below, above] = [cost.data[i * n + j], cost.data[j * n + i]]
      if (Math.abs(below - above) > asymmetric * size)
        fail('the cost must be symmetric', `${below} and ${above} at (${i}, ${j})`)
    }
  }
  const isIndex = (value: number, count: number): boolean => Number.isInteger(value) && value >= 0 && value < count
  for (const [i, j] of nonnegative) {
    if (!(isIndex(i, m) && isIndex(j, m))) fail(`pairs must be of the ${m} vectors, 0 to ${m - 1}`, `(${i}, ${j})`)
  }
  for (const { constraint, left, right } of couplings) {
    if (!(isIndex(left, m) && isIndex(right, m))) {
      fail(`couplings must be of the ${m} vectors, 0 to ${m - 1}`, `(${left}, ${right})`)
    }
    if (!isIndex(constraint, constraints)) {
      fail(`couplings must be of the ${constraints} constraints, 0 to ${constraints - 1}`, `${constraint}`)
    }
  }
}

/** Negative only where rounding is no excuse; 0 for numbers too large to tell. */
function leastEigenvalue(block: ConicBlock, start: Float64Array): number {
  const W = dualSlack(block, start, new Float64Array(block.nonnegative.length))
  const size = norm2(W.data)
  if (!(size > 0 && size < Number.POSITIVE_INFINITY)) return 0
  const least = eigh(W).values[0]
  return least < -indefinite * size ? least : 0
}

/**
 * Refuses a program that would take more memory than allowed.
 *
 * @throws UnsupportedProblemError with the estimate and what it comes from.
 */
export function requireMemory(who: string, bytes: number, maxMegabytes: number, because: string): void {
  const megabytes = Math.ceil(bytes / 2 ** 20)
  if (megabytes <= maxMegabytes) return
  throw new UnsupportedProblemError(
    `${who}: at most ${maxMegabytes} MiB (maxMegabytes), got a program that takes about ${megabytes} MiB: ${because}`,
  )
}

/** The same for a method that has so many matrices at once as large as there are vectors. */
export function requireVectorMemory(
  who: string,
  { blocks }: ConicProgram,
  matricesAtOnce: number,
  maxMegabytes: number,
): void {
  const entries = blocks.reduce((sum, { vectors }) => sum + matricesAtOnce * vectors.rows ** 2, 0)
  requireMemory(who, 8 * entries, maxMegabytes, 'dense matrices of its vectors; take fewer samples')
}

/** The same for a method that has one equation for each pair. */
export function requirePairMemory(who: string, program: ConicProgram, maxMegabytes: number): void {
  const pairs = program.blocks.reduce((most, { nonnegative }) => Math.max(most, nonnegative.length), 0)
  const constraints = program.targets.length
  const because =
    pairs > constraints
      ? `its ${pairs} pairs of one block make a dense matrix; entrywiseSplitting does not mind pairs`
      : `its ${constraints} constraints make a dense matrix; take fewer samples or outputs, or entrywiseSplitting`
  requireMemory(who, newtonBytes(program), maxMegabytes, because)
}

/** Of dense matrices: of the pairs twice in one block and once in the others, of pairs and constraints, of the constraints twice. */
function newtonBytes({ blocks, targets }: ConicProgram): number {
  let [entries, largest] = [2 * targets.length ** 2, 0]
  for (const { nonnegative, couplings, vectors, cost } of blocks) {
    const pairs = nonnegative.length
    const touched = Math.min(couplings.length, targets.length)
    entries += pairs ** 2 + 2 * pairs * touched + 8 * vectors.rows ** 2 + 16 * cost.rows ** 2
    largest = Math.max(largest, pairs ** 2)
  }
  return 8 * (entries + largest)
}
