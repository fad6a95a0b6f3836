import type { BaselineStatus, BoundFrom, Scope, Status } from '@relucent/core'
import type { ClassLabel } from '@relucent/io'
import type { Setting } from './config/setting.ts'
import type { Task } from './data.ts'

/** What `--json` prints, command by command. A figure is null when it is infinite or undefined. */

export type Figure = number | null
export type Metric = 'r2' | 'accuracy' | 'mse'
export type PreprocessingName = 'none' | 'standardize' | 'minmax' | 'whiten' | 'whiten-rows' | 'whiten-columns'

interface Envelope {
  readonly schemaVersion: 1
  readonly version: string
  readonly exitCode: number
}

export interface ProofFigures {
  readonly objective: Figure
  readonly lowerBound: Figure
  readonly gap: Figure
  readonly relativeGap: Figure
  readonly scope: Scope
  readonly boundFrom: BoundFrom
}

export interface ProblemFigures {
  readonly n: number
  /** Columns of X as solved, a bias column included. */
  readonly d: number
  readonly c: number
  readonly rank: number
  readonly beta: number
  readonly loss: string
  readonly architecture: string
  readonly bias: boolean
  /** A constant per output outside the weight decay. */
  readonly outputBias: boolean
  /** A linear part outside the weight decay. */
  readonly skip: boolean
  /** Rows or classes have weights. */
  readonly weighted: boolean
  readonly dataHash: string
}

export interface Columns {
  readonly task: Task
  readonly classes: readonly ClassLabel[] | null
  readonly features: readonly string[]
  readonly targets: readonly string[]
  readonly preprocessing: PreprocessingName
}

interface BetaFigures {
  /** β divided by βmax. */
  readonly betaRatio: Figure
  /** Attained: at any smaller β the optimum is not the zero network. */
  readonly betaMax: Figure
  /** Proven: from this β on the optimum is the zero network. */
  readonly betaMaxBound: Figure
}

export interface FitRecord extends Envelope, ProofFigures, ProblemFigures, Columns, BetaFigures {
  readonly command: 'fit' | 'demo'
  readonly status: Status
  readonly neurons: number
  readonly solver: string
  readonly oracle: string
  readonly iterations: number
  readonly tolerance: number
  readonly elapsedSeconds: number
  readonly seed: number
  readonly threads: number
  readonly score: { readonly metric: Metric; readonly train: Figure; readonly test: Figure }
  /** Files written. */
  readonly model: string | null
  readonly certificate: string | null
  readonly proof: string | null
  readonly report: string | null
  readonly warnings: readonly string[]
}

export interface DryRunRecord extends Envelope, Omit<ProblemFigures, 'beta'>, Columns, BetaFigures {
  readonly command: 'fit'
  readonly status: 'dry-run'
  readonly beta: Figure
  readonly solver: string
  readonly oracle: string
  /** Why this oracle. */
  readonly reason: string
  readonly memoryBytes: number
  /** Every setting as resolved, fit for a settings file. */
  readonly settings: Readonly<Record<string, Setting>>
  readonly warnings: readonly string[]
}

export interface CertifyRecord extends Envelope, ProofFigures, ProblemFigures, Columns {
  readonly command: 'certify'
  readonly status: 'done' | 'interrupted'
  /** Where the better bound came from: the model's own residual, or a solve started from the model. */
  readonly method: 'residual' | 'solve'
  /** The best objective seen on the way; below `objective` when a better network was found. */
  readonly bestObjective: Figure
  readonly maxGap: Figure
  readonly neurons: number
  readonly oracle: string
  readonly elapsedSeconds: number
  readonly warnings: readonly string[]
}

/** What is proven is not here: nothing is. */
export interface BaselineRecord extends Envelope, ProblemFigures, Columns, BetaFigures {
  readonly command: 'baseline'
  /** Why the best run stopped. */
  readonly status: BaselineStatus
  readonly certified: false
  /** Of the best run. */
  readonly objective: Figure
  readonly method: 'sgd' | 'adam' | 'lbfgs'
  readonly neurons: number
  readonly runs: readonly BaselineRun[]
  readonly score: { readonly metric: Metric; readonly train: Figure; readonly test: Figure }
  readonly elapsedSeconds: number
  /** Of the best run. */
  readonly seed: number
  readonly threads: number
  /** Files written. */
  readonly model: string
  readonly history: string | null
  readonly warnings: readonly string[]
}

