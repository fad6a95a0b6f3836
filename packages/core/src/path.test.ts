import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { problemFor } from './loss/problems.fixtures.ts'
import { objective } from './network.ts'
import { boundsAt, gridOfRatios, type Path, path } from './path.ts'
import { planarFixture, problems, rivals } from './problem.fixtures.ts'
import { createProblem, withBeta } from './problem.ts'
import { train } from './train.ts'

const problem = createProblem({ ...planarFixture, beta: 1 })
let solved: Promise<Path> | undefined
const planar = (): Promise<Path> => (solved ??= path(problem, { points: 12, smallestRatio: 1e-2 }))

describe('path', () => {
  test('every β of the geometric grid from βmax is certified to the tolerance, with its own certificate', async () => {
    const { points, betaMax, ended } = await planar()
    expect(ended).toBe('complete')
    expect(points).toHaveLength(12)
    points.forEach(({ beta, ratio, status, certificate, network }, k) => {
      expect(status).toBe('optimal')
      expect(certificate.problem.beta).toBe(beta)
      expect(beta).toBe(betaMax.value * gridOfRatios(12, 1e-2)[k])
      expect(ratio).toBeCloseTo(10 ** ((-2 * k) / 11), 12)
      expect(objective(withBeta(problem, beta), network)).toBeCloseTo(certificate.objective, 12)
    })
  })

  test('the optima known at β = 0.1 and 0.5 are found on a path through them', async () => {
    const { points } = await path(problem, { betas: [2, 0.5, 0.1] })
    expect(points[1].certificate.objective).toBeCloseTo(2.00537741, 6)
    expect(points[2].certificate.objective).toBeCloseTo(0.65413806, 6)
  })

  test('the objective falls and the loss falls as β does, and loss + β · cost is the objective', async () => {
    const { points } = await planar()
    points.forEach(({ beta, loss, cost, certificate }, k) => {
      expect(loss + beta * cost).toBeCloseTo(certificate.objective, 10)
      if (k === 0) return
      expect(certificate.lowerBound).toBeLessThan(points[k - 1].certificate.objective)
      expect(loss).toBeLessThanOrEqual(points[k - 1].loss + 1e-4)
    })
  })

  test('a neuron keeps its number while it moves, and no number is used twice at one β', async () => {
    const { points } = await planar()
    for (const { tracks, network } of points) {
      expect(tracks).toHaveLength(network.neurons.length)
      expect(new Set(tracks).size).toBe(tracks.length)
    }
    const [before, after] = points.slice(-2)
    expect(after.tracks.some((track) => before.tracks.includes(track))).toBe(true)
  })

  test('stops after too many neurons, after enough is explained, and when interrupted', async () => {
    const wide = await path(problem, { points: 12, smallestRatio: 1e-2, maxNeurons: 2 })
    expect(wide.ended).toBe('neuron-limit')
    expect(wide.points.slice(0, -1).every(({ network }) => network.neurons.length <= 2)).toBe(true)
    const explained = await path(problem, { points: 12, smallestRatio: 1e-2, explainedShare: 0.5 })
    expect(explained.ended).toBe('explained')
    expect(1 - explained.points.at(-1)!.loss / explained.zeroLoss).toBeGreaterThanOrEqual(0.5)
    const controller = new AbortController()
    const cut = await path(problem, { points: 12, signal: controller.signal, onPoint: () => controller.abort() })
    expect(cut).toMatchObject({ ended: 'interrupted', points: [{ status: 'optimal' }] })
    expect(await path(problem, { betas: [1], timeLimitSeconds: 0 })).toMatchObject({ ended: 'time-limit', points: [] })
  })

  test('progress says which β is at work', async () => {
    const seen: string[] = []
    await path(problem, {
      betas: [1, 0.5],
      onProgress: ({ point, points, beta }) => seen.push(`${point} ${points} ${beta}`),
    })
    expect(new Set(seen)).toEqual(new Set(['0 2 1', '1 2 0.5']))
  })

  test('grids that are none are refused, saying what is wrong', async () => {
    await expect(path(problem, { betas: [1, 2] })).rejects.toThrow('positive and descending, got 2 in place 1')
    await expect(path(problem, { betas: [1, Number.NaN] })).rejects.toThrow('got NaN in place 1')
    await expect(path(problem, { points: 0 })).rejects.toThrow('points must be a whole number of at least 1, got 0')
    await expect(path(problem, { smallestRatio: 1 })).rejects.toThrow('smallestRatio must be between 0 and 1, got 1')
    await expect(path(createProblem({ X: [[1]], Y: [0], beta: 1 }))).rejects.toThrow('βmax must be positive and finite')
  })
})

