import { expect, test } from 'vitest'
import { appraise } from '../audit.ts'
import { network, objective, predict } from '../network.ts'
import { exactOracle } from '../oracle/exact.ts'
import { createPacer } from '../pacer.ts'
import { planarFixture, randomNetwork } from '../problem.fixtures.ts'
import { createProblem } from '../problem.ts'
import { seededRandom } from '../random.ts'
import { type Addition, bestAddition } from './addition.ts'

const planar = createProblem({ ...planarFixture, beta: 0.1 })

test('the gain is what the objective falls by when the neuron is added', async () => {
  for (let seed = 0; seed < 5; seed++) {
    const net = randomNetwork(seededRandom(seed), 2, 2, 3)
    const { candidates } = await appraise(planar, net, { timeLimitSeconds: 1 })
    const addition = await bestAddition(planar, net, candidates, createPacer())
    expect(addition).not.toBeNull()
    const { neuron, gain, polarValue } = addition as NonNullable<typeof addition>
    const before = objective(planar, net)
    const after = objective(planar, network(2, 2, [...net.neurons, neuron]))
    expect(polarValue).toBeGreaterThan(planar.beta)
    expect(before - after).toBeCloseTo(gain, 10)
  }
})

test('for the squared loss the gain is (‖g‖ − β)² / 2‖φ(u)‖²', async () => {
  const empty = network(2, 2, [])
  const Z = planar.loss.dual(predict(empty, planar.X), planar.Y)
  const { candidates } = await exactOracle(planar).price(Z)
  const first = candidates.slice(0, 1)
  const { neuron, gain, polarValue } = (await bestAddition(planar, empty, first, createPacer())) as Addition
  const length = Math.hypot(...neuron.u)
  const atom = planar.architecture.atom(
    planar.X,
    neuron.u.map((value) => value / length),
  )
  const square = atom.reduce((total, value) => total + value * value, 0)
  expect(gain).toBeCloseTo((polarValue - planar.beta) ** 2 / (2 * square), 10)
})

test('at β ≥ βmax no neuron helps the zero network', async () => {
  const problem = createProblem({ ...planarFixture, beta: 2.4 })
  const { candidates } = await exactOracle(problem).price(problem.Y)
  expect(await bestAddition(problem, network(2, 2, []), candidates, createPacer())).toBeNull()
})
