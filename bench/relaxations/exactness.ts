import { copositiveValue, createProblem, type Problem, semidefiniteValues, train } from '@relucent/core'
import { planted } from '../datasets/planted.ts'
import { cpuPacer, cpuSeconds } from '../cpu-pacer.ts'

export const exactnessHead = ['problem', 'β', 'p*', '((19) − p*)/p*', 'SDP/p*', 's', 'with cuts/p*', 's'] as const

/** In the plane (19) is (17), the problem itself; the semidefinite program over all networks is below, and cuts bring it back. */
export async function exactness(seed: number, seconds: number, only: string): Promise<string[][]> {
  const rows: string[][] = []
  for (const [name, problem] of [...problems(seed)].filter(([title]) => title.includes(only))) {
    const { certificate } = await train(problem, { tolerance: 1e-9, timeLimitSeconds: 20 })
    const optimum = certificate.objective
    // Beyond the plane cells are too many, and the relaxation over them need not be exact.
    const planar = problem.reduction.rank === 2
    const exact = planar ? ((await copositiveValue(problem))?.value ?? Number.NaN) : Number.NaN
    const difference = (exact - optimum) / optimum
    if (planar && !(Math.abs(difference) <= 1e-6)) throw new Error(`${name}: (19) is ${exact}, the optimum ${optimum}`)
    const [plain, cut] = [await best(problem, 'none', seconds), await best(problem, 'conic', seconds)]
    if (!(Math.max(plain.bound, cut.bound) <= optimum * (1 + 1e-9)))
      throw new Error(`${name}: a bound above the optimum`)
    rows.push([
      name,
      String(problem.beta),
      optimum.toFixed(6),
      planar ? difference.toExponential(1) : '–',
      ...[plain, cut].flatMap((one) => [(one.bound / optimum).toFixed(5), one.seconds.toFixed(1)]),
    ])
    console.error(rows.at(-1)?.join('  '))
  }
  return rows
}

function* problems(seed: number): Generator<[string, Problem]> {
  const of = (n: number, d: number, c: number, beta: number): [string, Problem] => [
    `planted n=${n} d=${d} c=${c}`,
    createProblem({ ...planted({ n, d, c, neurons: 100 }).load(seed), beta }),
  ]
  yield of(25, 2, 1, 0.1)
  for (const n of [12, 18, 25]) for (const beta of [0.1, 0.01]) yield of(n, 2, 5, beta)
  for (const [n, d] of [[12, 3], [20, 4]]) yield of(n, d, 2, 0.1) // biome-ignore format: pairs
}

/** The best proven within so much time of the processor, proofs included, and when. */
async function best(
  problem: Problem,
  inequalities: 'none' | 'conic',
  seconds: number,
): Promise<{ bound: number; seconds: number }> {
  const start = cpuSeconds()
  let found = { bound: 0, seconds: 0 }
  for await (const { lowerBound } of semidefiniteValues(problem, {
    inequalities,
    tolerance: 1e-5,
    pacer: cpuPacer(seconds),
  })) {
    if (lowerBound > found.bound) found = { bound: lowerBound, seconds: cpuSeconds() - start }
  }
  return found
}
