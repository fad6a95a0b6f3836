import { encodeClasses, gaussian, seededRandom } from '@relucent/core'
import { spiral } from '@relucent/io'
import type { Command } from 'commander'
import type { Action } from '../action.ts'
import type { TrainingData } from '../data.ts'
import { openOutput } from '../files.ts'
import { assemble } from '../fit/prepare.ts'
import { solve } from '../fit/solve.ts'
import { readModel } from '../model-file.ts'
import { addOutputOptions, type OutputFlags, positive } from '../options.ts'
import { openSession } from '../session.ts'

interface DemoFlags extends OutputFlags {
  readonly beta: number
  readonly out: string
  readonly report?: string
  readonly force?: boolean
}

export function addDemo(program: Command, action: Action): void {
  const command = program
    .command('demo')
    .description('Trains on an embedded three-class spiral (60 points in the plane): nothing else is needed.')
    .option('--beta <b>', 'weight decay β', positive, 0.1)
    .option('--out <file>', 'where the model goes; an earlier model of the demo is replaced', 'model.json')
    .option('--report <file>', 'write a page with figures about it')
    .option('--force', 'overwrite any existing file')
  addOutputOptions(command)
    .addHelpText('after', '\nExamples:\n  relucent demo\n  relucent demo --report spiral.html')
    .action((flags: DemoFlags) => action(() => demo(flags)))
}

async function demo({ beta, out, report, force = false, ...flags }: DemoFlags): Promise<number> {
  const tolerance = 1e-8
  const session = openSession(flags, tolerance)
  const outputs = {
    model: await openOutput(out, { force: force || (await isDemoModel(out)) }),
    certificate: undefined,
    proof: undefined,
    report: report === undefined ? undefined : await openOutput(report, { force }),
  }
  session.terminal.note('a three-class spiral: 60 points in the plane, 20 a class, made with seed 0')
  session.terminal.note(
    'without a bias a ReLU network sees only directions: do not expect every point to be classified',
  )
  const prepared = { ...assemble(spiralData(), { preprocess: 'none' }), init: undefined }
  const options = {
    command: 'demo',
    solver: 'column-generation',
    oracle: 'auto',
    beta,
    tolerance,
    absoluteTolerance: 0,
    timeLimit: 300,
    maxIterations: 1000,
    seed: 0,
    threads: 1,
  } as const
  return solve(prepared, options, session, outputs)
}

const features = ['x', 'y']
const targets = ['arm']

/** The demo may be run again and again, but must not cost anyone a model of their own. */
async function isDemoModel(path: string): Promise<boolean> {
  try {
    const { featureNames, targetNames } = await readModel(path)
    return featureNames.join() === features.join() && targetNames.join() === targets.join()
  } catch {
    return false
  }
}

function spiralData(): TrainingData {
  const random = seededRandom(0)
  const { X, labels } = spiral(() => gaussian(random))
  const classes = ['first', 'second', 'third']
  return {
    X,
    Y: encodeClasses('squared', labels, classes.length),
    features,
    targets,
    task: 'classification',
    classes,
    labels,
  }
}
