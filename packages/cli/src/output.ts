import { z } from 'zod'
import { setting } from './config/setting.ts'
import type * as Records from './records.ts'
import { experimentNames } from './reproduce/names.ts'

/** Raised when a key changes its meaning or goes away; new keys do not raise it. */
export const schemaVersion = 1

/** Infinite and undefined numbers have no JSON: they are null. */
export function finiteOrNull(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

// Validators of the records in records.ts; `satisfies` keeps the two in step, and the JSON schema is made from these.

export const figure: z.ZodType<Records.Figure> = z
  .number()
  .nullable()
  .describe('full precision; null when infinite or undefined')
const names = z.array(z.string()).readonly()
const envelope = { schemaVersion: z.literal(schemaVersion), version: z.string(), exitCode: z.int() }
const metric = z.enum(['r2', 'accuracy', 'mse'])
export const status: z.ZodType<Records.FitRecord['status']> = z.enum([
  'optimal',
  'optimal-in-scope',
  'iteration-limit',
  'time-limit',
  'interrupted',
  'stalled',
  'numerical-error',
])
export const scope: z.ZodType<Records.ProofFigures['scope']> = z.enum(['all-networks', 'given-patterns', 'gated'])
export const boundFrom: z.ZodType<Records.ProofFigures['boundFrom']> = z.enum([
  'enumeration',
  'sweep',
  'branch-and-bound',
  'relaxation',
  'closed-form',
  'trivial',
])

const proof = {
  objective: figure,
  lowerBound: figure,
  gap: figure,
  relativeGap: figure,
  scope,
  boundFrom,
}

const problem = {
  n: z.int(),
  d: z.int().describe('columns of X as solved, a bias column included'),
  c: z.int(),
  rank: z.int(),
  beta: z.number(),
  loss: z.string(),
  architecture: z.string(),
  bias: z.boolean(),
  outputBias: z.boolean().describe('a constant per output outside the weight decay'),
  skip: z.boolean().describe('a linear part outside the weight decay'),
  weighted: z.boolean().describe('rows or classes have weights'),
  dataHash: z.string(),
}

const columns = {
  task: z.enum(['regression', 'classification']),
  classes: z
    .array(z.union([z.string(), z.number()]))
    .readonly()
    .nullable(),
  features: names,
  targets: names,
  preprocessing: z.enum(['none', 'standardize', 'minmax', 'whiten', 'whiten-rows', 'whiten-columns']),
}

const betas = {
  betaRatio: figure.describe('beta divided by betaMax'),
  betaMax: figure.describe('attained: at any smaller beta the optimum is not the zero network'),
  betaMaxBound: figure.describe('proven: from this beta on the optimum is the zero network'),
}

const fit = z.object({
  command: z.enum(['fit', 'demo']),
  ...envelope,
  status,
  ...proof,
  neurons: z.int(),
  ...problem,
  ...betas,
  ...columns,
  solver: z.string(),
  oracle: z.string(),
  iterations: z.int(),
  tolerance: z.number(),
  elapsedSeconds: z.number(),
  seed: z.int(),
  threads: z.int(),
  score: z.object({ metric, train: figure, test: figure }),
  model: z.string().nullable().describe('file written'),
  certificate: z.string().nullable().describe('file written'),
  proof: z.string().nullable().describe('file written'),
  report: z.string().nullable().describe('file written'),
  warnings: names,
}) satisfies z.ZodType<Records.FitRecord>

const dryRun = z.object({
  command: z.literal('fit'),
  ...envelope,
  status: z.literal('dry-run'),
  ...problem,
  ...betas,
  beta: figure,
  ...columns,
  solver: z.string(),
  oracle: z.string(),
  reason: z.string().describe('why this oracle'),
  memoryBytes: z.number(),
  settings: z.record(z.string(), setting).describe('every setting as resolved, fit for a settings file'),
  warnings: names,
}) satisfies z.ZodType<Records.DryRunRecord>

const certify = z.object({
  command: z.literal('certify'),
  ...envelope,
  status: z.enum(['done', 'interrupted']),
  ...proof,
  method: z.enum(['residual', 'solve']).describe("source of the better bound: the model's own residual, or a solve"),
  bestObjective: figure.describe('the best objective seen; below `objective` when a better network was found'),
  maxGap: figure,
  neurons: z.int(),
  ...problem,
  ...columns,
  oracle: z.string(),
  elapsedSeconds: z.number(),
  warnings: names,
}) satisfies z.ZodType<Records.CertifyRecord>

const baselineStatus = z.enum(['iteration-limit', 'time-limit', 'interrupted', 'stalled', 'numerical-error'])

const baseline = z.object({
  command: z.literal('baseline'),
  ...envelope,
  status: baselineStatus.describe('why the best run stopped'),
  certified: z.literal(false),
  objective: figure,
  method: z.enum(['sgd', 'adam', 'lbfgs']),
  neurons: z.int(),
  runs: z
    .array(
      z.object({
        seed: z.int(),
        status: baselineStatus,
        objective: figure,
        epochs: z.int(),
        evaluations: z.int().describe('of the objective with its gradient'),
        elapsedSeconds: z.number(),
      }),
    )
    .readonly(),
  ...problem,
  ...betas,
  ...columns,
  score: z.object({ metric, train: figure, test: figure }),
  elapsedSeconds: z.number(),
  seed: z.int().describe('of the best run'),
  threads: z.int(),
  model: z.string().describe('file written'),
  history: z.string().nullable().describe('file written'),
  warnings: names,
}) satisfies z.ZodType<Records.BaselineRecord>

const kernel = z.object({
  command: z.literal('kernel'),
  ...envelope,
  status: z.literal('done'),
  certified: z.literal(false),
  kernel: z.enum(['nngp', 'ntk']),
  beta: z.number().describe('what is added to the diagonal of the kernel matrix, as a share of its mean'),
  ridge: z.number().describe('what is added to the diagonal of the kernel matrix'),
  n: problem.n,
  d: problem.d,
  c: problem.c,
  bias: problem.bias,
  ...columns,
  score: z.object({ metric, train: figure, test: figure }),
  elapsedSeconds: z.number(),
  predictions: z.string().nullable().describe('file written'),
  predicted: z.enum(['test', 'train']).nullable().describe('whose rows are predicted there'),
  warnings: names,
}) satisfies z.ZodType<Records.KernelRecord>

const { beta: _beta, ...problemBut } = problem
const { betaRatio: _ratio, ...betaBounds } = betas

const path = z.object({
  command: z.literal('path'),
  ...envelope,
  status: z
    .enum(['complete', 'neuron-limit', 'explained', 'time-limit', 'interrupted', 'numerical-error'])
    .describe('why it ended'),
  certified: z.int().describe('points certified to the tolerance over all networks'),
  tolerance: z.number(),
  points: z
    .array(
      z.object({
        beta: z.number(),
        betaRatio: figure,
        status,
        ...proof,
        loss: figure.describe('without the weight decay'),
        neurons: z.int(),
        tracks: z.array(z.int()).readonly().describe('for each neuron, a number shared with its like at the next beta'),
        train: figure,
        test: figure,
        elapsedSeconds: z.number(),
      }),
    )
    .readonly()
    .describe('descending in beta'),
  metric,
  ...problemBut,
  ...betaBounds,
  ...columns,
  solver: z.string(),
  elapsedSeconds: z.number(),
  seed: z.int(),
  threads: z.int(),
  table: z.string().nullable().describe('file written'),
  figure: z.string().nullable().describe('file written'),
  warnings: names,
}) satisfies z.ZodType<Records.PathRecord>

const { gap: _gap, ...proofBut } = proof

const cv = z.object({
  command: z.literal('cv'),
  ...envelope,
  status: z.enum(['complete', 'interrupted']),
  metric: z.enum(['accuracy', 'balanced-accuracy', 'log-loss', 'auc', 'r2', 'rmse', 'mae']),
  rule: z.enum(['best', 'one-se']),
  chosen: z.number().describe('beta as a share of betaMax of the rows trained on'),
  best: z.number(),
  oneSe: z.number(),
  rows: z
    .array(
      z.object({
        betaRatio: z.number(),
        scores: z.record(z.string(), z.object({ train: figure, test: figure, error: figure })),
        neurons: figure,
        certified: z.int().describe('fits certified to the tolerance over all networks'),
        fits: z.int(),
        largestGap: figure,
        boundFrom: z.record(z.string(), z.int()).describe('where the bounds came from, and how often'),
      }),
    )
    .readonly(),
  folds: z
    .array(
      z.object({
        repeat: z.int(),
        fold: z.int(),
        rank: z.int(),
        betaMax: z.number(),
        points: z
          .array(
            z.object({
              betaRatio: z.number(),
              status,
              ...proofBut,
              neurons: z.int(),
              test: z.record(z.string(), figure),
            }),
          )
          .readonly(),
      }),
    )
    .readonly(),
  learningCurve: z
    .array(z.object({ rows: z.int(), train: figure, test: figure, error: figure, largestGap: figure }))
    .readonly()
    .nullable(),
  importance: z
    .array(z.object({ name: z.string(), mean: figure, deviation: figure }))
    .readonly()
    .nullable()
    .describe('loss of the score on rows left out when a column is shuffled'),
  dependence: z
    .array(
      z.object({
        name: z.string(),
        at: z.array(z.union([z.number(), z.string()])).readonly(),
        outputs: z.array(z.array(figure).readonly()).readonly(),
      }),
    )
    .readonly()
    .nullable(),
  refit: z.object({ ...proof, status, beta: z.number(), neurons: z.int(), model: z.string() }).nullable(),
  n: z.int(),
  loss: z.string(),
  bias: z.boolean(),
  outputBias: z.boolean(),
  skip: z.boolean(),
  weighted: z.boolean().describe('whether rows or classes count differently in training'),
  ...columns,
  tolerance: z.number(),
  elapsedSeconds: z.number(),
  seed: z.int(),
  threads: z.int(),
  figure: z.string().nullable().describe('file written'),
  warnings: names,
}) satisfies z.ZodType<Records.CvRecord>

const indices = z.array(z.int()).readonly()
const numbers = z.array(z.number()).readonly()

const audit = z.object({
  command: z.literal('audit'),
  ...envelope,
  status: z.enum(['done', 'interrupted']),
  file: z.string(),
  format: z.enum(['model', 'onnx', 'npz', 'safetensors']),
  biases: z
    .array(z.enum(['hidden', 'output']))
    .readonly()
    .describe('biases that the network has; all are counted in the objective'),
  biasPenalty: z.enum(['all', 'hidden', 'none']).describe('which biases were decayed in training'),
  ...proof,
  givenObjective: figure.describe('before the layers are balanced'),
  training: z
    .object({ objective: figure, lowerBound: figure, gap: figure, relativeGap: figure })
    .nullable()
    .describe('about the objective of training, where it differs and something is proven about it'),
  method: z.enum(['residual', 'solve']).describe("source of the better bound: the network's own residual, or a solve"),
  bestObjective: figure.describe('the best objective seen on the way'),
  maxGap: figure,
  neurons: z.int().describe('hidden neurons in the file'),
  simplification: z
    .object({
      inactive: indices,
      merged: z.array(indices).readonly(),
      dropped: indices,
      neurons: z.int(),
      objective: figure,
    })
    .describe(
      'neurons, counted from 0, that can go without raising the objective; an output bias is one more, the last',
    ),
  addition: z
    .object({ gain: figure, polarValue: figure, u: numbers, v: numbers })
    .nullable()
    .describe('the neuron whose addition lowers the objective most among those found'),
  polished: z.object({ status, ...proof, neurons: z.int(), model: z.string().describe('file written') }).nullable(),
  ...problem,
  ...columns,
  oracle: z.string(),
  elapsedSeconds: z.number(),
  seed: z.int(),
  threads: z.int(),
  warnings: names,
}) satisfies z.ZodType<Records.AuditRecord>

const claim = z.object({ objective: figure, lowerBound: figure })

const verify = z.object({
  command: z.literal('verify'),
  ...envelope,
  status: z.enum(['confirmed', 'refuted', 'inconclusive']),
  reasons: names,
  oracle: z.string().nullable().describe('proof where a proof file was checked; null when nothing had to be priced'),
  sameOracleFamily: z.boolean(),
  claimed: claim,
  found: claim,
  elapsedSeconds: z.number(),
  warnings: names,
}) satisfies z.ZodType<Records.VerifyRecord>

const predict = z.object({
  command: z.literal('predict'),
  ...envelope,
  n: z.int(),
  targets: names,
  out: z.string().nullable().describe('file written'),
  predictions: z
    .array(z.array(z.union([figure, z.string()])).readonly())
    .readonly()
    .nullable()
    .describe('row by row, target by target; null when they are in a file'),
  warnings: names,
}) satisfies z.ZodType<Records.PredictRecord>

const score = z.object({
  command: z.literal('score'),
  ...envelope,
  metric,
  value: figure,
  n: z.int(),
  warnings: names,
}) satisfies z.ZodType<Records.ScoreRecord>

const convert = z.object({
  command: z.literal('convert'),
  ...envelope,
  status: z.literal('done'),
  out: z.string().nullable().describe('file written; null for standard output'),
  from: z.string().describe('format'),
  to: z.string().describe('format'),
  n: z.int(),
  columns: names,
  bytes: z.int(),
  elapsedSeconds: z.number(),
  warnings: names,
}) satisfies z.ZodType<Records.ConvertRecord>

const exported = z.object({
  command: z.literal('export'),
  ...envelope,
  status: z.literal('done'),
  format: z.literal('onnx'),
  file: z.string().describe('what was written'),
  bytes: z.int(),
  precision: z.enum(['single', 'double']),
  opset: z.int().describe('version of the standard operators the file needs'),
  neurons: z.int(),
  ...columns,
  warnings: names,
}) satisfies z.ZodType<Records.ExportRecord>

const info = { command: z.literal('info'), ...envelope }

const program = z.object({
  ...info,
  subject: z.literal('program'),
  node: z.string(),
  backend: z.string().describe('the one in use for dense linear algebra'),
  otherBackends: z.array(z.object({ name: z.string(), reason: z.string() })).readonly(),
  threads: z.int(),
}) satisfies z.ZodType<Records.ProgramRecord>

const column = z.object({
  name: z.string(),
  kind: z.enum(['numeric', 'text', 'mixed', 'empty']),
  missing: z.int(),
  distinct: z.int(),
  min: figure,
  max: figure,
}) satisfies z.ZodType<Records.ColumnSummary>

const data = z.object({
  ...info,
  subject: z.literal('data'),
  n: z.int(),
  columns: z.array(column).readonly(),
  rank: z.int().nullable().describe('of the numeric columns without missing values; null also for large data'),
}) satisfies z.ZodType<Records.DataRecord>

const model = z.object({
  ...info,
  subject: z.literal('model'),
  neurons: z.int(),
  ...columns,
  bias: z.boolean(),
  proof: z.object({ status, ...proof, ...problem }),
}) satisfies z.ZodType<Records.ModelRecord>

const sameData = z.boolean().nullable().describe('whether these are the rows the model was trained on')

const report = z.object({
  command: z.literal('report'),
  ...envelope,
  report: z.string().describe('file written'),
  figures: z.int(),
  figureFiles: names.describe('what --figures wrote'),
  sameData,
  reproduce: z.string().describe('a command that solves the same problem again'),
  warnings: names,
}) satisfies z.ZodType<Records.ReportRecord>

const card = z.object({
  command: z.literal('card'),
  ...envelope,
  card: z.string().nullable().describe('file written'),
  text: z.string().describe('the card, in Markdown'),
  sameData,
  warnings: names,
}) satisfies z.ZodType<Records.CardRecord>

const reproduce = z.object({
  command: z.literal('reproduce'),
  ...envelope,
  status: z.enum(['done', 'interrupted']),
  quick: z.boolean(),
  folder: z.string(),
  experiments: z
    .array(
      z.object({
        name: z.enum(experimentNames),
        title: z.string(),
        page: z.string().describe('file written'),
        files: names.describe('figures and numbers written'),
        remarks: names.describe('what is seen, in sentences'),
        partsComputed: z.int(),
        partsReused: z.int().describe('from an earlier run with the same settings'),
      }),
    )
    .readonly()
    .describe('those that were finished'),
  elapsedSeconds: z.number(),
  warnings: names,
}) satisfies z.ZodType<Records.ReproduceRecord>

const error = z.object({
  status: z.literal('error'),
  exitCode: z.int(),
  error: z.object({
    code: z.string(),
    message: z.string(),
    file: z.string().nullable(),
    row: z.int().nullable().describe('line of the file, from 1'),
    byte: z.int().nullable().describe('offset in files that have no rows to count'),
    column: z.string().nullable(),
    hint: z.string().nullable(),
  }),
}) satisfies z.ZodType<Records.ErrorRecord>

/** Everything `--json` can print. */
export const output: z.ZodType<Records.OutputRecord> = z.union([
  fit,
  dryRun,
  certify,
  audit,
  baseline,
  kernel,
  path,
  cv,
  verify,
  predict,
  score,
  convert,
  exported,
  program,
  data,
  model,
  report,
  card,
  reproduce,
  error,
])

/** One object on one line. What does not pass its own validator is a defect and is never printed. */
export function outputText(record: Records.OutputRecord): string {
  return `${JSON.stringify(output.parse(record))}\n`
}
