export { type CsvOptions, parseCsv, type Table } from './csv.ts'
export { DataError, type DataErrorCode, type DataErrorPlace, describePlace, listed, quoted } from './errors.ts'
export { type ClassLabel, classIndices, classLabels, distinctClasses, type LabelKind, labelKind } from './classes.ts'
export { type LabelledPoints, type Normal, planted, spiral } from './generate.ts'
export { type ParsedNumber, parseNumber } from './number.ts'
export { type ColumnKind, columnIndex, columnKind, mixedTarget, type Numbers, numericColumns } from './table.ts'
export { nearest } from './nearest.ts'
export type {
  ConvolutionLayer,
  DenseLayer,
  ImportedLayer,
  ImportedNetwork,
  Pair,
  PoolLayer,
  ReluLayer,
  ReshapeLayer,
  ScaleLayer,
  Window,
} from './onnx.ts'
export { forward } from './onnx/forward.ts'
export { readOnnx, type ReadOnnxOptions } from './onnx/read.ts'
export { twoLayerWeights } from './onnx/two-layer-weights.ts'
export { type OnnxSource, writeOnnx, type WriteOnnxOptions, writtenOpset } from './onnx/write.ts'
export { decodeText } from './text.ts'
export type { TwoLayerWeights } from './two-layer.ts'
export { type Cell, writeCsv, writeJsonRows } from './write.ts'
