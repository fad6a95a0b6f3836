import { gallery, type GalleryRow, lines, panels, type Series } from '@relucent/plot'
import { formatGap, formatSeconds, formatValue } from '../format.ts'
import { percent } from './curves.ts'
import type { Experiment, Figure, Table } from './experiment.ts'
import { pixelsOf, type Pictures } from './generation/pictures.ts'
import { type Generation, generated, type GenerationPoint } from './generation/runs.ts'
import { generationSettings } from './generation/settings.ts'
import { dataDirOf } from './images/settings.ts'

export const figure4: Experiment = {
  name: 'fig4',
  title: 'Figure 4: images from whitened noise, objective over β',
  async run(context) {
    const runs: Generation[] = []
    for (const setting of generationSettings(context.quick))
      runs.push(await generated(setting, dataDirOf(context), context))
    const list = (text: (run: Generation) => string): string => runs.map(text).join('; ')
    return {
      comparisons: [
        {
          what: 'data',
          paper: '100 noise inputs, ZCA-whitened, to 100 images of MNIST and of CIFAR-10',
          here: list(({ samples, title }) => `${samples} to the first images of ${title}, values from 0 to 1`),
        },
        { what: 'β', paper: 'a range', here: list(({ title, betas }) => `${title}: ${betas.join(', ')}`) },
        {
          what: 'relaxation (20)',
          paper: 'Adam on factors, 60,000 epochs',
          here: 'alternating directions on n × n matrices, bound proven',
        },
        {
          what: 'gradient descent',
          paper: '1000 neurons',
          here: list(({ neurons, epochs }) => `${neurons} neurons, ${epochs} epochs, rate from the curvature`),
        },
        {
          what: 'network of the relaxation',
          paper: 'not given',
          here: 'positive part of the root of S, improved by projected gradients',
        },
      ],
      remarks: runs.flatMap(remarksOn),
      differences: [
        'The paper does not say which images it drew, nor how their values were scaled.',
        'Gradient descent has fewer epochs than in the paper. It runs in the coordinates of the whitened rows and of the images’ span: output weights begin inside that span.',
        '(20) bounds all networks, and need not be attained by any: between the bound and the network read off it the optimum is open.',
      ],
      figures: [
        { name: 'fig4', svg: drawObjectives(runs) },
        { name: 'fig4-excess', svg: drawExcess(runs) },
        ...runs.map(drawGallery),
      ],
      tables: runs.map(resultTable),
    }
  },
}

const excess = (objective: number, { lowerBound }: GenerationPoint): number => objective / lowerBound - 1

/** In per cent, readable where it is next to nothing. */
const share = (value: number): string => (value < 1e-4 ? `${formatGap(100 * value)} %` : percent(value))

function remarksOn({ title, points, epochs }: Generation): string[] {
  const most = (of: (point: GenerationPoint) => number): number => Math.max(...points.map(of))
  const seconds = points.reduce((total, point) => total + point.seconds, 0)
  const descents = points.map((point) => excess(point.descent.objective, point))
  return [
    `${title}: (20) is known to a relative gap of at most ${formatGap(most(({ gap }) => gap))} at each β, in ${formatSeconds(seconds)} of CPU time together.`,
    `${title}: networks read off it are at most ${share(most((point) => excess(point.network, point)))} above the proven bound, so that no network of any width is better by more.`,
    `${title}: gradient descent is ${share(Math.min(...descents))} to ${share(Math.max(...descents))} above the bound after ${epochs} epochs.`,
  ]
}

function seriesOf(
  points: readonly GenerationPoint[],
  height: (objective: number, at: GenerationPoint) => number,
): Series[] {
  const x = points.map(({ beta }) => beta)
  return [
    {
      name: 'gradient descent',
      x,
      y: points.map((at) => height(at.descent.objective, at)),
      line: 'none',
      place: 1,
    },
    {
      name: 'network of (20)',
      x,
      y: points.map((at) => height(at.network, at)),
      line: 'none',
      markers: 'hollow',
      place: 2,
    },
  ]
}

function drawObjectives(runs: readonly Generation[]): string {
  const figures = runs.map(({ title, points }) => {
    const bound = {
      name: 'proven bound, (20)',
      x: points.map(({ beta }) => beta),
      y: points.map(({ lowerBound }) => lowerBound),
      place: 0,
    }
    return lines({
      title,
      width: 480,
      x: { label: 'β', scale: 'log' },
      y: { label: 'objective', scale: 'log' },
      series: [bound, ...seriesOf(points, (objective) => objective)],
    })
  })
  return panels({ figures, columns: 2, title: 'Images from whitened noise: objective over β' })
}

function drawExcess(runs: readonly Generation[]): string {
  const figures = runs.map(({ title, points }) => {
    const gap = {
      name: '(20), at most',
      x: points.map(({ beta }) => beta),
      y: points.map((at) => excess(at.value, at)),
      place: 0,
    }
    return lines({
      title,
      width: 480,
      x: { label: 'β', scale: 'log' },
      y: { label: 'objective / proven bound − 1', scale: 'log' },
      series: [gap, ...seriesOf(points, excess)],
    })
  })
  return panels({ figures, columns: 2, title: 'How far each is above the proven bound' })
}

function drawGallery(run: Generation): Figure {
  const rowOf = (name: string, note: string, pictures: Pictures): GalleryRow => {
    return { name, note, images: pictures.map((bytes) => pixelsOf(bytes, run)) }
  }
  const shown = run.points.toSorted((a, b) => a.beta - b.beta)
  const rows = shown.flatMap(({ beta, pictures, descent }) => [
    ...(pictures ? [rowOf('network of (20)', `β = ${beta}`, pictures)] : []),
    ...(descent.pictures ? [rowOf('gradient descent', `β = ${beta}`, descent.pictures)] : []),
  ])
  const svg = gallery({
    title: `${run.title}: what comes out for the first inputs`,
    rows: [rowOf('images', '', run.targets), ...rows],
    caption: 'Values below 0 and above 1 are cut off.',
  })
  return { name: `fig4-${run.kind}`, svg }
}

function resultTable({ kind, title, points, zero }: Generation): Table {
  return {
    name: `fig4-${kind}`,
    title: `${title}: objectives; the zero network costs ${formatValue(zero)}`,
    head: [
      'β',
      'proven bound',
      '(20), at most',
      'gap of (20)',
      'network of (20)',
      'above the bound',
      'its neurons',
      'gradient descent',
      'above the bound, descent',
      'epochs',
      'CPU seconds: (20)',
      'its network',
      'gradient descent, seconds',
    ],
    rows: points.map((at) => [
      at.beta,
      at.lowerBound,
      at.value,
      at.gap,
      at.network,
      excess(at.network, at),
      at.neurons,
      at.descent.objective,
      excess(at.descent.objective, at),
      at.descent.epochs,
      at.seconds,
      at.networkSeconds,
      at.descent.seconds,
    ]),
  }
}
