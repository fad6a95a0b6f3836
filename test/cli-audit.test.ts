import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gaussian, parseModel, seededRandom } from '@relucent/core'
import {
  type NamedArray,
  parseCsv,
  readOnnx,
  spiral,
  twoLayerWeights,
  writeCsv,
  writeNpz,
  writeSafetensors,
} from '@relucent/io'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectExit, type Outcome, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (line: string) => relucent(line.split(' '), { cwd: scratch.path() })
const read = (name: string) => readFileSync(join(scratch.path(), name))
const iris = fileURLToPath(new URL('../../shared/data/uci/iris.csv', import.meta.url))

type Json = Record<string, unknown>

function json({ stdout }: Outcome): Json {
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  return JSON.parse(stdout) as Json
}

function spiralCsv(): string {
  const random = seededRandom(0)
  const { X, labels } = spiral(() => gaussian(random))
  const rows = labels.map((label, i) => [X.data[2 * i], X.data[2 * i + 1], ['in', 'mid', 'out'][label]])
  return writeCsv(['x', 'y', 'arm'], rows)
}

/** ½‖F − Y‖² + β Σ ‖u_j‖‖v_j‖ of the weights in an ONNX file without biases, by the definition. */
function objectiveOf(onnx: string, csv: string, features: readonly string[], target: string, beta: number): number {
  const { hidden: W1, output: W2 } = twoLayerWeights(readOnnx(read(onnx)))
  const table = parseCsv(readFileSync(csv))
  const column = (name: string): readonly string[] => table.columns[table.names.indexOf(name)]
  const X = features.map((name) => column(name).map(Number))
  const labels = column(target)
  const classes = [...new Set(labels)].toSorted()
  let loss = 0
  labels.forEach((label, i) => {
    const F = classes.map(() => 0)
    for (let j = 0; j < W1.cols; j++) {
      const activation = Math.max(
        0,
        X.reduce((sum, values, q) => sum + values[i] * W1.data[q * W1.cols + j], 0),
      )
      classes.forEach((_, k) => (F[k] += activation * W2.data[j * W2.cols + k]))
    }
    classes.forEach((name, k) => (loss += (F[k] - Number(name === label)) ** 2 / 2))
  })
  let cost = 0
  for (let j = 0; j < W1.cols; j++) {
    const u = X.map((_, q) => W1.data[q * W1.cols + j])
    cost += Math.hypot(...u) * Math.hypot(...classes.map((_, k) => W2.data[j * W2.cols + k]))
  }
  return loss + beta * cost
}

/** The arrays PyTorch saves of a model's network, its layers scaled against each other. */
function torchArrays(model: string, outputBias?: readonly number[]): Map<string, NamedArray> {
  const { network, bias } = parseModel(read(model).toString('utf8'))
  const { inputs, outputs: c, neurons } = network
  const d = inputs - (bias ? 1 : 0)
  const m = neurons.length
  const arrays = new Map<string, NamedArray>([
    [
      '0.weight',
      { shape: [m, d], data: Float64Array.from(neurons.flatMap(({ u }) => Array.from(u.slice(0, d), (w) => 3 * w))) },
    ],
    [
      '2.weight',
      {
        shape: [c, m],
        data: Float64Array.from({ length: c * m }, (_, at) => neurons[at % m].v[Math.floor(at / m)] / 3),
      },
    ],
  ])
  if (bias) arrays.set('0.bias', { shape: [m], data: Float64Array.from(neurons, ({ u }) => 3 * u[d]) })
  if (outputBias) arrays.set('2.bias', { shape: [c], data: Float64Array.from(outputBias) })
  return arrays
}