export interface BaselineRun {
  readonly seed: number
  readonly status: BaselineStatus
  readonly objective: Figure
  readonly epochs: number
  /** Of the objective with its gradient. */
  readonly evaluations: number
  readonly elapsedSeconds: number
}

/** A Gaussian process: no network, and nothing proven. */
export interface KernelRecord extends Envelope, Columns {
  readonly command: 'kernel'
  readonly status: 'done'
  readonly certified: false
  readonly kernel: 'nngp' | 'ntk'
  /** β: what is added to the diagonal of K, as a share of its mean, and itself. */
  readonly beta: number
  readonly ridge: number
  readonly n: number
  readonly d: number
  readonly c: number
  readonly bias: boolean
  readonly score: { readonly metric: Metric; readonly train: Figure; readonly test: Figure }
  readonly elapsedSeconds: number
  /** File written, and whose rows are in it. */
  readonly predictions: string | null
  readonly predicted: 'test' | 'train' | null
  readonly warnings: readonly string[]
}

/** The optimum as a function of β, descending. */
export interface PathRecord extends Envelope, Omit<ProblemFigures, 'beta'>, Columns, Omit<BetaFigures, 'betaRatio'> {
  readonly command: 'path'
  /** Why it ended. */
  readonly status: 'complete' | 'neuron-limit' | 'explained' | 'time-limit' | 'interrupted' | 'numerical-error'
  /** Points certified to the tolerance over all networks. */
  readonly certified: number
  readonly tolerance: number
  readonly points: readonly PathPointRecord[]
  readonly metric: Metric
  readonly solver: string
  readonly elapsedSeconds: number
  readonly seed: number
  readonly threads: number
  /** Files written. */
  readonly table: string | null
  readonly figure: string | null
  readonly warnings: readonly string[]
}

export interface PathPointRecord extends ProofFigures {
  readonly beta: number
  readonly betaRatio: Figure
  readonly status: Status
  /** Without the weight decay. */
  readonly loss: Figure
  readonly neurons: number
  /** For each neuron, a number it shares with its like at the neighbouring β. */
  readonly tracks: readonly number[]
  readonly train: Figure
  readonly test: Figure
  readonly elapsedSeconds: number
}

/** Scores of rows left out: estimates. What is proven is about training objectives. */
export interface CvRecord extends Envelope, Columns {
  readonly command: 'cv'
  readonly status: 'complete' | 'interrupted'
  readonly metric: CvMetric
  readonly rule: 'best' | 'one-se'
  /** β as a share of βmax of the rows trained on. */
  readonly chosen: number
  readonly best: number
  readonly oneSe: number
  readonly rows: readonly CvRowRecord[]
  readonly folds: readonly CvFoldRecord[]
  readonly learningCurve: readonly CvCurveRecord[] | null
  readonly importance: readonly { readonly name: string; readonly mean: Figure; readonly deviation: Figure }[] | null
  readonly dependence: readonly CvDependenceRecord[] | null
  /** The network trained on all rows at the chosen share. */
  readonly refit:
    | (ProofFigures & {
        readonly status: Status
        readonly beta: number
        readonly neurons: number
        readonly model: string
      })
    | null
  readonly n: number
  readonly loss: string
  readonly bias: boolean
  /** Outside the weight decay. */
  readonly outputBias: boolean
  readonly skip: boolean
  /** Whether rows or classes count differently in training. */
  readonly weighted: boolean
  readonly tolerance: number
  readonly elapsedSeconds: number
  readonly seed: number
  readonly threads: number
  readonly figure: string | null
  readonly warnings: readonly string[]
}

export type CvMetric = 'accuracy' | 'balanced-accuracy' | 'log-loss' | 'auc' | 'r2' | 'rmse' | 'mae'

