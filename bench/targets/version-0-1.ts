import type { Dataset } from '../dataset.ts'
import { banknoteClasses, banknoteNumber } from '../datasets/banknote.ts'
import { figure1 } from '../datasets/figure1.ts'
import { irisAll, irisPetals } from '../datasets/iris.ts'
import { planted } from '../datasets/planted.ts'
import { rival } from '../datasets/rivals.ts'
import { spiral } from '../datasets/spiral.ts'
import type { Target } from '../target.ts'

const fine = { tolerance: 1e-8, timeLimitSeconds: 30 }
const usual = { tolerance: 1e-6, timeLimitSeconds: 60 }
const onePercent = { ratio: 0.01 }

function scalarPlanted(n: number): Target {
  const dataset = planted({ n, d: 3 })
  return { name: dataset.name, dataset, beta: onePercent, ...usual, wanted: { relativeGap: 1e-6, seconds: 0.5 } }
}

function spiralAt(beta: number): Target {
  return { name: `spiral β=${beta}`, dataset: spiral, beta, ...fine, wanted: { relativeGap: 1e-8, seconds: 1 } }
}

/** Open at the default limit is an allowed answer; without a valid bound is not. */
function atDefaultLimit(dataset: Dataset): Target {
  const limits = { tolerance: 1e-6, timeLimitSeconds: 300 }
  return { name: dataset.name, dataset, beta: 1, ...limits, wanted: { bound: true, clockSeconds: 310 }, once: true }
}

const plane = planted({ n: 100, d: 2 })
const vector = planted({ n: 200, d: 3, c: 3 })
const wide = planted({ n: 200, d: 50 })

/** What version 0.1 set out to reach. */
export const firstTargets: readonly Target[] = [
  { name: plane.name, dataset: plane, beta: onePercent, ...fine, wanted: { relativeGap: 1e-8, seconds: 0.3 } },
  spiralAt(1),
  spiralAt(0.1),
  spiralAt(0.01),
  { name: 'figure 1', dataset: figure1, beta: 0.01, ...fine, wanted: { relativeGap: 1e-8, seconds: 1 } },
  scalarPlanted(30),
  scalarPlanted(40),
  { name: vector.name, dataset: vector, beta: onePercent, ...usual, wanted: { relativeGap: 1e-6, seconds: 5 } },
  {
    name: irisPetals.name,
    dataset: irisPetals,
    beta: 0.5,
    tolerance: 1e-6,
    timeLimitSeconds: 300,
    wanted: { relativeGap: 1e-6 },
  },
  {
    name: 'rivals A',
    dataset: rival('A'),
    beta: 1.5536698886495999,
    tolerance: 1e-6,
    timeLimitSeconds: 10,
    wanted: { objective: 5.0123, clockSeconds: 10.5, bound: true },
  },
  {
    name: 'planted n=200 d=50, 5 s',
    dataset: wide,
    beta: onePercent,
    tolerance: 1e-6,
    timeLimitSeconds: 5,
    wanted: { clockSeconds: 6, bound: true },
  },
  atDefaultLimit(irisAll),
  atDefaultLimit(banknoteClasses),
  atDefaultLimit(banknoteNumber),
]
