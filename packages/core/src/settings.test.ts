import { describe, expect, test } from 'vitest'
import type { Matrix } from './linalg/matrix.ts'
import { balance, type Network, objective, predict } from './network.ts'
import { createProblem } from './problem.ts'
import { randomMatrix, randomNetwork } from './problem.fixtures.ts'
import { seededRandom } from './random.ts'
import { betaFrom } from './settings.ts'

const [n, d, c] = [7, 3, 2]
const random = seededRandom(12)
const X = randomMatrix(random, n, d)
const Y = randomMatrix(random, n, c)

/** Each tool's objective as its documentation states it, for a network without biases. */
const stated = {
  /** torch.nn.MSELoss(reduction='mean') + weight_decay w, whose gradient w θ is that of w/2 ‖θ‖². */
  pytorch: (net: Network, w: number) => meanSquare(net) + (w / 2) * squares(net),
  /** loss='mse', kernel_regularizer=l2(a) on both Dense layers: a Σ θ². */
  keras: (net: Network, a: number) => meanSquare(net) + a * squares(net),
  /** MLPRegressor: ½ mean squared error + ½ alpha ‖θ‖² / n_samples. */
  sklearn: (net: Network, alpha: number) => meanSquare(net) / 2 + (alpha * squares(net)) / (2 * n),
}

const shape = { samples: n, outputs: c }

describe('what is minimised', () => {
  const rows = [
    [
      'PyTorch MSELoss + weight_decay w → β = n·c·w/2',
      0.013,
      stated.pytorch,
      betaFrom('pytorch', { weightDecay: 0.013, ...shape }),
      (n * c * 0.013) / 2,
    ],
    [
      'Keras mse + l2(a) on both layers → β = n·c·a',
      0.02,
      stated.keras,
      betaFrom('keras', { l2: 0.02, ...shape }),
      n * c * 0.02,
    ],
    [
      'scikit-learn MLPRegressor(alpha) → β = c·alpha',
      0.7,
      stated.sklearn,
      betaFrom('sklearn', { alpha: 0.7, outputs: c }),
      c * 0.7,
    ],
  ] as const

  test.each(rows)(
    '%s: our objective is theirs times one constant, for every network',
    (_, setting, theirs, beta, formula) => {
      expect(beta).toBeCloseTo(formula, 14)
      const problem = createProblem({ X, Y, beta })
      const ratios = [0, 1, 4, 9].map((width) => {
        const net = balance(randomNetwork(random, d, c, width))
        return objective(problem, net) / theirs(net, setting)
      })
      for (const ratio of ratios) expect(ratio / ratios[0]).toBeCloseTo(1, 12)
    },
  )

  test('settings that mean nothing are refused', () => {
    expect(() => betaFrom('pytorch', { weightDecay: 0, ...shape })).toThrow('betaFrom: weightDecay must be a positive')
    expect(() => betaFrom('keras', { l2: 0.1, samples: 1.5, outputs: 1 })).toThrow(
      'betaFrom: samples must be a positive integer',
    )
    expect(() => betaFrom('sklearn', { alpha: Number.NaN, outputs: 1 })).toThrow('betaFrom: alpha')
  })
})

function meanSquare(net: Network): number {
  const F: Matrix = predict(net, X)
  return F.data.reduce((total, value, k) => total + (value - Y.data[k]) ** 2, 0) / (n * c)
}

function squares(net: Network): number {
  return net.neurons.reduce((total, { u, v }) => total + [...u, ...v].reduce((sum, value) => sum + value * value, 0), 0)
}
