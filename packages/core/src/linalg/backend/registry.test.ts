import { expect, test } from 'vitest'
import { plainBackend } from './plain.ts'
import { backends, defaultBackend, registerBackend, strictBackend } from './registry.ts'

test('the strict kernels are the default until another backend is registered', () => {
  expect(defaultBackend().name).toBe('wasm strict')
  expect(defaultBackend()).toBe(defaultBackend())
  registerBackend(plainBackend)
  expect(defaultBackend()).toBe(plainBackend)
  expect(backends()[0]).toBe(plainBackend)
  expect(strictBackend().name).toBe('wasm strict')
})

test('every backend is listed once, and plain JavaScript is always among them', () => {
  expect(backends()).toContain(plainBackend)
  expect(new Set(backends()).size).toBe(backends().length)
})