beforeAll(async () => {
  scratch.write('spiral.csv', spiralCsv())
  scratch.write('data.csv', plantedCsv(3, { n: 25, d: 1 }))
  expectExit(await run('baseline spiral.csv --target arm --beta 0.1 --neurons 30 --epochs 2000 --out sgd.json'), 0)
  expectExit(await run('export sgd.json sgd.onnx'), 0)
  expectExit(await run('baseline data.csv --target y --beta 0.5 --bias --neurons 10 --epochs 500 --out biased.json'), 0)
  scratch.write('both.npz', writeNpz(torchArrays('biased.json', [0.25])))
  scratch.write('hidden.safetensors', writeSafetensors(torchArrays('biased.json')))
})

describe('the gap of a network trained by gradient descent is its distance from the certified optimum, to 1e-6', () => {
  async function check(
    csv: string,
    columns: string,
    features: readonly string[],
    target: string,
    beta: number,
  ): Promise<void> {
    const audited = json(await run(`audit sgd-here.onnx ${csv} ${columns} --beta ${beta} --tolerance 1e-10 --json`))
    expectExit(await run(`fit ${csv} ${columns} --beta ${beta} --tolerance 1e-10 --out best.json --force`), 0)
    const best = parseModel(read('best.json').toString('utf8')).certificate
    const known = objectiveOf('sgd-here.onnx', join(scratch.path(), csv), features, target, beta) - best.objective
    expect(Math.abs((audited.gap as number) - known)).toBeLessThan(1e-6)
    expect(known).toBeGreaterThan(1e-6)
  }

  test('on the spiral', async () => {
    scratch.write('sgd-here.onnx', read('sgd.onnx'))
    await check('spiral.csv', '--target arm', ['x', 'y'], 'arm', 0.1)
  })

  test.skipIf(!existsSync(iris))('on the petals of Iris (skipped where ../shared/data is missing)', async () => {
    scratch.write('iris.csv', readFileSync(iris))
    const columns = '--target class --task classification --features petal_length,petal_width'
    expectExit(await run(`baseline iris.csv ${columns} --beta 1 --neurons 30 --epochs 1500 --out petals.json`), 0)
    expectExit(await run('export petals.json sgd-here.onnx --force'), 0)
    await check('iris.csv', columns, ['petal_length', 'petal_width'], 'class', 1)
  })
})

describe('audit', () => {
  test('certify and audit agree about a model of ours', async () => {
    const certified = json(await run('certify sgd.json spiral.csv --json'))
    const audited = json(await run('audit sgd.json spiral.csv --json'))
    expect(audited.objective).toBeCloseTo(certified.objective as number, 10)
    expect(audited.gap).toBeCloseTo(certified.gap as number, 4)
    expect(audited).toMatchObject({ format: 'model', biases: [], method: 'solve', bias: false })
  })

  test('what can go is taken together, and the objective does not rise', async () => {
    const { objective, simplification, neurons } = json(
      await run('audit sgd.onnx spiral.csv --target arm --beta 0.1 --json'),
    ) as { objective: number; neurons: number; simplification: { neurons: number; objective: number } }
    expect(neurons).toBe(30)
    expect(simplification.neurons).toBeLessThan(30)
    expect(simplification.objective).toBeLessThanOrEqual(objective)
  })

  test('--polish goes on to the optimum and writes a model that verifies', async () => {
    const line = 'audit sgd.onnx spiral.csv --target arm --beta 0.1 --polish --out polished.json --json'
    const { polished } = json(await run(line)) as { polished: { status: string; objective: number } }
    expect(polished.status).toBe('optimal')
    const model = parseModel(read('polished.json').toString('utf8'))
    expect(model.certificate.objective).toBe(polished.objective)
    expectExit(await run('verify polished.json spiral.csv'), 0)
    expectExit(await run(line), 4)
  })

  test('--max-gap is a gate', async () => {
    expectExit(await run('audit sgd.onnx spiral.csv --target arm --beta 0.1 --max-gap 0.5'), 0)
    const closed = await run('audit sgd.onnx spiral.csv --target arm --beta 0.1 --max-gap 1e-9')
    expectExit(closed, 6)
    expect(closed.stdout).toContain('exceeds --max-gap 1.0e-9')
  })
})

