import type { CvData, CvSettings, FoldResult, FoldTask, PathProgress } from '@relucent/core'

/** What a thread that runs folds is started with. */
export interface FoldWork {
  readonly data: CvData
  readonly settings: CvSettings
}

export type ToFoldRunner = { readonly kind: 'run'; readonly task: FoldTask } | { readonly kind: 'stop' }

export type FromFoldRunner =
  | { readonly kind: 'progress'; readonly progress: PathProgress }
  | { readonly kind: 'result'; readonly result: FoldResult | null }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }
