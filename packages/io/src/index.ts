export { type CsvOptions, parseCsv, type TextTable } from './csv.ts'
export { DataError, type DataErrorCode, type DataErrorPlace, describePlace, listed, quoted } from './errors.ts'
export { type ClassLabel, classIndices, classLabels, distinctClasses, type LabelKind, labelKind } from './classes.ts'
export { type LabelledPoints, type Normal, planted, spiral } from './generate.ts'
export { defaultMemoryLimit } from './memory.ts'
export { type NpyArray, readNpy, writeNpy } from './npy.ts'
export { type ArraysOptions, readNpz, writeNpz } from './npz.ts'
export { type ParsedNumber, parseNumber } from './number.ts'
export { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts'
export {
  cellText,
  type Column,
  columnIndex,
  type ColumnKind,
  columnKind,
  isNumberColumn,
  missingCell,
  mixedTarget,
  type NumberColumn,
  type Numbers,
  numericCells,
  numericColumns,
  type Table,
  rowNumber,
  textCells,
} from './table.ts'
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
export { nearest } from './nearest.ts'
export { decodeText } from './text.ts'
export {
  detectFormat,
  formatNamed,
  formatOfName,
  formats,
  labelsNameFor,
  readTable,
  type ReadTableOptions,
  type TableFile,
  writableFormat,
  writeTable,
  type WriteTableOptions,
} from './read-table.ts'
export { bytesSource, collect, headOf, type Source } from './source.ts'
export type { Format, FormatName, ReadOptions, WriteOptions } from './format.ts'
export { type NamedArray, weightsFromArrays, type WeightsContext } from './named-weights.ts'
export type { TwoLayerWeights } from './two-layer.ts'
export { type Cell, writeCsv, writeJsonRows } from './write.ts'
