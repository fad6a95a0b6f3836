import { type DataError, quoted } from '../errors.ts'
import type { ImportedLayer } from '../onnx.ts'
import type { OnnxAttribute, OnnxNode } from './model.ts'
import { attributeType } from './schema.ts'
import type { Constant } from './tensor.ts'

/** The value that is handed along the chain of nodes, as far as it is known before the network runs. */
export interface Flow {
  /** Of one sample; null for a size that nothing has told yet. */
  readonly shape: readonly (number | null)[]
  /** Whether samples are along the first axis or, for matrices, along the second. */
  readonly samples: 'first' | 'second'
  /** How many samples the file is made for; null when any number. */
  readonly batch: number | null
}

/** One node applied to the flow. */
export interface Call {
  readonly node: OnnxNode
  readonly opset: number
  readonly flow: Flow
  /** Which of the node's inputs the flow is. */
  readonly position: number
  /** Another input: a constant, or undefined where the node leaves it out. */
  readonly constant: (position: number) => Constant | undefined
  readonly fail: (what: string, hint?: string) => DataError
}

/** What a node does: layers, and what comes out of them. */
export interface Applied {
  readonly layers: readonly ImportedLayer[]
  readonly flow: Flow
}

/** Turns one node into layers, or throws `call.fail(…)` where it means something that layers cannot say. */
export type Operator = (call: Call) => Applied

/** How a node is called in messages: `Gemm "fc1"`, or by what it computes where it has no name. */
export function nodeTitle({ operator, name, outputs }: OnnxNode): string {
  const what = operatorTitle(operator)
  return name === '' ? `${what} (computing ${quoted(outputs[0] ?? '')})` : `${what} ${quoted(name)}`
}

/** As it is written where that is a word; a damaged file may have anything. */
export function operatorTitle(operator: string): string {
  return /^\w{1,40}$/.test(operator) ? operator : quoted(operator)
}

export function requiredConstant(call: Call, position: number, what: string): Constant {
  const constant = call.constant(position)
  if (constant === undefined) throw call.fail(`expected ${what} as input ${position + 1}, found none`)
  return constant
}

/** Whether the flow is where the operator expects its data. */
export function requireDataFirst({ position, flow, fail }: Call): void {
  if (position !== 0) throw fail(`expected the data as input 1, found them as input ${position + 1}`)
  if (flow.samples !== 'first') throw fail('it is applied to a matrix with one sample a column, which is not supported')
}

/** Number of values of a sample, or undefined where it is not known. */
export function sizeOf(shape: readonly (number | null)[]): number | undefined {
  return shape.reduce<number | undefined>((size, d) => (size === undefined || d === null ? undefined : size * d), 1)
}

/** More values of one sample than any network here needs: a declared size alone must not cost memory or time. */
const largestSample = 2 ** 26

export function requireModest(shape: readonly (number | null)[], { fail }: Pick<Call, 'fail'>): void {
  const size = sizeOf(shape) ?? 1
  if (!(size <= largestSample)) throw fail(`expected at most ${largestSample} values for a sample, found ${size}`)
}

export function integerAttribute(call: Call, name: string, byDefault: number): number {
  return attribute(call, name, attributeType.integer)?.integer ?? byDefault
}

export function floatAttribute(call: Call, name: string, byDefault: number): number {
  const value = attribute(call, name, attributeType.float)?.float ?? byDefault
  if (!Number.isFinite(value)) throw call.fail(`expected a finite number as ${name}, found ${value}`)
  return value
}

export function textAttribute(call: Call, name: string, byDefault: string): string {
  return attribute(call, name, attributeType.text)?.text ?? byDefault
}

export function integersAttribute(call: Call, name: string): readonly number[] | undefined {
  return attribute(call, name, attributeType.integers)?.integers
}

/** Attributes that change what an operator means are read; one that nobody reads must not be there. */
export function refuseAttributes(call: Call, known: readonly string[]): void {
  const unknown = [...call.node.attributes.keys()].find((name) => !known.includes(name))
  if (unknown !== undefined) throw call.fail(`the attribute ${quoted(unknown)} is not supported`)
}

function attribute({ node, fail }: Call, name: string, type: number): OnnxAttribute | undefined {
  const found = node.attributes.get(name)
  if (found && found.type !== type && found.type !== 0) {
    throw fail(`expected the attribute ${quoted(name)} to have type ${type}, found ${found.type}`)
  }
  return found
}