describe('biases', () => {
  test('the first line says which ones are counted', async () => {
    const firstLine = async (line: string): Promise<string> => (await run(line)).stdout.split('\n')[0]
    expect(await firstLine('audit sgd.onnx spiral.csv --target arm --beta 0.1')).toMatch(/^Biases counted: none/)
    expect(await firstLine('audit hidden.safetensors data.csv --target y --beta 0.5')).toBe(
      'Biases counted: the hidden ones, inside the weight decay.',
    )
    expect(await firstLine('audit both.npz data.csv --target y --beta 0.5')).toBe(
      'Biases counted: the hidden ones, inside the weight decay; the output bias, as one more neuron at β‖b₂‖.',
    )
  })

  test('the objective and the β are those of the tool: PyTorch decays an output bias too', async () => {
    const audited = json(await run('audit both.npz data.csv --target y --from pytorch --decay 0.04 --json')) as {
      beta: number
      objective: number
      lowerBound: number
      training: { objective: number; lowerBound: number }
    }
    expect(audited.beta).toBeCloseTo((25 * 1 * 0.04) / 2, 14)
    expect(audited).toMatchObject({ biases: ['hidden', 'output'], biasPenalty: 'all', bias: true })
    const { training, beta } = audited
    expect(training.objective).toBeCloseTo(audited.objective - beta * 0.25 + (beta / 2) * 0.25 ** 2, 10)
    expect(training.lowerBound).toBeLessThanOrEqual(audited.lowerBound)
    expect(training.lowerBound).toBeGreaterThanOrEqual(audited.lowerBound - beta / 2)
  })

  test('where training left biases free, nothing is said about its own optimum', async () => {
    const { stdout } = await run('audit hidden.safetensors data.csv --target y --from keras --decay 0.01')
    expect(stdout).toContain('In training the hidden bias was free (--bias-penalty none)')
    expect(stdout).toContain('says nothing about the optimum of that training')
    const record = json(await run('audit both.npz data.csv --target y --from sklearn --decay 0.5 --json'))
    expect(record).toMatchObject({ biasPenalty: 'none', training: null })
    const decayed = await run('audit hidden.safetensors data.csv --target y --beta 0.5 --bias-penalty all')
    expect(decayed.stdout).not.toContain('In training')
  })
})

describe('wrong input is refused with what to do', () => {
  test.each([
    ['audit sgd.onnx spiral.csv --beta 1', 2, '--target is missing'],
    ['audit sgd.onnx spiral.csv --target arm', 2, 'the weight decay is needed'],
    ['audit sgd.onnx spiral.csv --target arm --from pytorch', 2, '--from and --decay go together'],
    ['audit sgd.onnx spiral.csv --target arm --beta 1 --from pytorch --decay 1', 2, 'cannot be used with'],
    ['audit sgd.json spiral.csv --target arm', 2, 'a model.json names its own columns'],
    ['audit spiral.csv spiral.csv --target arm --beta 1', 4, 'expected a network'],
    ['audit both.npz spiral.csv --target arm --beta 1', 4, 'the network has 1 input, the data 2 features (x, y)'],
    ['audit sgd.onnx spiral.csv --target y --features x,x --beta 1', 4, 'names the column twice'],
  ])('%s', async (line, code, message) => {
    const outcome = await run(line)
    expectExit(outcome, code)
    expect(outcome.stderr).toContain(message)
  })

  test('a network for other targets names both sizes', async () => {
    scratch.write('two.csv', plantedCsv(3, { n: 9, d: 2, c: 2 }))
    const outcome = await run('audit sgd.onnx two.csv --target y1,y2 --beta 1')
    expectExit(outcome, 4)
    expect(outcome.stderr).toContain('the network has 3 outputs, the targets 2 columns')
  })
})
