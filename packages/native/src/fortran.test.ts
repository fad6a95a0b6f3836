import { matrix } from '@relucent/core'
import { describe, expect, test } from 'vitest'
import { factorisations } from './factorisations.ts'
import { integers, type Routine, type Routines, withWorkspace } from './fortran.ts'
import { lapackVersion } from './library.ts'
import { spectra } from './spectra.ts'

describe('INTEGER arguments', () => {
  test('hold up to 2³¹ − 1 and refuse what would wrap', () => {
    const sizes = integers(2)
    expect(sizes(3, 2 ** 31 - 1).map(([value]) => value)).toEqual([3, 2 ** 31 - 1])
    for (const value of [2 ** 31, 2 ** 32, Number.NaN]) expect(() => sizes(1, value)).toThrow(RangeError)
  })

  test('of 64 bits are noticed before any size is handed over', () => {
    const narrow: Routine = (...cells) => cells.forEach((cell, k) => cell.set([3 + k], 0))
    const wide: Routine = (...cells) => cells.forEach((cell, k) => cell.set([3 + k, 0], 0))
    expect(lapackVersion(withRoutine('ilaver_', narrow))).toBe('3.4.5')
    expect(() => lapackVersion(withRoutine('ilaver_', wide))).toThrow('64 bits')
  })
})

describe('workspaces', () => {
  test('have the size that the routine asks for', () => {
    expect(lengthsGiven(10, 25)).toEqual([-1, 25])
  })

  test('have the least size when the answer has overflowed', () => {
    expect(lengthsGiven(10, -7)).toEqual([-1, 10])
  })

  test('beyond 2³¹ − 1 are refused before the routine is called', () => {
    expect(() => withWorkspace(2 ** 31, never)).toThrow(RangeError)
  })
})

test('no convergence gives NaN', () => {
  const failing: Routine = (...args) => args.forEach((arg, k) => k >= 10 && arg instanceof Int32Array && arg.fill(1))
  const { eigh, svd } = spectra({ ...withRoutine('dsyevd_', failing), dgesdd_: failing })
  const A = matrix(2, 2, Float64Array.of(1, 2, 2, 1))
  expect(eigh(A).values.every(Number.isNaN)).toBe(true)
  expect(svd(A).S.every(Number.isNaN)).toBe(true)
})

test('NaN and Infinity do not reach LAPACK, which may not return from them', () => {
  const untouchable = withRoutine('ilaver_', never)
  const { eigh, svd } = spectra(untouchable)
  const { cholesky, qr } = factorisations(untouchable)
  for (const poison of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const A = matrix(2, 2, Float64Array.of(1, 0, poison, 1))
    expect(cholesky(A)).toBeNull()
    const { Q, R } = qr(A)
    const { U, S, V } = svd(A)
    const { values, vectors } = eigh(A)
    for (const part of [Q.data, R.data, U.data, S, V.data, values, vectors.data]) {
      expect(part.every(Number.isNaN)).toBe(true)
    }
  }
})

/** The values of LWORK over both calls; WORK is always at least that long. */
function lengthsGiven(least: number, answer: number): number[] {
  const lengths: number[] = []
  withWorkspace(least, (work, [lwork]) => {
    expect(work.length).toBeGreaterThanOrEqual(Math.max(1, lwork))
    lengths.push(lwork)
    work[0] = answer
  })
  return lengths
}

function never(): void {
  expect.unreachable()
}

/** Only this routine may be called. */
function withRoutine(name: keyof Routines, routine: Routine): Routines {
  return {
    ilaver_: never,
    dgemm_: never,
    dsyrk_: never,
    dpotrf_: never,
    dgelqf_: never,
    dorglq_: never,
    dsyevd_: never,
    dgesdd_: never,
    dgejsv_: never,
    sgemm_: never,
    [name]: routine,
  }
}