export interface CvRowRecord {
  readonly betaRatio: number
  readonly scores: Readonly<Record<string, { readonly train: Figure; readonly test: Figure; readonly error: Figure }>>
  readonly neurons: Figure
  readonly certified: number
  readonly fits: number
  readonly largestGap: Figure
  /** Where the bounds came from, and how often. */
  readonly boundFrom: Readonly<Record<string, number>>
}

export interface CvFoldRecord {
  readonly repeat: number
  readonly fold: number
  readonly rank: number
  readonly betaMax: number
  readonly points: readonly (Omit<ProofFigures, 'gap'> & {
    readonly betaRatio: number
    readonly status: Status
    readonly neurons: number
    readonly test: Readonly<Record<string, Figure>>
  })[]
}

export interface CvCurveRecord {
  readonly largestGap: Figure
  readonly rows: number
  readonly train: Figure
  readonly test: Figure
  readonly error: Figure
}

export interface CvDependenceRecord {
  readonly name: string
  readonly at: readonly (number | string)[]
  readonly outputs: readonly (readonly Figure[])[]
}

/** Neurons are counted from 0; an output bias is one more, the last. */
export interface AuditRecord extends Envelope, ProofFigures, ProblemFigures, Columns {
  readonly command: 'audit'
  readonly status: 'done' | 'interrupted'
  /** The file audited. */
  readonly file: string
  readonly format: 'model' | 'onnx' | 'npz' | 'safetensors'
  /** Biases that the network has. */
  readonly biases: readonly ('hidden' | 'output')[]
  /** Which biases were decayed in training. */
  readonly biasPenalty: BiasPenalty
  /** With the layers as they are in the file, before they are balanced. */
  readonly givenObjective: Figure
  /** About the objective of training, where it differs and something is proven about it. */
  readonly training: Pick<ProofFigures, 'objective' | 'lowerBound' | 'gap' | 'relativeGap'> | null
  /** Where the better bound came from: the network's own residual, or a solve started from the network. */
  readonly method: 'residual' | 'solve'
  /** The best objective seen on the way. */
  readonly bestObjective: Figure
  readonly maxGap: Figure
  /** Hidden neurons in the file. */
  readonly neurons: number
  readonly simplification: {
    readonly inactive: readonly number[]
    readonly merged: readonly (readonly number[])[]
    readonly dropped: readonly number[]
    readonly neurons: number
    readonly objective: Figure
  }
  readonly addition: {
    readonly gain: Figure
    readonly polarValue: Figure
    readonly u: readonly number[]
    readonly v: readonly number[]
  } | null
  readonly polished:
    | (ProofFigures & { readonly status: Status; readonly neurons: number; readonly model: string })
    | null
  readonly oracle: string
  readonly elapsedSeconds: number
  readonly seed: number
  readonly threads: number
  readonly warnings: readonly string[]
}

/** Which biases a tool's weight decay acts on. */
export type BiasPenalty = 'all' | 'hidden' | 'none'

export interface ClaimFigures {
  readonly objective: Figure
  readonly lowerBound: Figure
}

export interface VerifyRecord extends Envelope {
  readonly command: 'verify'
  readonly status: 'confirmed' | 'refuted' | 'inconclusive'
  readonly reasons: readonly string[]
  /** `proof` where a proof file was checked; null when nothing had to be priced. */
  readonly oracle: string | null
  readonly sameOracleFamily: boolean
  readonly claimed: ClaimFigures
  readonly found: ClaimFigures
  readonly elapsedSeconds: number
  readonly warnings: readonly string[]
}

export interface ConvertRecord extends Envelope {
  readonly command: 'convert'
  readonly status: 'done'
  /** The file written; null for standard output. */
  readonly out: string | null
  readonly from: string
  readonly to: string
  readonly n: number
  readonly columns: readonly string[]
  readonly bytes: number
  readonly elapsedSeconds: number
  readonly warnings: readonly string[]
}

