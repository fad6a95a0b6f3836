import { lines, panels } from '@relucent/plot'
import { formatScore } from '../format.ts'
import type { Experiment, Table } from './experiment.ts'
import { imageComparisons, imageDifferences } from './images/comparisons.ts'
import { type Fewer, fewerImages, type ImageRun } from './images/runs.ts'
import { dataDirOf, fewerCounts, imageRuns, imageSettings } from './images/settings.ts'

export const figure6: Experiment = {
  name: 'fig6',
  title: 'Figure 6: whitened images, test accuracy',
  async run(context) {
    const runs = await imageRuns(context)
    const [first] = imageSettings(context.quick)
    const counts = context.quick ? fewerCounts.quick : fewerCounts.full
    const fewer = await fewerImages(first, counts, dataDirOf(context), context)
    return {
      comparisons: imageComparisons(runs),
      remarks: [...runs.map(accuracyRemark), fewerRemark(first.title, fewer)],
      differences: [
        ...imageDifferences,
        `Accuracy is counted on the first ${runs[0].tests.toLocaleString('en')} test images, whitened by the transform of the training images.`,
      ],
      figures: [{ name: 'fig6', svg: draw(runs) }],
      tables: [accuracyTable(runs), fewerTable(first.title, fewer)],
    }
  },
}

const last = ({ descent }: ImageRun): number => descent.accuracies[descent.accuracies.length - 1].accuracy

function accuracyRemark(run: ImageRun): string {
  const { title, closed, descent } = run
  return (
    `${title}: the optimum recognises ${percent(closed.testAccuracy)} of the test images, gradient descent ` +
    `${percent(last(run))} after ${descent.epochs} epochs. One in ${run.kind === 'cifar10' ? 10 : 100} would be chance.`
  )
}

function fewerRemark(title: string, fewer: readonly Fewer[]): string {
  const list = fewer.map(({ samples, testAccuracy }) => `${percent(testAccuracy)} with ${samples}`).join(', ')
  return (
    `${title}, the optimum on fewer images: ${list}. Whitening divides by the singular values, and the more images there are for the ` +
    '3,072 columns, the smaller the least of them.'
  )
}

const percent = (share: number): string => `${formatScore(100 * share)} %`

function draw(runs: readonly ImageRun[]): string {
  const figures = runs.map(({ title, beta, neurons, closed, descent }) =>
    lines({
      title: `${title}, β = ${beta}`,
      width: 480,
      x: { label: 'epoch, from 1', scale: 'log' },
      y: { label: 'test accuracy' },
      series: [
        {
          name: `gradient descent, ${neurons} neurons`,
          x: descent.accuracies.map(({ epoch }) => epoch + 1),
          y: descent.accuracies.map(({ accuracy }) => accuracy),
          markers: 'filled',
          place: 1,
        },
      ],
      references: [{ axis: 'y', value: closed.testAccuracy, label: 'optimum' }],
      legend: true,
    }),
  )
  return panels({ figures, columns: 2, title: 'Test accuracy on whitened images' })
}

function accuracyTable(runs: readonly ImageRun[]): Table {
  return {
    name: 'fig6',
    title: 'Test accuracy',
    head: ['images', 'network', 'epoch', 'test accuracy'],
    rows: runs.flatMap(({ title, closed, descent }) => [
      [title, 'closed form', null, closed.testAccuracy],
      ...descent.accuracies.map(({ epoch, accuracy }) => [title, 'gradient descent', epoch, accuracy]),
    ]),
  }
}

function fewerTable(title: string, fewer: readonly Fewer[]): Table {
  return {
    name: 'fig6-fewer',
    title: `Test accuracy of the optimum on fewer images of ${title}`,
    head: ['images', 'test accuracy'],
    rows: fewer.map(({ samples, testAccuracy }) => [samples, testAccuracy]),
  }
}
