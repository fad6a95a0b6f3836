import type { BoundFrom, Scope } from '../bound.ts'
import type { Certificate, ProblemFacts } from '../certificate.ts'
import { type Matrix, matrix } from '../linalg/matrix.ts'
import { type Field, format, openFile } from './fields.ts'

const fileFormat = 'relucent-certificate'
const formatVersion = 1

/** All that is needed to check a lower bound again: the dual Z, how it was scaled, what was proven of its polar. */
export interface StoredCertificate {
  readonly objective: number
  readonly lowerBound: number
  readonly scope: Scope
  readonly boundFrom: BoundFrom
  readonly polarBound: number
  readonly scale: number
  readonly problem: ProblemFacts
  readonly dual: Matrix
}

export function storedCertificate(certificate: Certificate, dual: Matrix): StoredCertificate {
  const { objective, lowerBound, polarBound, scale, scope, boundFrom, problem } = certificate
  return { objective, lowerBound, scope, boundFrom, polarBound, scale, problem, dual }
}

/** A file of its own, since Z is as large as the targets and a model that only predicts has no use for it. */
export function serializeCertificate(stored: StoredCertificate): string {
  const { dual, ...figures } = stored
  const { rows, cols, data } = dual
  return format({ format: fileFormat, formatVersion, ...figures, dual: { rows, cols, data: Array.from(data) } })
}

/** Throws `ModelFormatError` naming the field, what was expected and what was found. */
export function parseCertificate(text: string): StoredCertificate {
  const root = openFile('certificate', fileFormat, formatVersion, text)
  const problem = readFacts(root.get('problem'))
  const dual = root.get('dual')
  const rows = dual.get('rows').count()
  const cols = dual.get('cols').count()
  dual.check(rows === problem.n && cols === problem.c, `${problem.n} × ${problem.c}, as the problem`)
  return {
    ...readFigures(root),
    problem,
    dual: matrix(rows, cols, dual.get('data').numbers(rows * cols)),
  }
}

/** The figures that model and certificate files have in common. */
export function readFigures(field: Field): Omit<StoredCertificate, 'problem' | 'dual'> {
  return {
    objective: field.get('objective').orNull((value) => value.number(), Number.NaN),
    lowerBound: field.get('lowerBound').nonnegative(),
    scope: field.get('scope').oneOf(scopes),
    boundFrom: field.get('boundFrom').oneOf(origins),
    polarBound: field.get('polarBound').orNull((value) => value.nonnegative(), Number.POSITIVE_INFINITY),
    scale: field.get('scale').number(),
  }
}

export function readFacts(field: Field): ProblemFacts {
  return {
    formula: field.get('formula').text(),
    beta: field.get('beta').positive(),
    loss: field.get('loss').text(),
    architecture: field.get('architecture').text(),
    bias: field.get('bias').flag(),
    n: field.get('n').count(),
    d: field.get('d').count(),
    c: field.get('c').count(),
    rank: field.get('rank').count(),
    discarded: field.get('discarded').nonnegative(),
    dataHash: field.get('dataHash').text(),
  }
}

const scopes: readonly Scope[] = Object.keys({
  'all-networks': true,
  'given-patterns': true,
  gated: true,
} satisfies Record<Scope, true>) as Scope[]

const origins: readonly BoundFrom[] = Object.keys({
  enumeration: true,
  sweep: true,
  'branch-and-bound': true,
  relaxation: true,
  'closed-form': true,
  trivial: true,
} satisfies Record<BoundFrom, true>) as BoundFrom[]
