export type { Architecture } from './architecture.ts'
export { dense } from './architecture/dense.ts'
export { type Appraisal, appraise, type AppraiseOptions, type Audit, audit, type Best } from './audit.ts'
export type { Addition } from './audit/addition.ts'
export { withDecayedOutputBias } from './audit/output-bias.ts'
export { simplify, type Simplification } from './audit/simplify.ts'
export {
  type Baseline,
  type BaselineHistory,
  type BaselineOptions,
  type BaselineProgress,
  type BaselineResult,
  type BaselineStatus,
  type Descent,
  type Landscape,
} from './baseline.ts'
export { adam, type AdamOptions } from './baseline/adam.ts'
export {
  accuracy,
  argmax,
  fitKernelModel,
  type KernelModel,
  type KernelModelOptions,
  type NetworkKernel,
  networkKernel,
  predictKernelModel,
} from './baseline/kernels.ts'
export { lbfgs, type LbfgsOptions } from './baseline/lbfgs.ts'
export type { PlateauOptions } from './baseline/plateau.ts'
export { sgd, type SgdOptions } from './baseline/sgd.ts'
export { trainBaseline } from './baseline/train-baseline.ts'
export {
  activeCount,
  type Cell,
  cellCount,
  isActive,
  type Pattern,
  patternKey,
  patternOf,
  samePattern,
} from './arrangement.ts'
export {
  type Arrangement,
  cellSteps,
  enumerateCells,
  enumerationSteps,
  type EnumerateOptions,
  streamCells,
} from './arrangement/enumerate.ts'
export { facetsOf, wallsOf } from './arrangement/facets.ts'
export { sampleCells, type SampleOptions } from './arrangement/sample.ts'
export { type BetaMax, type BetaMaxOptions, betaMax } from './beta-max.ts'
export { type BoundFrom, ProvenBound, type Scope } from './bound.ts'
export {
  type CvOptions,
  type CvResult,
  type CvRow,
  type CvRule,
  type CvScore,
  crossValidate,
  cvSettings,
} from './cross-validation.ts'
export {
  type CvData,
  type CvSettings,
  type FoldPoint,
  type FoldResult,
  type FoldTask,
  inputsOf,
  runFold,
  type TrainingRows,
  trainingRows,
} from './cross-validation/fold-task.ts'
export { type Fold, type FoldOptions, makeFolds } from './cross-validation/folds.ts'
export { type Certificate, certify, type Claim, combine } from './certificate.ts'
export { describe } from './certificate/describe.ts'
export {
  InvalidProblemError,
  ModelFormatError,
  NotFittedError,
  UnsupportedProblemError,
  WorkerError,
} from './errors.ts'
export {
  type EstimatorParams,
  type FitOptions,
  type ClassifierParams,
  type FitPathOptions,
  type FittedPath,
  ReluClassifier,
  ReluRegressor,
} from './estimator.ts'
export {
  type Importance,
  type Inspected,
  learningCurve,
  type LearningCurvePoint,
  type PartialDependence,
  partialDependence,
  permutationImportance,
  pickData,
} from './inspection.ts'
export type { Backend } from './linalg/backend.ts'
export { backends, defaultBackend, registerBackend, strictBackend } from './linalg/backend/registry.ts'
export type { Eigh } from './linalg/eigh.ts'
export { loadKernels } from './linalg/kernels.ts'
export type { KernelBuild } from './linalg/kernels/instance.ts'
export { fromRows, type Matrix, type Matrix32, matrix, row, toRows } from './linalg/matrix.ts'
export type { Qr } from './linalg/qr.ts'
export type { Svd } from './linalg/svd.ts'
export { isometrySize, rowDefect } from './linalg/whiteness.ts'
export { feasibleDual } from './dual.ts'
export type { Loss, SmoothLoss } from './loss.ts'
export { epsilonInsensitiveLoss } from './loss/epsilon-insensitive.ts'
export { hingeLoss } from './loss/hinge.ts'
export { huberLoss } from './loss/huber.ts'
export { logisticLoss } from './loss/logistic.ts'
export { lossFrom, type LossName, lossNames, type TargetKind, targetKind } from './loss/named.ts'
export { pinballLoss } from './loss/pinball.ts'
export { poissonLoss } from './loss/poisson.ts'
export { softmaxLoss } from './loss/softmax.ts'
export { squaredHingeLoss } from './loss/squared-hinge.ts'
export { squaredLoss } from './loss/squared.ts'
export {
  classMetrics,
  decisions,
  isGain,
  type Metric,
  metricsFor,
  type Outcomes,
  outcomesOf,
  scoreOf,
  valueMetrics,
} from './metrics.ts'
export {
  type ClassLabel,
  encodedModel,
  foldWhitening,
  type Model,
  modelOutputs,
  networkInputs,
  parseModel,
  serializeModel,
  tableOutputs,
  type Weighting,
} from './model.ts'
export {
  parseCertificate,
  serializeCertificate,
  type StoredCertificate,
  storedCertificate,
} from './model/certificate-file.ts'
export {
  balance,
  type FreePart,
  type Network,
  type Neuron,
  network,
  objective,
  predict,
  zeroNetwork,
} from './network.ts'
export { type Layers, networkFromLayers } from './network/layers.ts'
export { merge } from './network/merge.ts'
export { prune } from './network/prune.ts'
export type { Candidate, OracleFactory, Priced, PriceOptions, PricingOracle } from './oracle.ts'
export { branchAndBoundOracle } from './oracle/branch-and-bound.ts'
export { countingOracle } from './oracle/counting.ts'
export { type ConeQuadraticMaximum, coneQuadraticMaximum } from './oracle/cone-pca.ts'
export { enumerationOracle } from './oracle/enumeration.ts'
export { exactOracle } from './oracle/exact.ts'
export { multistartOracle } from './oracle/multistart.ts'
export { parallelBranchAndBound, parallelOracle, type ParallelOptions } from './oracle/parallel.ts'
export { Threads, type ThreadsOptions } from './oracle/parallel/threads.ts'
export { webThreads } from './oracle/parallel/web.ts'
export type { Port, Spawn, WorkerLike } from './oracle/parallel/worker-like.ts'
export { planarOracle } from './oracle/planar.ts'
export { type Proof, prove, type ProveOptions } from './oracle/prove.ts'
export { spikeFreeOracle } from './oracle/spike-free.ts'
export { trivialOracle } from './oracle/trivial.ts'
export { whitenedOracle } from './oracle/whitened.ts'
export { createPacer, type Pacer } from './pacer.ts'
export {
  boundsAt,
  gridOfRatios,
  type Path,
  path,
  type PathBounds,
  type PathEnd,
  type PathOptions,
  type PathPoint,
  type PathProgress,
} from './path.ts'
export {
  applyEncoding,
  type ColumnEncoding,
  type Encoding,
  encodedNames,
  encodedWidth,
  fitEncoding,
  isPlain,
  type MissingPolicy,
  pickRawRows,
  plainEncoding,
  type RawColumn,
  type RawTable,
  refuseMissing,
} from './preprocessing/encoding.ts'
export {
  applyPreprocessing,
  type ColumnScaling,
  fitPreprocessing,
  type Preprocessing,
  type PreprocessingKind,
  type Whitening,
} from './preprocessing.ts'
export { createProblem, dataHash, type MatrixLike, type Problem, type ProblemSpec, withBeta } from './problem.ts'
export { ProofError, proofRankLimit } from './proof.ts'
export { checkProof, type CheckedProof } from './proof/check.ts'
export { proofDual } from './proof/file.ts'
export { gaussian, type Random, seededRandom } from './random.ts'
export { lift, project, type Reduction, reduce } from './reduction.ts'
export { betaFrom, type Tool } from './settings.ts'
export type {
  ConicBlock,
  ConicIterate,
  ConicOptions,
  ConicProgram,
  Coupling,
  DoublyNonnegativeSolver,
} from './relaxation.ts'
export { type CompletelyPositive, completelyPositive } from './relaxation/completely-positive.ts'
export { type RelaxedConeMaximum, relaxedConeMaximum } from './relaxation/cone-maximum.ts'
export type { CopositiveCell, CopositiveVariant } from './relaxation/copositive-program.ts'
export {
  type CopositiveOptions,
  type CopositiveRelaxation,
  type CopositiveValue,
  copositiveValue,
  copositiveValues,
  relaxCopositively,
} from './relaxation/copositive.ts'
export { activePairs } from './relaxation/active-pairs.ts'
export { augmentedLagrangian } from './relaxation/augmented-lagrangian.ts'
export { copositiveOracle, type CopositiveOracleOptions } from './relaxation/copositive-oracle.ts'
export { entrywiseSplitting } from './relaxation/entrywise-splitting.ts'
export { interiorPoint } from './relaxation/interior-point.ts'
export { provenDualValue } from './relaxation/proven-dual-value.ts'
export { type Recovered, recoverNetwork } from './relaxation/recover.ts'
export {
  type SemidefiniteOptions,
  type SemidefiniteValue,
  semidefiniteValue,
  semidefiniteValues,
} from './relaxation/semidefinite.ts'
export {
  leadingDirections,
  roundBySplitting,
  type RoundedNetwork,
  sampledDirections,
  splittingRounds,
  type SplittingOptions,
} from './relaxation/semidefinite-rounding.ts'
export { semidefiniteOracle, type SemidefiniteOracleOptions } from './relaxation/semidefinite-oracle.ts'
export { semidefiniteProgram } from './relaxation/semidefinite-program.ts'
export {
  type SpikeFreeOptions,
  spikeFreePath,
  type SpikeFreeValue,
  spikeFreeValue,
} from './relaxation/spike-free.ts'
export {
  type SpikeFreeNetwork,
  spikeFreeNetwork,
  type SpikeFreeNetworkOptions,
} from './relaxation/spike-free-network.ts'
export { type Factor, neuronsOf, type SemiNmf, semiNmf } from './relaxation/semi-nmf.ts'
export type { Solver, SolverClaim, SolverContext } from './solver.ts'
export { columnGeneration, type ColumnGenerationOptions } from './solver/column-generation.ts'
export { copositive, type CopositiveSolverOptions } from './solver/copositive.ts'
export { hybrid, type HybridOptions } from './solver/hybrid.ts'
export { coneProgram, type ConeProgramOptions } from './solver/cone-program.ts'
export { cuttingPlane, type CuttingPlaneOptions } from './solver/cutting-plane.ts'
export { frankWolfe, type FrankWolfeOptions } from './solver/frank-wolfe.ts'
export {
  type Exactness,
  softThresholdedSvd,
  type SoftThresholdedSvd,
  type SoftThresholdedSvdOptions,
  softThresholdedSvdSolver,
} from './solver/soft-thresholded-svd.ts'
export { semidefinite, type SemidefiniteSolverOptions } from './solver/semidefinite.ts'
export { spikeFreeProgram } from './solver/spike-free-program.ts'
export { overshoot, type SpikeFreeTest, testSpikeFree } from './spike-free.ts'
export { type Progress, type Status, train, type TrainOptions, type TrainResult } from './train.ts'
export {
  classProbabilities,
  type ClassWeight,
  classWeights,
  decidedClass,
  encodeClasses,
  hasProbabilities,
  outputsFor,
  responses,
} from './targets.ts'
export { type Verification, verify } from './verify.ts'
export { version } from './version.ts'
