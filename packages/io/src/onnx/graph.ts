import { DataError, listed, quoted } from '../errors.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './model.ts'
import { nodeTitle } from './operator.ts'
import { isStandardDomain } from './schema.ts'
import { type Constant, constantOf, declaredSize, type Tensor } from './tensor.ts'

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
  const stored = new Set(initializers.map(({ name }) => name))
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
function neededNodes({ nodes, initializers }: OnnxGraph, input: string, output: string, fail: Fail): OnnxNode[] {
  const stored = new Set([input, ...initializers.map(({ name }) => name)])
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
    open.push(...nodes[k].inputs)
  }
  return nodes.filter((_, k) => marked.has(k))
}

/** Initializers, `Constant` nodes, and other names that `Identity` gives to either. */
function constantsOf(
  graph: OnnxGraph,
  nodes: readonly OnnxNode[],
  { size, file, fail }: { size: number; file: string | undefined; fail: Fail },
): Constants {
  const found = new Map<string, Tensor | OnnxNode>()
  for (const tensor of graph.initializers) found.set(tensor.name, tensor)
  for (const node of nodes.filter(({ domain }) => isStandardDomain(domain))) {
    const same = node.operator === 'Identity' ? found.get(node.inputs[0]) : undefined
    if (node.operator === 'Constant') found.set(node.outputs[0], node)
    else if (same) found.set(node.outputs[0], same)
  }
  const spend = createBudget(size, file)
  const get = (name: string): Constant | undefined => {
    const source = found.get(name)
    if (source === undefined) return undefined
    return 'operator' in source ? constantOfNode(source, spend, fail) : spentOn(source, spend)
  }
  return { has: (name) => found.has(name), get }
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
  if (!isStandardDomain(node.domain))
    throw fail(node, `operators of the domain ${quoted(node.domain)} are not supported`)
}

function positionOf(node: OnnxNode, current: string, constants: Constants, fail: Fail): number {
  const computed = node.inputs.flatMap((name, k) => (name !== '' && !constants.has(name) ? [k] : []))
  if (computed.length === 1 && node.inputs[computed[0]] === current) return computed[0]
  const hint = 'only chains are supported: each node works on what the node before it computed'
  if (computed.length === 0)
    throw fail(node, 'it works on constants only', 'simplify the model first, for instance with onnxsim')
  if (computed.length > 1) throw fail(node, 'it combines several computed values: the network branches', hint)
  throw fail(
    node,
    `it works on ${quoted(node.inputs[computed[0]])} instead of ${quoted(current)}: the network branches`,
    hint,
  )
}
