import { DataError, listed, quoted } from '../errors.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './model.ts'
import { nodeTitle } from './operator.ts'
import { isStandardDomain } from './schema.ts'
import { type Constant, constantOf, declaredSize, shapeText, type Tensor, transposedMatrix } from './tensor.ts'

/** The nodes between the one input and the one output that data pass through, in order, and the constants they use. */
export interface Chain {
  readonly input: OnnxValue
  readonly steps: readonly Step[]
  readonly constants: Constants
}

export interface Step {
  readonly node: OnnxNode
  /** Which input of the node is what the step before it computed. */
  readonly position: number
}

/** Constants by name, decoded on each request. */
export interface Constants {
  readonly has: (name: string) => boolean
  /** Throws `DataError` where the tensor is not one of numbers. */
  readonly get: (name: string) => Constant | undefined
}

export type Fail = (node: OnnxNode, what: string, hint?: string) => DataError

/** Finds the chain, or throws: for several inputs or outputs, for branches, and for values that nothing computes. */
export function chainOf(model: OnnxModel, size: number, file: string | undefined): Chain {
  const { graph } = model
  const fail: Fail = (node, what, hint) =>
    new DataError('unsupported-network', `${nodeTitle(node)}: ${what}`, { file, byte: node.at, hint })
  const { input, output } = endsOf(graph, file)
  const needed = neededNodes(graph, input.name, output.name, fail)
  const constants = constantsOf(graph, needed, { size, file, fail })
  const steps: Step[] = []
  let current = input.name
  for (const node of needed) {
    if (constants.has(node.outputs[0])) continue
    requireStandardDomain(node, fail)
    steps.push({ node, position: positionOf(node, current, constants, fail) })
    current = node.outputs[0]
    if (steps.length > longestChain) throw fail(node, `expected at most ${longestChain} nodes that depend on the input`)
  }
  if (current !== output.name) {
    throw new DataError('unsupported-network', `the output ${quoted(output.name)} does not depend on the input`, {
      file,
    })
  }
  return { input, steps, constants }
}

/** Deeper than networks without branches are, so that no small file makes much work. */
const longestChain = 1000

function endsOf({ inputs, outputs, initializers, sparse }: OnnxGraph, file: string | undefined): Ends {
  const stored = new Set<string>()
  for (const { name, span } of initializers) {
    if (stored.has(name)) {
      throw new DataError('unsupported-network', `two constants are called ${quoted(name)}`, { file, byte: span.start })
    }
    stored.add(name)
  }
  const free = inputs.filter(({ name }) => !stored.has(name))
  const names = (values: readonly OnnxValue[]): string =>
    values.length === 0 ? 'none' : listed(values.map((v) => v.name))
  const refuse = (what: string, hint?: string): DataError => new DataError('unsupported-network', what, { file, hint })
  if (free.length !== 1) throw refuse(`expected a network with one input, found ${names(free)}`)
  if (outputs.length !== 1) {
    const hint = 'export it with the one output that holds the numbers the network computes'
    throw refuse(`expected a network with one output, found ${names(outputs)}`, hint)
  }
  if (sparse) throw refuse('expected dense weights, found a sparse initializer')
  return { input: free[0], output: outputs[0] }
}

interface Ends {
  readonly input: OnnxValue
  readonly output: OnnxValue
}

/** Those that the output depends on, in the order of the file, which by the standard is one they can be run in. */
function neededNodes({ nodes, initializers }: OnnxGraph, start: string, output: string, fail: Fail): OnnxNode[] {
  const stored = new Set([start, ...initializers.map(({ name }) => name)])
  const maker = new Map<string, number>()
  nodes.forEach((node, k) => {
    for (const name of node.outputs.filter((text) => text !== '')) {
      if (maker.has(name) || stored.has(name)) throw fail(node, `the value ${quoted(name)} already has another source`)
      maker.set(name, k)
    }
  })
  const marked = new Set<number>()
  const open = [output]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const k = maker.get(name)
    if (k === undefined || marked.has(k)) continue
    marked.add(k)
    for (const input of nodes[k].inputs) open.push(input)
  }
  return nodes.filter((_, k) => marked.has(k))
}

/** A constant of the file, as it is stored or, for a matrix, the other way round. */
interface Origin {
  readonly source: Tensor | OnnxNode
  readonly transposed: boolean
}

