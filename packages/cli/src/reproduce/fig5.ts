import { lines, panels, type Series } from '@relucent/plot'
import { formatGap, formatValue } from '../format.ts'
import { percent } from './curves.ts'
import type { Experiment, Table } from './experiment.ts'
import { dataDirOf } from './images/settings.ts'
import { type Planted, planted, type PlantedPoint, type PlantedSetting } from './planted.ts'

const full: PlantedSetting = {
  perClass: 10,
  tests: 1000,
  outputs: 10,
  teacherNeurons: 100,
  betas: [100, 30, 10, 3, 1, 0.3, 0.1, 0.03, 0.01],
}
const quick: PlantedSetting = { perClass: 1, tests: 10, outputs: 3, teacherNeurons: 10, betas: [3, 0.1] }

/** Of the paper's appendix A.1.2: best test loss of the ReLU network, at β = 0.01, and test loss of the zero network. */
const inPaper = { best: 63_038, zero: 125_383 }

export const figure5: Experiment = {
  name: 'fig5',
  title: 'Figure 5: ReLU and linear networks on whitened images with planted labels',
  async run(context) {
    const setting = context.quick ? quick : full
    const result = await planted(setting, dataDirOf(context), context)
    const { samples, tests } = result
    return {
      comparisons: [
        {
          what: 'data',
          paper: 'whitened CIFAR-10, planted labels',
          here: `${samples} images of CIFAR-10, ZCA, ${tests} test images whitened by the same transform`,
        },
        {
          what: 'labels',
          paper: 'planted; by which network is not known here',
          here: `${setting.outputs} outputs of a network of ${setting.teacherNeurons} neurons with normal weights`,
        },
        { what: 'β', paper: 'a range; the best is 0.01', here: setting.betas.join(', ') },
        {
          what: 'ReLU network',
          paper: 'how it was trained is not known here',
          here: 'network read off (20), beside the proven bound',
        },
        { what: 'linear network', paper: 'compared with it', here: 'soft-thresholded SVD of Y, which is exact' },
      ],
      remarks: remarksOn(result),
      differences: [
        'The paper’s teacher, its images and their number are not known here: losses are comparable only as shares of the zero network’s.',
        'Theorem 2 does not apply to labels of either sign; the ReLU network is that of (20), and how far it may be from the optimum is in the table.',
        'The optimal ReLU network need not be unique; test losses are those of the one found.',
      ],
      figures: [{ name: 'fig5', svg: draw(result) }],
      tables: [resultTable(result)],
    }
  },
}

const above = ({ relu, lowerBound }: PlantedPoint): number => relu.objective / lowerBound - 1

function remarksOn({ points, zeroTest, defect }: Planted): string[] {
  const best = (of: (point: PlantedPoint) => number): PlantedPoint => points.reduce((a, b) => (of(b) < of(a) ? b : a))
  const [relu, linear] = [best((at) => at.relu.testLoss), best((at) => at.linear.testLoss)]
  const share = (loss: number): string => percent(loss / zeroTest)
  return [
    `The zero network has test loss ${formatValue(zeroTest)}. The best of the ReLU networks has ${formatValue(relu.relu.testLoss)} at β = ${relu.beta}, ${share(relu.relu.testLoss)} of it, ` +
      `and the best of the linear ones ${formatValue(linear.linear.testLoss)} at β = ${linear.beta}, ${share(linear.linear.testLoss)}.`,
    `In the paper it is ${inPaper.best} of ${inPaper.zero}, ${percent(inPaper.best / inPaper.zero)}, at β = 0.01.`,
    `The ReLU networks are at most ${percent(Math.max(...points.map(above)))} above the proven bound on all networks; (20) itself is known to ${formatGap(Math.max(...points.map(({ gap }) => gap)))}.`,
    `Rows are within ${formatGap(defect)} of orthonormal.`,
  ]
}

function draw({ points, zeroTest, zero }: Planted): string {
  const x = points.map(({ beta }) => beta)
  const pair = (of: (at: PlantedPoint['relu'] | PlantedPoint['linear']) => number): Series[] => [
    { name: 'ReLU', x, y: points.map(({ relu }) => of(relu)), markers: 'filled', place: 0 },
    { name: 'linear', x, y: points.map(({ linear }) => of(linear)), markers: 'hollow', place: 1 },
  ]
  const figures = [
    { title: 'Training loss', scale: 'log', value: zero, series: pair(({ loss }) => loss) },
    { title: 'Test loss', scale: 'linear', value: zeroTest, series: pair(({ testLoss }) => testLoss) },
  ] as const
  const drawn = figures.map(({ title, scale, value, series }) =>
    lines({
      title,
      width: 480,
      x: { label: 'β', scale: 'log' },
      y: { label: '½‖F − Y‖²', scale },
      series,
      references: [{ axis: 'y', value, label: 'zero network' }],
    }),
  )
  return panels({ figures: drawn, columns: 2, title: 'Planted labels on whitened images' })
}

function resultTable({ points }: Planted): Table {
  return {
    name: 'fig5',
    title: 'Objectives and losses',
    head: [
      'β',
      'ReLU, proven bound',
      'ReLU, objective',
      'above the bound',
      'neurons',
      'ReLU, training loss',
      'ReLU, test loss',
      'linear, optimum',
      'rank',
      'linear, training loss',
      'linear, test loss',
      'CPU seconds: (20)',
      'with the network',
    ],
    rows: points.map((at) => [
      at.beta,
      at.lowerBound,
      at.relu.objective,
      above(at),
      at.relu.neurons,
      at.relu.loss,
      at.relu.testLoss,
      at.linear.objective,
      at.linear.rank,
      at.linear.loss,
      at.linear.testLoss,
      at.relaxationSeconds,
      at.seconds,
    ]),
  }
}
