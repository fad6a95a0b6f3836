import { describe, expect, test } from 'vitest'
import { bars } from './charts/bars.ts'
import { field } from './charts/field.ts'
import { heatmap } from './charts/heatmap.ts'
import { lines } from './charts/lines.ts'
import { onGrid } from './charts/plane.ts'
import { regions } from './charts/regions.ts'
import { scatter } from './charts/scatter.ts'
import { type FigureOptions, onPaper } from './figure.ts'
import { panels } from './panels.ts'
import { elements, hostile, writtenHostile } from './plot.fixtures.ts'
import { PngUnavailableError, renderPng } from './png.ts'

const grid = { x: [0, 1], y: [0, 1], columns: 4, rows: 4 } as const

/** Every kind of figure, with this text wherever text goes. */
const kinds: Readonly<Record<string, (text: string, options?: FigureOptions) => string>> = {
  lines: (text, options) =>
    lines({
      ...options,
      title: text,
      caption: text,
      x: { label: text, unit: text, domain: [0, 1] },
      y: { label: text },
      series: [1, 2].map((k) => ({ name: `${text}${k}`, x: [0, 1], y: [0, k] })),
      references: [{ axis: 'x', value: 0.5, label: text }],
      points: [{ x: 0, y: 0, label: text }],
    }),
  scatter: (text, options) =>
    scatter({
      ...options,
      title: text,
      alt: text,
      ring: text,
      groups: [{ name: text, x: [1], y: [2], ringed: [true] }],
    }),
  bars: (text, options) =>
    bars({ ...options, title: text, values: [1, 2], names: [text, text], value: { label: text } }),
  heatmap: (text, options) =>
    heatmap({
      ...options,
      title: text,
      values: [1, 2],
      rows: [text],
      columns: [text, text],
      rowLabel: text,
      label: text,
    }),
  field: (text, options) =>
    field({ ...options, title: text, grid, values: onGrid(grid, (x) => x), label: text, x: { label: text } }),
  regions: (text, options) =>
    regions({
      ...options,
      title: text,
      grid,
      scores: [onGrid(grid, (x) => x), onGrid(grid, (_, y) => y)],
      names: [text, text],
    }),
}

describe.each(Object.entries(kinds))('%s', (_, draw) => {
  test('text is written as it is and makes no element', () => {
    hostile.forEach((text, k) => {
      const svg = draw(text)
      expect(elements(svg, 'script, img, style, iframe, foreignObject')).toEqual([])
      for (const element of elements(svg, '*')) {
        const handlers = [...element.attributes].filter(({ name }) => name.startsWith('on'))
        expect(handlers).toEqual([])
      }
      const written = elements(svg, 'text').map((one) => one.textContent ?? '')
      const words = writtenHostile[k].split(/\s+/)
      expect(written.join(' ')).toContain(words[0].slice(0, 12))
    })
  })

  test('is the same text whenever it is drawn', () => {
    const first = draw('figure')
    kinds.lines('another with a clip path')
    expect(draw('figure')).toBe(first)
  })

  test('has a size, a role and words for those who do not see it', () => {
    const [root] = elements(draw('the title', { width: 500, alt: undefined }), 'svg')
    expect(root.getAttribute('width')).toBe('500')
    expect(root.getAttribute('role')).toBe('img')
    expect(root.getAttribute('aria-label')).toContain('the title')
  })

  test('on a page it takes the ink of the page and has no paper of its own', () => {
    const page = draw('figure', { surface: 'page' })
    expect(page).toContain('style="color:currentColor"')
    const paper = /<rect width="\d+" height="\d+" fill="#ffffff"\/>/
    expect(page).not.toMatch(paper)
    expect(draw('figure')).toMatch(paper)
  })

  test('is well-formed XML, whatever the text', async ({ skip }) => {
    const png = await renderPng(panels({ figures: hostile.map((text) => draw(text)) }), { scale: 0.1 }).catch(
      (error: unknown) => {
        if (error instanceof PngUnavailableError) return skip(error.message)
        throw error
      },
    )
    expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
  })
})

describe('panels', () => {
  const one = lines({ width: 300, height: 200, series: [{ x: [0, 1], y: [0, 1] }], x: { domain: [0, 1] } })

  test('are as wide as their columns and as high as their rows', () => {
    const [root] = elements(panels({ figures: [one, one, one], columns: 2 }), 'svg')
    expect(root.getAttribute('width')).toBe('600')
    expect(root.getAttribute('height')).toBe('400')
    expect(elements(panels({ figures: [one, one, one], columns: 2 }), 'svg svg')).toHaveLength(3)
  })

  test('clip paths of different panels do not share an id', () => {
    const other = lines({ width: 300, height: 90, series: [{ x: [0, 1], y: [0, 1] }], x: { domain: [0, 2] } })
    const ids = (svg: string): string[] => elements(svg, 'clipPath').map((element) => element.id)
    const [mine, theirs] = [ids(one), ids(other)]
    expect(mine.length * theirs.length).toBeGreaterThan(0)
    expect(mine.filter((id) => theirs.includes(id))).toEqual([])
    expect(ids(panels({ figures: [one, other] }))).toEqual([...mine, ...theirs])
  })

  test('text that is no figure is refused', () => {
    expect(() => panels({ figures: ['<svg onload="x">'] })).toThrow('figures must be SVG text from this library')
  })
})

test.each(Object.entries(kinds))('%s: put on paper, a figure of a page is the one drawn on paper', (_, draw) => {
  const page = draw('style="color:currentColor" var(--surface, #ffffff)', { surface: 'page' })
  const paper = draw('style="color:currentColor" var(--surface, #ffffff)')
  // Ids are named after what a figure contains, its paper included.
  const unnamed = (svg: string): string => svg.replaceAll(/clip-\w+-/g, 'clip-')
  expect(unnamed(onPaper(page))).toBe(unnamed(paper))
  expect(onPaper(paper)).toBe(paper)
})

describe('renderPng', () => {
  test('the image is the figure times the scale', async ({ skip }) => {
    const svg = bars({ width: 300, height: 200, values: [1] })
    const png = await renderPng(svg, { scale: 3 }).catch((error: unknown) => {
      if (error instanceof PngUnavailableError) return skip(error.message)
      throw error
    })
    const view = new DataView(png.buffer, png.byteOffset)
    expect([view.getUint32(16), view.getUint32(20)]).toEqual([900, 600])
  })

  test('without a font it says so instead of leaving the labels out', async ({ skip }) => {
    const error = await renderPng(bars({ values: [1] }), { fonts: [] }).catch((reason: unknown) => reason)
    if (error instanceof Error && error.message.includes('cannot be loaded')) skip(error.message)
    expect(error).toBeInstanceOf(PngUnavailableError)
    expect((error as Error).message).toContain('no font was found')
  })
})
