import { dot, multiply, scaled } from '../linalg/matrix.ts'
import type { ConicIterate, ConicProgram } from '../relaxation.ts'
import { dualObjective, dualSlack, weightedTerms } from './dual-slack.ts'
import type { IndexedBlock } from './newton-system.ts'
import { inverses, inverted, type Point } from './primal-dual-step.ts'

/** The start is that much further from the boundary than the magnitude of the program asks for. */
const ample = 10

/** Of the way from the start of the program to a point that is given. */
const towards = 0.9

/** Factor between trials of that share, and where they end. */
const shorter = 0.7
const least = 1e-4

/** The start of the program, with U and s on the central path but for the primal equations. */
export function initialPoint(program: ConicProgram, blocks: readonly IndexedBlock[]): Point | null {
  const degree = program.blocks.reduce((total, { cost, nonnegative }) => total + cost.rows + nonnegative.length, 0)
  const N = smallMultipliers(program, blocks)
  return N && centred(program, program.start, N, (ample * program.magnitude) / degree)
}

/** N so small that W of the start stays positive definite. */
function smallMultipliers({ start }: ConicProgram, blocks: readonly IndexedBlock[]): Float64Array[] | null {
  const none = start.map(() => 0)
  const N: Float64Array[] = []
  for (const { block } of blocks) {
    const pairs = block.nonnegative.length
    const ones = new Float64Array(pairs).fill(1)
    const G = inverted(dualSlack(block, start, new Float64Array(pairs)))
    if (!G) return null
    const load = multiply(G, weightedTerms(block, none, ones))
    const size = Math.sqrt(dot(load.data, load.data))
    N.push(ones.fill(size > 0 ? 1 / (2 * size) : 1))
  }
  return N
}

/** From the start of the program as far towards a given dual point as stays well inside. */
export function pointNear(
  program: ConicProgram,
  blocks: readonly IndexedBlock[],
  { y, multipliers }: Pick<ConicIterate, 'y' | 'multipliers'>,
): Point | null {
  const N = smallMultipliers(program, blocks)
  if (!N) return null
  const between = (from: Float64Array, to: Float64Array, share: number): Float64Array =>
    from.map((value, k) => value + share * (to[k] - value))
  const wanted = multipliers.map((values) => values.map((value) => Math.max(0, value)))
  for (let share = towards; share > least; share *= shorter) {
    const at = between(program.start, y, share)
    const reach = Math.abs(dualObjective(program, at))
    const point = centred(
      program,
      at,
      N.map((values, b) => between(values, wanted[b], share)),
      ((1 - share) * reach) / program.blocks.reduce((total, { cost }) => total + cost.rows, 0),
    )
    if (point) return point
  }
  return initialPoint(program, blocks)
}

function centred(program: ConicProgram, y: Float64Array, N: readonly Float64Array[], mu: number): Point | null {
  const W = program.blocks.map((block, b) => dualSlack(block, y, N[b]))
  const G = inverses(W)
  if (!G || !(mu > 0)) return null
  return { y, N, s: N.map((values) => values.map((v) => mu / v)), U: G.map((g) => scaled(g, mu)), W, G, length: 1 }
}
