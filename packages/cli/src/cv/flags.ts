import type { CvRule, Metric } from '@relucent/core'
import type { TrainingFlags } from '../commands/fit.ts'
import type { OutputFile } from '../files.ts'

/** What the command line says, after defaults. */
export interface CvFlags extends TrainingFlags {
  readonly folds: number
  readonly repeats: number
  readonly stratify: boolean
  readonly groupBy?: string
  readonly points: number
  readonly smallestRatio: number
  readonly metric?: Metric
  readonly rule: CvRule
  readonly fitTimeLimit: number
  readonly resume?: string
  readonly refit: boolean
  readonly out: string
  readonly figure?: string
  readonly learningCurve?: boolean
  readonly importance?: boolean
  readonly dependence?: string
}

/** With the loss by the name that core reads. */
export type NamedCvFlags = CvFlags & { readonly target: string; readonly lossName: string }

/** Files, checked before the work starts. */
export interface CvOutputs {
  readonly model: OutputFile | undefined
  readonly figure: OutputFile | undefined
}
