import type { CvData, CvSettings, Fold, FoldTask, PathProgress } from '@relucent/core'
import { formatValue } from '../format.ts'
import type { Terminal } from '../terminal.ts'
import { type FinishedFolds, openFinished } from './finished.ts'

export async function finishedOrNone(
  path: string | undefined,
  about: { readonly data: CvData; readonly folds: readonly Fold[]; readonly settings: CvSettings },
): Promise<FinishedFolds | undefined> {
  return path === undefined ? undefined : openFinished(path, about)
}

/** Which fold is at which β. */
export function foldProgress(
  folds: readonly Fold[],
  terminal: Terminal,
): (task: FoldTask, progress: PathProgress) => void {
  const numbers = new Map(folds.map(({ repeat, fold }, k) => [`${repeat}:${fold}`, k + 1]))
  return ({ repeat, fold }, { point, points, beta, ...progress }) => {
    const number = numbers.get(`${repeat}:${fold}`) ?? 0
    const phase = `fold ${number} of ${folds.length}, β ${point + 1} of ${points}, ${formatValue(beta)}`
    terminal.progress({ ...progress, phase })
  }
}