/** Initializers, `Constant` nodes, and what `Identity` and `Transpose` make of either. */
function constantsOf(
  graph: OnnxGraph,
  nodes: readonly OnnxNode[],
  { size, file, fail }: { size: number; file: string | undefined; fail: Fail },
): Constants {
  const origins = new Map<string, Origin>()
  for (const tensor of graph.initializers) origins.set(tensor.name, { source: tensor, transposed: false })
  for (const node of nodes.filter(({ domain }) => isStandardDomain(domain))) {
    const origin = origins.get(node.inputs[0])
    if (node.operator === 'Constant') origins.set(node.outputs[0], { source: node, transposed: false })
    else if (origin && node.operator === 'Identity') origins.set(node.outputs[0], origin)
    else if (origin && isMatrixTranspose(node)) {
      origins.set(node.outputs[0], { ...origin, transposed: !origin.transposed })
    }
  }
  const spend = createBudget(size, file)
  const get = (name: string): Constant | undefined => {
    const origin = origins.get(name)
    if (origin === undefined) return undefined
    const { source, transposed } = origin
    const constant = 'operator' in source ? constantOfNode(source, spend, fail) : spentOn(source, spend)
    if (!transposed) return constant
    if (constant.dims.length === 2) return transposedMatrix(constant)
    const what = `the constant ${quoted(name)}: expected a matrix to transpose, found ${shapeText(constant.dims)}`
    throw new DataError('unsupported-network', what, { file })
  }
  return { has: (name) => origins.has(name), get }
}

/** Linear layers without a bias are exported with their weights the other way round. */
function isMatrixTranspose({ operator, attributes }: OnnxNode): boolean {
  const order = attributes.get('perm')?.integers
  return operator === 'Transpose' && order?.length === 2 && order[0] === 1 && order[1] === 0
}

function constantOfNode(node: OnnxNode, spend: Spend, fail: Fail): Constant {
  const [[name, attribute] = ['nothing', undefined]] = [...node.attributes]
  if (name === 'value' && attribute?.tensor) return spentOn(attribute.tensor, spend)
  const values = attribute && listedValues(name, attribute)
  if (!values) throw fail(node, `expected a tensor or numbers, found ${quoted(name)}`)
  if (!(values.length > 0 && values.every(Number.isFinite))) throw fail(node, 'expected finite numbers')
  spend(values.length, node.at)
  return { dims: name.endsWith('s') ? [values.length] : [], values: Float64Array.from(values) }
}

function listedValues(
  name: string,
  { float, integer, floats, integers }: OnnxAttribute,
): readonly number[] | undefined {
  switch (name) {
    case 'value_float':
      return [float]
    case 'value_int':
      return [integer]
    case 'value_floats':
      return floats
    case 'value_ints':
      return integers
    default:
      return undefined
  }
}

function spentOn(tensor: Tensor, spend: Spend): Constant {
  spend(declaredSize(tensor), tensor.span.start)
  return constantOf(tensor)
}

/** Takes note of numbers about to be decoded. */
type Spend = (numbers: number, byte: number) => void

/**
 * All layers together may ask for no more numbers than a file of this size can need: the same few bytes, used by very
 * many nodes, must not fill the memory.
 */
function createBudget(bytes: number, file: string | undefined): Spend {
  let left = 4 * bytes
  return (numbers, byte) => {
    left -= numbers
    if (left >= 0) return
    const what = `its layers need far more numbers than its ${bytes} bytes hold`
    throw new DataError('unsupported-network', what, { file, byte })
  }
}

function requireStandardDomain(node: OnnxNode, fail: Fail): void {
  if (isStandardDomain(node.domain)) return
  throw fail(node, `operators of the domain ${quoted(node.domain)} are not supported`)
}

function positionOf(node: OnnxNode, current: string, constants: Constants, fail: Fail): number {
  const computed = node.inputs.flatMap((name, k) => (name !== '' && !constants.has(name) ? [k] : []))
  const [position] = computed
  if (position === undefined) {
    throw fail(node, 'it works on constants only', 'simplify the model first, for instance with onnxsim')
  }
  const hint = 'only chains are supported: each node works on what the node before it computed'
  if (computed.length > 1) throw fail(node, 'it combines several computed values: the network branches', hint)
  if (node.inputs[position] === current) return position
  const names = `${quoted(node.inputs[position])} instead of ${quoted(current)}`
  throw fail(node, `it works on ${names}: the network branches`, hint)
}
