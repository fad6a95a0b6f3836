import { z } from 'zod'
import { boundFrom, figure, scope, status } from './output.ts'

// The files that core writes and reads, for readers in other languages. Core checks them itself, without a library; a test
// holds what it writes against these.

const names = z.array(z.string())
const numbers = z.array(z.number())

const facts = z.object({
  formula: z.string().describe('what is minimised, in words'),
  beta: z.number().positive(),
  loss: z.string(),
  architecture: z.string(),
  bias: z.boolean(),
  n: z.int().min(0).describe('rows'),
  d: z.int().min(0).describe('columns of X, a bias column included'),
  c: z.int().min(0).describe('columns of Y'),
  rank: z.int().min(0),
  discarded: z.number().nonnegative().describe('size of the directions of X left out of the reduced problem'),
  dataHash: z.string(),
})

const bound = {
  objective: figure,
  lowerBound: z.number().nonnegative(),
  scope,
  boundFrom,
  polarBound: z
    .number()
    .nonnegative()
    .nullable()
    .describe('proven: max over unit u of the norm of Zᵀ(Xu)₊; null: none'),
  scale: z.number().describe('what the dual is multiplied with to become feasible'),
  problem: facts,
}

const rows = z.object({ rows: z.int().min(0), cols: z.int().min(0), data: numbers })

/** model.json, as `fit` writes it. */
export const modelFile: z.ZodType = z.object({
  format: z.literal('relucent-model'),
  formatVersion: z.literal(1),
  version: z.string().describe('of the Relucent that trained it'),
  task: z.enum(['regression', 'classification']),
  featureNames: names,
  targetNames: names,
  classes: z
    .array(z.union([z.string(), z.int()]))
    .min(2)
    .nullable()
    .describe('one per network output, or two for one output that is positive for the second; null for regression'),
  encoding: z
    .object({
      columns: z.array(
        z.discriminatedUnion('kind', [
          z.object({
            kind: z.literal('number'),
            fill: figure.describe('in place of a missing cell; null: none may be missing'),
            indicator: z.boolean().describe('a 0/1 column follows that marks missing cells'),
          }),
          z.object({
            kind: z.literal('category'),
            categories: names.describe('one 0/1 column each'),
            allowsMissing: z.boolean(),
            indicator: z.boolean(),
          }),
        ]),
      ),
    })
    .optional()
    .describe('how each feature becomes numbers, before the preprocessing; absent where all are numbers'),
  preprocessing: z
    .union([
      z
        .object({
          kind: z.enum(['none', 'standardize', 'minmax']),
          shift: numbers,
          scale: z.array(z.number().positive()),
        })
        .describe('each feature x enters as (x - shift) / scale; empty for none'),
      z
        .object({
          kind: z.enum(['whiten', 'whiten-rows', 'whiten-columns']),
          shift: numbers,
          left: rows,
          right: rows.nullable(),
        })
        .describe(
          'a row x enters as (x - shift) left, times right transposed unless it is null; for whiten-rows less its mean',
        ),
    ])
    .describe('what is done to the features first'),
  bias: z.boolean().describe('a column of ones is appended after preprocessing'),
  beta: z.number().positive(),
  betaRatio: z.number().positive().nullable(),
  status,
  certificate: z.object({ ...bound, gap: figure, relativeGap: figure, crossed: z.boolean() }),
  settings: z.object({ seed: z.int(), solver: z.string(), oracle: z.string(), tolerance: z.number().nonnegative() }),
  network: z
    .object({
      inputs: z.int().min(0),
      outputs: z.int().min(0),
      outputBias: numbers.optional().describe('b, outside the weight decay'),
      skip: z.array(numbers).optional().describe('A, a row per input, outside the weight decay'),
      neurons: z.array(z.object({ u: numbers, v: numbers })),
    })
    .describe('f(x) = Σ max(0, u·x) v + b + Aᵀx'),
  weighting: z
    .object({ column: z.string().nullable(), classes: z.array(z.number().positive()).nullable() })
    .optional()
    .describe('the weight of a row: its entry in the column times the weight of its class'),
})

/** What `fit --certificate` writes. */
export const certificateFile: z.ZodType = z.object({
  format: z.literal('relucent-certificate'),
  formatVersion: z.literal(1),
  ...bound,
  dual: rows.describe('Z, row by row'),
})
