import { expect, test } from 'vitest'
import { plainBackend } from './plain.ts'
import { defaultBackend, registerBackend } from './registry.ts'

test('the compiled kernels are the default until another backend is registered', () => {
  expect(defaultBackend().name).toBe('wasm strict')
  expect(defaultBackend()).toBe(defaultBackend())
  registerBackend(plainBackend)
  expect(defaultBackend()).toBe(plainBackend)
})
