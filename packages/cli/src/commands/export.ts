import { encodedModel, foldWhitening, type Model } from '@relucent/core'
import { listed, quoted, writeOnnx, writtenOpset } from '@relucent/io'
import type { Command } from 'commander'
import type { Action } from '../action.ts'
import { usageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { openOutput } from '../files.ts'
import { counted, formatBytes, formatValue } from '../format.ts'
import { readModel } from '../model-file.ts'
import { addOutputOptions, groups, type OutputFlags } from '../options.ts'
import { schemaVersion } from '../output.ts'
import type { ExportRecord } from '../records.ts'
import { openSession, version } from '../session.ts'

interface ExportFlags extends OutputFlags {
  readonly double?: boolean
  readonly force?: boolean
}

export function addExport(program: Command, action: Action): void {
  const command = program
    .command('export')
    .description('Writes a model as ONNX, for other programs: raw features in, predictions or class scores out.')
    .argument('<model>', 'model.json')
    .argument('<file>', 'what to write, ending in .onnx')
    .optionsGroup(groups.files)
    .option('--double', 'inputs, weights and outputs in double precision (default: single)')
    .option('--force', 'overwrite an existing file')
  addOutputOptions(command)
    .addHelpText('after', '\nExample:\n  relucent export model.json model.onnx')
    .action((model: string, file: string, flags: ExportFlags) => action(() => exportModel(model, file, flags)))
}

async function exportModel(modelPath: string, path: string, flags: ExportFlags): Promise<number> {
  if (!path.toLowerCase().endsWith('.onnx')) {
    throw usageError(
      `expected a file to write that ends in .onnx, got ${path}`,
      'relucent export model.json model.onnx',
    )
  }
  const session = openSession(flags)
  const output = await openOutput(path, { force: flags.force ?? false })
  const stored = await readModel(modelPath)
  const model = encodedModel(stored)
  if (stored.encoding) {
    session.terminal.warn(
      'the file takes the columns after one-hot encoding and filling in, which it does not do itself',
    )
  }
  const folded = foldWhitening(model)
  const precision = flags.double ? 'double' : 'float'
  if (!flags.double) warnOfLostDigits(folded, (text) => session.terminal.warn(text))
  const bytes = writeOnnx(folded, { precision })
  await output.write(bytes)
  const record: ExportRecord = {
    command: 'export',
    schemaVersion,
    version,
    status: 'done',
    format: 'onnx',
    file: path,
    bytes: bytes.length,
    precision: flags.double ? 'double' : 'single',
    opset: writtenOpset,
    neurons: model.network.neurons.length,
    task: model.task,
    classes: model.classes,
    features: model.featureNames,
    targets: model.targetNames,
    preprocessing: model.preprocessing.kind,
    warnings: session.terminal.warnings,
    exitCode: exitCodes.done,
  }
  session.result(record, summary(record, model))
  return exitCodes.done
}

/** Shifts this many times the scale cost two of the seven digits of single precision. */
const manyScales = 100

/** The first layer sees raw features, and single precision has the same digits for 2000 ± 1 as for 1: fewer remain for ± 1. */
function warnOfLostDigits(
  { preprocessing: { shift, scale }, featureNames }: ReturnType<typeof foldWhitening<Model>>,
  warn: (text: string) => void,
): void {
  const ratios = shift.map((value, k) => Math.abs(value) / scale[k])
  const worst = ratios.reduce((most, ratio, k) => (ratio > ratios[most] ? k : most), 0)
  if (!(ratios[worst] > manyScales)) return
  const digits = Math.max(0, Math.floor(-Math.log10(ratios[worst] * 2 ** -24)))
  warn(
    `${quoted(featureNames[worst])} varies little around ${formatValue(shift[worst])}: single precision keeps about ` +
      `${counted(digits, 'digit')} of how it varies; --double keeps them all`,
  )
}

function summary(
  { file, bytes, precision, opset, neurons, features }: ExportRecord,
  { classes, network }: Model,
): string {
  const answer =
    classes === null
      ? `"predictions": ${counted(network.outputs, 'output')}`
      : network.outputs === 1
        ? `"scores": one, positive for class ${classes[1]}`
        : `"scores": one for each of ${counted(classes.length, 'class')}, the largest wins`
  return [
    `${file}: ${formatBytes(bytes)} of ONNX (operators of version ${opset}), ${counted(neurons, 'neuron')}, ${precision} precision`,
    `input      "features": ${counted(features.length, 'raw feature')}, in this order: ${listed(features)}`,
    `output     ${answer}`,
    'inside     preprocessing and bias; the certificate is in the metadata',
  ].join('\n')
}
