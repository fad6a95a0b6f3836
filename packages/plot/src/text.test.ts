import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { estimatedWidth, escapeText, truncated, wrapped } from './text.ts'

const characters = fc.string({
  unit: fc.constantFrom('a', ' ', '<', '>', '&', '"', "'", '\u0000', '\uD800', '汉', '😀'),
})

describe('escapeText', () => {
  test('leaves no character that ends a tag, an attribute or an entity', () => {
    fc.assert(
      fc.property(characters, (text) => {
        expect(escapeText(text).replaceAll(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toMatch(/[&<>"']/)
      }),
    )
  })

  test('replaces what XML cannot write, and keeps tabs, line breaks and emoji', () => {
    expect(escapeText('a\u0000b\uD800c\t\n😀')).toBe('a\uFFFDb\uFFFDc\t\n😀')
  })
})

test('truncated text fits, and text that fits is not touched', () => {
  fc.assert(
    fc.property(characters, fc.integer({ min: 20, max: 200 }), (text, most) => {
      const short = truncated(text, 12, most)
      expect(estimatedWidth(short, 12)).toBeLessThanOrEqual(most)
      if (estimatedWidth(text, 12) <= most) expect(short).toBe(text)
    }),
  )
})

test('wrapped lines fit, and together they are the words', () => {
  const text = 'Each mark is a round of the solver: the objective of the best network, and the best lower bound.'
  const lines = wrapped(text, 12, 160)
  expect(lines.length).toBeGreaterThan(2)
  for (const line of lines) expect(estimatedWidth(line, 12)).toBeLessThanOrEqual(160)
  expect(lines.join(' ')).toBe(text)
  expect(wrapped('', 12, 160)).toEqual([])
})