export interface ExportRecord extends Envelope, Columns {
  readonly command: 'export'
  readonly status: 'done'
  readonly format: 'onnx'
  /** What was written. */
  readonly file: string
  readonly bytes: number
  readonly precision: 'single' | 'double'
  /** Version of the standard operators the file needs. */
  readonly opset: number
  readonly neurons: number
  readonly warnings: readonly string[]
}

export interface PredictRecord extends Envelope {
  readonly command: 'predict'
  readonly n: number
  readonly targets: readonly string[]
  /** File written. */
  readonly out: string | null
  /** Row by row, target by target; null when they are in a file. */
  readonly predictions: readonly (readonly (string | Figure)[])[] | null
  readonly warnings: readonly string[]
}

export interface ScoreRecord extends Envelope {
  readonly command: 'score'
  readonly metric: Metric
  readonly value: Figure
  readonly n: number
  readonly warnings: readonly string[]
}

export interface ColumnSummary {
  readonly name: string
  readonly kind: 'numeric' | 'text' | 'mixed' | 'empty'
  readonly missing: number
  readonly distinct: number
  readonly min: Figure
  readonly max: Figure
}

export interface ProgramRecord extends Envelope {
  readonly command: 'info'
  readonly subject: 'program'
  readonly node: string
  readonly backend: string
  readonly otherBackends: readonly OtherBackend[]
  readonly threads: number
}

/** A backend that is not in use, and why. */
export interface OtherBackend {
  readonly name: string
  readonly reason: string
}

export interface DataRecord extends Envelope {
  readonly command: 'info'
  readonly subject: 'data'
  readonly n: number
  readonly columns: readonly ColumnSummary[]
  /** Of the numeric columns without missing values. */
  readonly rank: number | null
}

export interface ModelRecord extends Envelope, Columns {
  readonly command: 'info'
  readonly subject: 'model'
  readonly neurons: number
  readonly bias: boolean
  readonly proof: ProofFigures & ProblemFigures & { readonly status: Status }
}

export interface ReportRecord extends Envelope {
  readonly command: 'report'
  /** The file written. */
  readonly report: string
  readonly figures: number
  /** What --figures wrote. */
  readonly figureFiles: readonly string[]
  /** Whether the rows given are those the model was trained on; null without rows. */
  readonly sameData: boolean | null
  /** A command that solves the same problem again. */
  readonly reproduce: string
  readonly warnings: readonly string[]
}

export interface CardRecord extends Envelope {
  readonly command: 'card'
  /** The file written; null where the card itself was asked for. */
  readonly card: string | null
  readonly text: string
  readonly sameData: boolean | null
  readonly warnings: readonly string[]
}

export interface ReproduceRecord extends Envelope {
  readonly command: 'reproduce'
  readonly status: 'done' | 'interrupted'
  readonly quick: boolean
  readonly folder: string
  readonly experiments: readonly ReproducedExperiment[]
  readonly elapsedSeconds: number
  readonly warnings: readonly string[]
}

/** One that was finished. */
export interface ReproducedExperiment {
  readonly name: 'fig1' | 'fig2' | 'fig3' | 'fig4' | 'fig5' | 'fig6' | 'table1' | 'sdp'
  readonly title: string
  readonly page: string
  /** Figures and numbers written. */
  readonly files: readonly string[]
  /** What is seen, in sentences. */
  readonly remarks: readonly string[]
  readonly partsComputed: number
  readonly partsReused: number
}

export interface ErrorRecord {
  readonly status: 'error'
  readonly exitCode: number
  readonly error: {
    readonly code: string
    readonly message: string
    readonly file: string | null
    readonly row: number | null
    /** Offset in files that have no rows to count. */
    readonly byte: number | null
    readonly column: string | null
    readonly hint: string | null
  }
}

export type OutputRecord =
  | FitRecord
  | DryRunRecord
  | CertifyRecord
  | VerifyRecord
  | BaselineRecord
  | KernelRecord
  | PathRecord
  | CvRecord
  | AuditRecord
  | PredictRecord
  | ScoreRecord
  | ConvertRecord
  | ExportRecord
  | ProgramRecord
  | DataRecord
  | ModelRecord
  | ReportRecord
  | CardRecord
  | ReproduceRecord
  | ErrorRecord
