import { lines, panels } from '@relucent/plot'
import { formatValue } from '../format.ts'
import { percent, thinned } from './curves.ts'
import type { Experiment, Table } from './experiment.ts'
import { closedFormRemark, imageComparisons, imageDifferences } from './images/comparisons.ts'
import { type ImageRun, type Meaning, meanings } from './images/runs.ts'
import { dataDirOf, fewImages, imageRuns, imageSettings } from './images/settings.ts'

export const figure2: Experiment = {
  name: 'fig2',
  title: 'Figure 2: whitened images, loss over time',
  async run(context) {
    const runs = await imageRuns(context)
    const [first] = imageSettings(context.quick)
    const perClass = context.quick ? fewImages.quick : fewImages.full
    const means = await meanings(first, perClass, dataDirOf(context), context)
    return {
      comparisons: imageComparisons(runs),
      remarks: [...runs.map(closedFormRemark), ...runs.map(descentRemark)],
      differences: imageDifferences,
      figures: [{ name: 'fig2', svg: draw(runs) }],
      tables: [runTable(runs), meanTable(means), curveTable(runs)],
    }
  },
}

function descentRemark({ title, closed, descent }: ImageRun): string {
  const above = percent(descent.objective / closed.value - 1)
  return `${title}: gradient descent is at ${formatValue(descent.objective)} after ${descent.epochs} epochs, ${above} above the optimum.`
}

function draw(runs: readonly ImageRun[]): string {
  const figures = runs.map(({ title, beta, neurons, closed, descent }) => {
    const { x, y } = thinned(
      descent.history.map(({ seconds }) => seconds),
      descent.history.map(({ objective }) => objective),
    )
    return lines({
      title: `${title}, β = ${beta}`,
      width: 480,
      x: { label: 'CPU time', unit: 's', scale: 'log' },
      y: { label: 'objective', scale: 'log' },
      series: [
        { name: `gradient descent, ${neurons} neurons`, x, y, place: 1 },
        { name: 'closed form', x: [closed.seconds], y: [closed.objective], line: 'none', place: 0 },
      ],
      references: [{ axis: 'y', value: closed.value, label: 'optimum' }],
    })
  })
  return panels({ figures, columns: 2, title: 'Loss over time on whitened images' })
}

function runTable(runs: readonly ImageRun[]): Table {
  return {
    name: 'fig2-runs',
    title: 'Closed form and gradient descent',
    head: [
      'images',
      'β',
      'closed form, value',
      'its network',
      'CPU seconds',
      'whitening, CPU seconds',
      'rows from orthonormal',
      'gradient descent',
      'epochs',
      'CPU seconds of descent',
    ],
    rows: runs.map(({ title, beta, closed, descent }) => [
      title,
      beta,
      closed.value,
      closed.objective,
      closed.seconds,
      closed.whiteningSeconds,
      closed.defect,
      descent.objective,
      descent.epochs,
      descent.seconds,
    ]),
  }
}

const ways: Readonly<Record<string, string>> = {
  'whiten-rows': 'of each image',
  'whiten-columns': 'of each feature',
  whiten: 'none',
}

function meanTable(means: readonly Meaning[]): Table {
  return {
    name: 'fig2-means',
    title: 'Which means are removed before whitening, on fewer images of the first set',
    head: ['means removed', 'images', '‖XXᵀ − I‖, at most', 'formula', 'formula, value', 'its network, objective'],
    rows: means.map(({ kind, samples, defect, exactness, value, objective }) => [
      ways[kind],
      samples,
      defect,
      exactness === 'lower-bound-only' ? 'a lower bound' : 'exact',
      value,
      objective,
    ]),
  }
}

function curveTable(runs: readonly ImageRun[]): Table {
  return {
    name: 'fig2-curves',
    title: 'Objective along gradient descent',
    head: ['images', 'epoch', 'CPU seconds', 'objective'],
    rows: runs.flatMap(({ title, descent }) =>
      descent.history.map(({ epoch, seconds, objective }) => [title, epoch, seconds, objective]),
    ),
    fileOnly: true,
  }
}