describe('boundsAt', () => {
  test('between grid points the optimum lies between the bounds, as a solve there confirms', async () => {
    const solvedPath = await planar()
    const { points } = solvedPath
    const between = points.slice(1).map(({ beta }, k) => Math.sqrt(beta * points[k].beta))
    for (const beta of [...between, points[0].beta * 2, points.at(-1)!.beta / 2]) {
      const { certificate } = await train(withBeta(problem, beta))
      const bounds = boundsAt(solvedPath, beta)
      expect(bounds.lowerBound).toBeLessThanOrEqual(certificate.objective)
      expect(bounds.objective).toBeGreaterThanOrEqual(certificate.lowerBound)
    }
  })

  test.each(['softmax', 'pinball:0.8', 'poisson'])(
    '%s with an output bias: every point is certified, and fits between and below them lie between the bounds',
    async (name) => {
      const drawn = problemFor(name, 2, { n: 14, d: 2, outputBias: true })
      const made = await path(drawn, { points: 5, smallestRatio: 0.1 })
      expect(made.points.map(({ status }) => status)).toEqual(Array(5).fill('optimal'))
      expect(made.points[0].beta).toBe(made.betaMax.value)
      const { points } = made
      for (const beta of [
        points[0].beta * 2,
        Math.sqrt(points[1].beta * points[2].beta),
        Math.sqrt(points[3].beta * points[4].beta),
        points[4].beta / 2,
      ]) {
        const { certificate, status } = await train(withBeta(drawn, beta), { timeLimitSeconds: 30 })
        expect(status).toBe('optimal')
        const bounds = boundsAt(made, beta)
        expect(bounds.lowerBound).toBeGreaterThan(0)
        expect(bounds.lowerBound).toBeLessThanOrEqual(certificate.objective)
        expect(bounds.objective).toBeGreaterThanOrEqual(certificate.lowerBound)
      }
    },
  )

  test('at a grid point it is the certificate, or better', async () => {
    const solvedPath = await planar()
    for (const { beta, certificate } of solvedPath.points) {
      const { objective: upper, lowerBound } = boundsAt(solvedPath, beta)
      expect(upper).toBeLessThanOrEqual(certificate.objective)
      expect(lowerBound).toBeGreaterThanOrEqual(certificate.lowerBound)
    }
  })

  test('the gap between neighbours is of second order in their distance', async () => {
    const gapOf = async (points: number): Promise<number> => {
      const made = await path(problem, {
        betas: gridOfRatios(points, 0.5).map((ratio) => 0.8 * ratio),
        tolerance: 1e-10,
      })
      const beta = Math.sqrt(made.points[0].beta * made.points[1].beta)
      const { objective: upper, lowerBound } = boundsAt(made, beta)
      return (upper - lowerBound) / upper
    }
    const [coarse, fine] = [await gapOf(3), await gapOf(9)]
    expect(fine).toBeLessThan(coarse / 8)
  })

  test('no network beats the lower bound at any β, also after a path of rough tolerance', async () => {
    await fc.assert(
      fc.asyncProperty(problems, rivals, fc.double({ min: 1e-3, max: 3, noNaN: true }), async (drawn, rival, beta) => {
        const rough = await path(drawn, { betas: [1, 0.1, 0.01], tolerance: 0.3, maxIterations: 2 })
        const { lowerBound } = boundsAt(rough, beta)
        expect(objective(withBeta(drawn, beta), rival(drawn))).toBeGreaterThanOrEqual(lowerBound * (1 - 1e-12))
      }),
      { numRuns: 25 },
    )
  })

  test('a certificate that contradicts itself, or is about given patterns only, bounds nothing; an objective that is none neither', async () => {
    const made = await planar()
    const [top] = made.points
    const certificate = { ...top.certificate, lowerBound: 1e9 }
    for (const doubtful of [
      { ...top, certificate: { ...certificate, crossed: true } },
      { ...top, certificate: { ...certificate, scope: 'given-patterns' as const } },
    ]) {
      expect(boundsAt({ ...made, points: [doubtful] }, top.beta).lowerBound).toBe(0)
    }
    const lost = { ...top, loss: Number.NaN }
    expect(boundsAt({ ...made, points: [lost] }, top.beta / 2).objective).toBe(made.zeroLoss)
  })

  test('β that is none and a path without points are refused', async () => {
    const made = await planar()
    expect(() => boundsAt(made, 0)).toThrow('positive finite number, got 0')
    expect(() => boundsAt({ ...made, points: [] }, 1)).toThrow('the path must have a point')
  })
})
