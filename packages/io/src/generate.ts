import type { Numbers } from './table.ts'

/** A source of standard normal numbers, injected so that a seed reproduces the data. */
export type Normal = () => number

export interface LabelledPoints {
  readonly X: Numbers
  /** Class of each row, from 0. */
  readonly labels: readonly number[]
}

/**
 * Interleaved spiral arms in the plane, one class each: no line separates them, and rank 2 is certified in an instant.
 *
 * Arm j: radius t/2 and angle 4(j + t) + noise for t = 0 … 1 in `perClass` steps. (The three-class spiral of Sahiner,
 * Ergen, Pauly and Pilanci, ICLR 2021, section 5.3; every arm starts in the origin.)
 */
export function spiral(
  normal: Normal,
  { perClass = 20, classes = 3, noise = 0.2 }: { perClass?: number; classes?: number; noise?: number } = {},
): LabelledPoints {
  const rows = perClass * classes
  const data = new Float64Array(2 * rows)
  const labels: number[] = []
  for (let i = 0; i < rows; i++) {
    const arm = Math.floor(i / perClass)
    const t = perClass > 1 ? (i % perClass) / (perClass - 1) : 0
    const angle = 4 * (arm + t) + noise * normal()
    data[2 * i] = (t / 2) * Math.sin(angle)
    data[2 * i + 1] = (t / 2) * Math.cos(angle)
    labels.push(arm)
  }
  return { X: { rows, cols: 2, data }, labels }
}

/** Gaussian inputs and the outputs of a random two-layer ReLU network on them: Y = Σ_j (X u_j)₊ v_jᵀ + noise. */
export function planted(
  normal: Normal,
  { n, d, c = 1, neurons = 10, noise = 0 }: { n: number; d: number; c?: number; neurons?: number; noise?: number },
): { readonly X: Numbers; readonly Y: Numbers } {
  const draw = (count: number): Float64Array => Float64Array.from({ length: count }, normal)
  const X = { rows: n, cols: d, data: draw(n * d) }
  const Y = { rows: n, cols: c, data: new Float64Array(n * c) }
  for (let j = 0; j < neurons; j++) {
    const u = draw(d)
    const v = draw(c)
    for (let i = 0; i < n; i++) {
      let activation = 0
      for (let k = 0; k < d; k++) activation += X.data[i * d + k] * u[k]
      if (activation > 0) for (let k = 0; k < c; k++) Y.data[i * c + k] += activation * v[k]
    }
  }
  for (let k = 0; k < Y.data.length; k++) Y.data[k] += noise * normal()
  return { X, Y }
}
