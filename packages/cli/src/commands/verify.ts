import {
  certify,
  createPacer,
  exactOracle,
  type Model,
  type Pacer,
  predict,
  type Problem,
  project,
  type StoredCertificate,
  storedCertificate,
  verify as verifyCertificate,
  type Verification,
} from '@relucent/core'
import type { Command } from 'commander'
import type { Action } from '../action.ts'
import { exitCodes } from '../exit-codes.ts'
import { formatSeconds, formatValue } from '../format.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { readCertificate, readModel, readProblem, readProof } from '../model-file.ts'
import {
  addOutputOptions,
  addTableOptions,
  groups,
  type OutputFlags,
  type TableFlags,
  timeLimit,
  toleranceOption,
} from '../options.ts'
import { finiteOrNull, schemaVersion } from '../output.ts'
import type { VerifyRecord } from '../records.ts'
import { openSession, version } from '../session.ts'

interface VerifyFlags extends TableFlags, OutputFlags {
  readonly certificate?: string
  readonly proof?: string
  readonly timeLimit: number
  readonly tolerance: number
}

export function addVerify(program: Command, action: Action): void {
  const command = program
    .command('verify')
    .description(
      'Checks what a model claims against the data, with no solver: by another oracle where there is one, or by a proof.',
    )
    .argument('<model>', 'model.json')
    .argument('<data>', 'the data file the model was trained on, or - for standard input')
    .optionsGroup(groups.search)
    .option('--certificate <file>', "what fit --certificate wrote; without it the model's own residual has to do")
    .option('--proof <file>', 'what fit --proof wrote; checked instead of pricing the dual again')
    .option('--time-limit <s>', 'seconds, or none for no limit', timeLimit, 60)
    .addOption(toleranceOption('relative distance to the stored bound that still confirms it'))
  addOutputOptions(addTableOptions(command))
    .addHelpText(
      'after',
      `
Examples:
  relucent verify model.json data.csv --certificate cert.json
  relucent verify model.json data.csv --proof proof.bin`,
    )
    .action((model: string, data: string, flags: VerifyFlags) => action(() => verify(model, data, flags)))
}

const codes = {
  confirmed: exitCodes.done,
  refuted: exitCodes.refuted,
  inconclusive: exitCodes.open,
} as const

async function verify(modelPath: string, dataPath: string, flags: VerifyFlags): Promise<number> {
  const { terminal, ...session } = openSession(flags)
  const model = await readModel(modelPath)
  const certificate = flags.certificate === undefined ? undefined : await readCertificate(flags.certificate)
  const proof = flags.proof === undefined ? undefined : await readProof(flags.proof)
  const given = certificate ?? (proof && { ...model.certificate, dual: proof.dual })
  const problem = await readProblem(model, dataPath, flags)
  const interrupts = listenForInterrupts(() => terminal.note('stopping'))
  try {
    const { signal } = interrupts
    const { tolerance } = flags
    const pacer = createPacer({ timeLimitSeconds: flags.timeLimit, signal })
    terminal.start(proof ? 'checking the proof' : 'pricing the dual again')
    const stored = given ?? (await certificateOfResidual(problem, model, pacer.within(flags.timeLimit / 2)))
    const limits = { timeLimitSeconds: pacer.remainingSeconds(), signal, tolerance, proof: proof?.bytes }
    const found = measured(await verifyCertificate(problem, model.network, stored, limits), stored, model, tolerance)
    terminal.stop()
    const exitCode = interrupts.exitCode() ?? codes[found.verdict]
    const run = { exitCode, seconds: pacer.elapsedSeconds(), warnings: terminal.warnings }
    const record = verifyRecord(given ?? model.certificate, found, run)
    session.result(record, summary(record))
    return exitCode
  } finally {
    terminal.stop()
    interrupts.dispose()
  }
}

/**
 * Without a certificate file there is no stored dual, but near the optimum the model's own residual is nearly one:
 * what it proves becomes the certificate to check. Objective and data are still those the model claims.
 */
async function certificateOfResidual(problem: Problem, model: Model, pacer: Pacer): Promise<StoredCertificate> {
  const { network, certificate: claimed } = model
  const dual = problem.loss.dual(predict(network, problem.X), problem.Y)
  const starts = network.neurons.map(({ u }) => project(problem.reduction, u))
  const { bound } = await exactOracle(problem).price(dual, { pacer, starts })
  const own = certify(problem, { network, dual, bound })
  return { ...storedCertificate(own, dual), objective: claimed.objective, problem: claimed.problem }
}

/** A bound that was proven, but is weaker than the one the model states, confirms nothing. */
function measured(
  found: Verification,
  stored: StoredCertificate,
  { certificate }: Model,
  tolerance: number,
): Verification {
  if (found.verdict !== 'confirmed' || stored.lowerBound >= certificate.lowerBound - tolerance * found.objective)
    return found
  const reason = `only ${stored.lowerBound} was proven, the model states ${certificate.lowerBound}; a --certificate file may prove more`
  return { ...found, verdict: 'inconclusive', reasons: [reason] }
}

function verifyRecord(
  claimed: { readonly objective: number; readonly lowerBound: number },
  found: Verification,
  run: { exitCode: number; seconds: number; warnings: readonly string[] },
): VerifyRecord {
  return {
    command: 'verify',
    schemaVersion,
    version,
    status: found.verdict,
    reasons: found.reasons,
    oracle: found.oracle,
    sameOracleFamily: found.sameOracleFamily,
    claimed: figuresOf(claimed),
    found: figuresOf(found),
    elapsedSeconds: run.seconds,
    warnings: run.warnings,
    exitCode: run.exitCode,
  }
}

function figuresOf({ objective, lowerBound }: { objective: number; lowerBound: number }): VerifyRecord['found'] {
  return { objective: finiteOrNull(objective), lowerBound: finiteOrNull(lowerBound) }
}

const headlines = {
  confirmed: 'Confirmed: the stored lower bound holds.',
  refuted: 'Refuted: a stored figure is contradicted.',
  inconclusive: 'Inconclusive: the stored bound was neither proven again nor contradicted.',
} as const

function summary({ status, reasons, claimed, found, oracle, sameOracleFamily, elapsedSeconds }: VerifyRecord): string {
  const show = (value: number | null): string => formatValue(value ?? Number.NaN)
  const lines = [
    headlines[status],
    ...reasons.map((reason) => `  ${reason}`),
    `claimed: objective ${show(claimed.objective)}, lower bound ${show(claimed.lowerBound)}`,
    `found:   objective ${show(found.objective)}, lower bound ${show(found.lowerBound)}`,
  ]
  if (reasons.some((reason) => reason.includes('hash'))) {
    lines.push('These must be exactly the rows it was trained on; fit --test-fraction sets some aside.')
  }
  if (oracle === 'proof') lines.push(`Checked the proof file, without any search (${formatSeconds(elapsedSeconds)}).`)
  else if (oracle !== null) {
    const kind = sameOracleFamily ? 'the same oracle family as the certificate' : 'another oracle than the certificate'
    lines.push(`Priced with ${oracle}, ${kind} (${formatSeconds(elapsedSeconds)}).`)
  }
  return lines.join('\n')
}
