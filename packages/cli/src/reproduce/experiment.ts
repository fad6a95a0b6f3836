import type { ExperimentName } from './names.ts'

/** What an experiment needs of the world around it. */
export interface Context {
  /** A small version: the same steps on less of everything. */
  readonly quick: boolean
  /** Where images and tables are. */
  readonly dataDir: string | undefined
  /** Random data sets, where an experiment draws several. */
  readonly dataSets: number
  readonly signal: AbortSignal
  /** What is being done now. */
  say(phase: string): void
  /** Printed at once, for work that lets no display be drawn for a while. */
  note(text: string): void
  /** How far it is, in the words of the phase. */
  progress(figures: PartProgress): void
  /**
   * The answer of `work`, plain values only, from an earlier run where the settings are the same; otherwise worked out and
   * kept. Work that was interrupted is not kept.
   *
   * @throws InterruptedError once the signal is aborted.
   */
  part<T>(name: string, settings: Settings, work: () => Promise<T>): Promise<T>
}

export type Settings = Readonly<Record<string, number | string | boolean | null | readonly (number | string)[]>>

export interface PartProgress {
  readonly iteration: number
  readonly objective: number
  readonly lowerBound?: number
  readonly relativeGap?: number | null
  readonly neurons: number
  readonly elapsedSeconds: number
}

export interface Figure {
  /** Of its files, without ending. */
  readonly name: string
  readonly svg: string
}

export type Cell = number | string | null

export interface Table {
  /** Of its CSV file, without ending. */
  readonly name: string
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  /** Too long for the page: in its file only. */
  readonly fileOnly?: boolean
}

/** One setting in the paper and here. */
export interface Comparison {
  readonly what: string
  readonly paper: string
  readonly here: string
}

export interface Findings {
  readonly comparisons: readonly Comparison[]
  /** What is seen, in sentences made from the numbers. */
  readonly remarks: readonly string[]
  /** How this differs from the paper, and why. */
  readonly differences: readonly string[]
  readonly figures: readonly Figure[]
  readonly tables: readonly Table[]
}

/** One figure or table of the paper, redrawn from computations made here. */
export interface Experiment {
  readonly name: ExperimentName
  readonly title: string
  /** Authors, title, place. */
  readonly paper?: string
  run(context: Context): Promise<Findings>
}

/** The signal was aborted; parts that were finished are kept. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
}
