import type { ImageFiles } from '../images/load.ts'

export interface GenerationSetting {
  readonly kind: Extract<ImageFiles, 'mnist' | 'cifar10'>
  readonly title: string
  /** Of one image: side × side pixels, in so many planes of one colour each. */
  readonly side: number
  readonly planes: 1 | 3
  readonly samples: number
  /** Descending, as the path is run. */
  readonly betas: readonly number[]
  /** β at which pictures are shown. */
  readonly shown: readonly number[]
  readonly neurons: number
  readonly epochs: number
}

const mnist = { kind: 'mnist', title: 'MNIST', side: 28, planes: 1 } as const
const cifar10 = { kind: 'cifar10', title: 'CIFAR-10', side: 32, planes: 3 } as const

const full: readonly GenerationSetting[] = [
  {
    ...mnist,
    samples: 100,
    betas: [30, 10, 3, 1, 0.3, 0.1, 0.03],
    shown: [0.1, 1, 10],
    neurons: 1000,
    epochs: 1000,
  },
  {
    ...cifar10,
    samples: 100,
    betas: [100, 30, 10, 3, 1, 0.3, 0.1],
    shown: [0.3, 3, 30],
    neurons: 1000,
    epochs: 1000,
  },
]

const small = { samples: 8, neurons: 20, epochs: 60 } as const

const quick: readonly GenerationSetting[] = [
  { ...mnist, ...small, betas: [10, 1], shown: [1] },
  { ...cifar10, ...small, betas: [30, 3], shown: [3] },
]

export const generationSettings = (isQuick: boolean): readonly GenerationSetting[] => (isQuick ? quick : full)

/** Pictures in a row of the gallery. */
export const columns = 10

export const seed = 0
export const tolerance = 1e-5
