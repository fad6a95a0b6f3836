import { DataError, type DataErrorPlace, quoted } from './errors.ts'
import type { Numbers } from './table.ts'
import type { TwoLayerWeights } from './two-layer.ts'

/** An array of any shape, last axis fastest. */
export interface NamedArray {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

export interface WeightsContext {
  readonly file?: string
  /** Inputs and outputs that the data have: they decide where the shapes alone do not. */
  readonly inputs?: number
  readonly outputs?: number
}

/** How a tool calls the arrays of a layer, and which way round its matrices are. */
interface Convention {
  readonly tool: string
  readonly weight: RegExp
  readonly bias: RegExp
  /** PyTorch has outputs × inputs, the others inputs × outputs. */
  readonly transposed: boolean
}

/** The first group is what a layer's weight and bias have in common. */
const conventions: readonly Convention[] = [
  { tool: 'PyTorch', weight: /^(?:(.*)\.)?weight$/, bias: /^(?:(.*)\.)?bias$/, transposed: true },
  { tool: 'Keras', weight: /^(?:(.*)[/._])?kernel(?::0)?$/, bias: /^(?:(.*)[/._])?bias(?::0)?$/, transposed: false },
  {
    tool: 'scikit-learn',
    weight: /^coefs?_?[._[]?(\d+)\]?$/,
    bias: /^intercepts?_?[._[]?(\d+)\]?$/,
    transposed: false,
  },
]

interface Entry extends NamedArray {
  readonly name: string
}

/** W₁ (inputs × width), b₁, W₂ (width × outputs), b₂, as found. */
interface Assignment {
  readonly hidden: Entry
  readonly hiddenBias: Entry | null
  readonly output: Entry
  readonly outputBias: Entry | null
  readonly transposed: boolean
}

/**
 * The weights of a two-layer network among arrays by name, as `.npz` and `.safetensors` files have them.
 *
 * Names of PyTorch (`0.weight` of outputs × inputs, `0.bias`), Keras (`dense/kernel:0` of inputs × outputs, `dense/bias:0`)
 * and scikit-learn (`coefs_0`, `intercepts_0`) are understood. Other names are matched by shape, with a notice, where only
 * one reading is possible.
 *
 * @throws DataError that lists the arrays found.
 */
export function weightsFromArrays(
  arrays: ReadonlyMap<string, NamedArray>,
  context: WeightsContext = {},
): TwoLayerWeights {
  const entries = [...arrays].map(([name, { shape, data }]) => ({ name, shape, data }))
  for (const entry of entries) requireFinite(entry, context)
  for (const convention of conventions) {
    const found = byName(entries, convention, context)
    if (found !== undefined) return toWeights(found, [`names as in ${convention.tool}: ${roles(found)}`])
  }
  const found = byShape(entries, context)
  return toWeights(found, [`the names are unknown, the shapes leave one reading: ${roles(found)}`])
}

function byName(entries: readonly Entry[], convention: Convention, context: WeightsContext): Assignment | undefined {
  const { tool, weight, bias, transposed } = convention
  const weights = entries.filter(({ name }) => weight.test(name))
  if (weights.length === 0) return undefined
  if (weights.length !== 2) {
    const what = `expected the two layers of a network with one hidden layer, found ${weights.length}, named as in ${tool}`
    throw refused(what, entries, context)
  }
  const layers = weights.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
  const ordered = [layers, layers.toReversed()].find(([first, second]) => fits(first, second, transposed))
  if (ordered === undefined) {
    throw refused(
      `the shapes of ${layers.map(shown).join(' and ')} do not follow one another as in ${tool}`,
      entries,
      context,
    )
  }
  const biasOf = ({ name }: Entry): Entry | null => {
    const layer = weight.exec(name)?.[1]
    return entries.find((entry) => bias.exec(entry.name) !== null && bias.exec(entry.name)?.[1] === layer) ?? null
  }
  const [hidden, output] = ordered
  const found = { hidden, hiddenBias: biasOf(hidden), output, outputBias: biasOf(output), transposed }
  const used = [found.hidden, found.hiddenBias, found.output, found.outputBias]
  const unused = entries.filter((entry) => !used.includes(entry))
  if (unused.length > 0 || !biasesFit(found)) {
    const odd = unused.length > 0 ? unused : used.filter((entry) => entry !== null)
    throw refused(`${odd.map(shown).join(', ')} do not belong to two dense layers as in ${tool}`, entries, context)
  }
  return found
}

/** The only way in which the shapes make a network with one hidden layer of the sizes wanted. */
function byShape(entries: readonly Entry[], context: WeightsContext): Assignment {
  const matrices = entries.filter(({ shape }) => shape.length === 2)
  const vectors = entries.filter(({ shape }) => shape.length === 1)
  if (matrices.length !== 2 || vectors.length > 2 || matrices.length + vectors.length !== entries.length) {
    throw refused('expected two matrices and at most two vectors of one hidden layer', entries, context)
  }
  const readings = [false, true].flatMap((transposed) =>
    [matrices, matrices.toReversed()].flatMap(([hidden, output]) =>
      fits(hidden, output, transposed) ? withBiases({ hidden, output, transposed }, vectors) : [],
    ),
  )
  const { inputs, outputs } = context
  const wanted = readings.filter((reading) => {
    const [d, , c] = sizes(reading)
    return (inputs === undefined || d === inputs) && (outputs === undefined || c === outputs)
  })
  if (wanted.length === 1) return wanted[0]
  const what =
    wanted.length === 0
      ? `the shapes make no network with one hidden layer${expectedSizes(context)}`
      : 'the names are unknown and the shapes can be read in more than one way'
  throw refused(what, entries, context)
}

function withBiases(
  matrices: Pick<Assignment, 'hidden' | 'output' | 'transposed'>,
  vectors: readonly Entry[],
): Assignment[] {
  const none = { ...matrices, hiddenBias: null, outputBias: null }
  const [first, second] = vectors
  const choices: Assignment[] =
    first === undefined
      ? [none]
      : second === undefined
        ? [
            { ...none, hiddenBias: first },
            { ...none, outputBias: first },
          ]
        : [
            { ...none, hiddenBias: first, outputBias: second },
            { ...none, hiddenBias: second, outputBias: first },
          ]
  return choices.filter(biasesFit)
}

function biasesFit(assignment: Assignment): boolean {
  const { hiddenBias, outputBias } = assignment
  const [, width, outputs] = sizes(assignment)
  const fit = (bias: Entry | null, size: number): boolean =>
    bias === null || (bias.shape.length === 1 && bias.shape[0] === size)
  return fit(hiddenBias, width) && fit(outputBias, outputs)
}

function fits(hidden: Entry, output: Entry, transposed: boolean): boolean {
  if (hidden.shape.length !== 2 || output.shape.length !== 2) return false
  const [first, second] = transposed ? [output, hidden] : [hidden, output]
  return first.shape[1] === second.shape[0] && first.shape[1] > 0
}

/** Inputs, width, outputs. */
function sizes({ hidden, output, transposed }: Pick<Assignment, 'hidden' | 'output' | 'transposed'>): number[] {
  return transposed
    ? [hidden.shape[1], hidden.shape[0], output.shape[0]]
    : [hidden.shape[0], hidden.shape[1], output.shape[1]]
}

function toWeights(assignment: Assignment, notices: readonly string[]): TwoLayerWeights {
  const { hidden, hiddenBias, output, outputBias, transposed } = assignment
  return {
    hidden: toNumbers(hidden, transposed),
    hiddenBias: hiddenBias === null ? null : hiddenBias.data.slice(),
    output: toNumbers(output, transposed),
    outputBias: outputBias === null ? null : outputBias.data.slice(),
    notices,
  }
}

function toNumbers({ shape: [rows, cols], data }: Entry, transposed: boolean): Numbers {
  if (!transposed) return { rows, cols, data: data.slice() }
  const out = new Float64Array(data.length)
  for (let i = 0; i < rows; i++) for (let k = 0; k < cols; k++) out[k * rows + i] = data[i * cols + k]
  return { rows: cols, cols: rows, data: out }
}

function roles({ hidden, hiddenBias, output, outputBias }: Assignment): string {
  const named = (role: string, entry: Entry | null): string => (entry === null ? '' : `, ${role} ${quoted(entry.name)}`)
  return [
    `hidden layer ${quoted(hidden.name)}`,
    named('its bias', hiddenBias),
    named('output layer', output),
    named('its bias', outputBias),
  ].join('')
}

function requireFinite({ name, shape, data }: Entry, { file }: DataErrorPlace): void {
  if (shape.reduce((product, size) => product * size, 1) !== data.length) {
    throw new DataError('damaged', `${quoted(name)} has ${data.length} numbers, its shape says ${shape.join(' × ')}`, {
      file,
    })
  }
  const k = data.findIndex((value) => !Number.isFinite(value))
  if (k < 0) return
  throw new DataError('not-finite', `expected finite weights, found ${data[k]} in ${quoted(name)}`, {
    file,
    hint: 'training diverged, or the file holds something else than weights',
  })
}

function refused(what: string, entries: readonly Entry[], { file }: WeightsContext): DataError {
  const found = entries.length === 0 ? 'no arrays at all' : entries.map(shown).join(', ')
  const hint =
    'name them as PyTorch does (0.weight, 0.bias, 2.weight, 2.bias), as Keras (dense/kernel:0 …) or as scikit-learn (coefs_0 …)'
  return new DataError('unsupported', `${what}; the file has ${found}`, { file, hint })
}

function shown({ name, shape }: Entry): string {
  return `${name} (${shape.length === 0 ? 'a number' : shape.join(' × ')})`
}

function expectedSizes({ inputs, outputs }: WeightsContext): string {
  if (inputs === undefined || outputs === undefined) return ''
  return ` with the ${inputs} inputs and ${outputs} outputs of the data`
}
