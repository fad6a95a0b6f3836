import type { Certificate, Problem } from '@relucent/core'
import { dataHash } from '@relucent/core'
import { finiteOrNull } from '../output.ts'
import type { Columns, ProblemFigures, ProofFigures } from '../records.ts'
import type { Prepared } from './prepare.ts'

/** Parts of the `--json` records that several commands share. */

export function proofFigures(certificate: Certificate): ProofFigures {
  return {
    objective: finiteOrNull(certificate.objective),
    lowerBound: finiteOrNull(certificate.lowerBound),
    gap: finiteOrNull(certificate.gap),
    relativeGap: finiteOrNull(certificate.relativeGap),
    scope: certificate.scope,
    boundFrom: certificate.boundFrom,
  }
}

export function problemFigures(problem: Problem): ProblemFigures {
  const { X, Y, beta, bias, outputBias, skip, weights, loss, architecture, reduction } = problem
  return {
    n: X.rows,
    d: X.cols,
    c: Y.cols,
    rank: reduction.rank,
    beta,
    loss: loss.name,
    architecture: architecture.name,
    bias,
    outputBias,
    skip,
    weighted: weights !== null,
    dataHash: dataHash(X, Y, weights),
  }
}

export function columnsOf({ data, preprocessing }: Pick<Prepared, 'data' | 'preprocessing'>): Columns {
  const { task, classes, features, targets } = data
  return { task, classes, features, targets, preprocessing: preprocessing.kind }
}
