/**
 * Seven colours that people with any common colour vision tell apart, strongest first.
 *
 * Source: Okabe and Ito, "Color Universal Design", 2008. Their eighth, black, is the ink of axes and references.
 */
export const palette: readonly string[] = [
  '#0072B2', // blue
  '#D55E00', // vermillion
  '#009E73', // bluish green
  '#CC79A7', // reddish purple
  '#E69F00', // orange
  '#56B4E9', // sky blue
  '#F0E442', // yellow
]

/**
 * Colour schemes for numbers: `sequential` is cividis (Nuñez, Anderton and Renslow, PLOS ONE 13, 2018), made to look the
 * same with and without colour blindness; `diverging` is ColorBrewer's PuOr (Harrower and Brewer, 2003).
 */
export const schemes = { sequential: 'cividis', diverging: 'puor' } as const

/**
 * Beside its colour each series has a dash pattern and a symbol of its own: figures are also printed in grey. One more of
 * these than of colours, so that the first 56 series all differ.
 */
const dashes: readonly string[] = ['none', '7 3', '2 2.5', '9 3 2 3', '5 2', '1 2.5', '12 3', '12 3 2 3 2 3']
const symbols = ['circle', 'square', 'triangle', 'diamond', 'star', 'cross', 'wye', 'hexagon'] as const

export type SymbolName = (typeof symbols)[number]

export function colorOf(position: number): string {
  return palette[position % palette.length]
}

export function dashOf(position: number): string {
  return dashes[position % dashes.length]
}

export function symbolOf(position: number): SymbolName {
  return symbols[position % symbols.length]
}

/**
 * What a figure is drawn on: `paper` is a file of its own, dark on white whatever is around it; `page` is part of an HTML
 * page, whose ink it takes (`color`) and whose paper is the custom property `--surface`.
 */
export type Surface = 'paper' | 'page'

export interface Theme {
  readonly ink: string
  readonly paper: string
}

export const themes: Readonly<Record<Surface, Theme>> = {
  paper: { ink: '#222222', paper: '#ffffff' },
  page: { ink: 'currentColor', paper: 'var(--surface, #ffffff)' },
}

/**
 * Without quotes, which resvg does not read; DejaVu before Arial, which has no superscript digits: a rasteriser takes the
 * first family there is.
 */
export const fontFamily = 'system-ui, Segoe UI, Helvetica Neue, DejaVu Sans, Arial, sans-serif'
export const fontSize = 12
