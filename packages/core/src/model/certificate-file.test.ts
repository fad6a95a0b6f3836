import { describe, expect, test } from 'vitest'
import { certify } from '../certificate.ts'
import { zeroNetwork } from '../network.ts'
import { trivialOracle } from '../oracle/trivial.ts'
import { createProblem } from '../problem.ts'
import { planarFixture } from '../problem.fixtures.ts'
import { parseCertificate, serializeCertificate, storedCertificate } from './certificate-file.ts'

const problem = createProblem({ ...planarFixture, beta: 0.1 })
const { bound } = await trivialOracle(problem).price(problem.Y)
const certificate = certify(problem, { network: zeroNetwork(2, 2), dual: problem.Y, bound })
const stored = storedCertificate(certificate, problem.Y)

interface File {
  format: string
  formatVersion: number
  lowerBound: number
  polarBound: number
  dual: { rows: number; data: unknown[] }
}

function edited(change: (root: File) => void): string {
  const root = JSON.parse(serializeCertificate(stored)) as File
  change(root)
  return JSON.stringify(root)
}

describe('certificate file', () => {
  test('what is written is read back, to the last bit', () => {
    expect(parseCertificate(serializeCertificate(stored))).toEqual(stored)
    const nothing = { ...stored, lowerBound: 0, scale: 0, polarBound: Number.POSITIVE_INFINITY }
    expect(parseCertificate(serializeCertificate(nothing))).toEqual(nothing)
  })

  test('a model file is not a certificate, and a newer certificate says so', () => {
    expect(() => parseCertificate(edited((root) => (root.format = 'relucent-model')))).toThrow(
      'certificate: format must be one of relucent-certificate, got "relucent-model"',
    )
    expect(() => parseCertificate(edited((root) => (root.formatVersion = 3)))).toThrow(
      'certificate: written by a newer Relucent (format 3); this one reads up to 1: upgrade',
    )
  })

  test('a dual of another shape, or with something else than numbers in it, is refused', () => {
    expect(() => parseCertificate(edited((root) => (root.dual.rows = 5)))).toThrow('dual must be 6 × 2, as the problem')
    expect(() => parseCertificate(edited((root) => root.dual.data.pop()))).toThrow('dual.data must be 12 numbers')
    expect(() => parseCertificate(edited((root) => (root.dual.data[3] = 'x')))).toThrow(
      'dual.data[3] must be a finite number',
    )
  })

  test('a polar bound that is negative, and a negative lower bound, are refused', () => {
    expect(() => parseCertificate(edited((root) => (root.polarBound = -1)))).toThrow(
      'polarBound must be a number of at least 0',
    )
    expect(() => parseCertificate(edited((root) => (root.lowerBound = -1)))).toThrow(
      'lowerBound must be a number of at least 0',
    )
  })
})
