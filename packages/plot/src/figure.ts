import { type Body, rounded, stacked } from './body.ts'
import { type LegendEntry, legendRows } from './legend.ts'
import { escapeText, wrapped } from './text.ts'
import { fontFamily, fontSize, type Surface, themes } from './theme.ts'

/** What every figure has, whatever it shows. */
export interface FigureOptions {
  /** Above the figure. */
  readonly title?: string
  /** Below it: what is seen, and where it is from. */
  readonly caption?: string
  /** For those who do not see the figure. Default: title and caption. */
  readonly alt?: string
  /** Of the whole figure, in pixels. */
  readonly width?: number
  /** Of the part with the data, in pixels; title, legend and caption come on top. */
  readonly height?: number
  readonly surface?: Surface
}

export const defaultWidth = 640
export const defaultHeight = 360

const titleSize = 14
const lineHeight = 1.35

/** A body with title, legend and caption: the text of an SVG file. */
export function frame(body: Body, options: FigureOptions, legend: readonly LegendEntry[] = []): string {
  const { surface = 'paper', title, caption } = options
  const { ink, paper } = themes[surface]
  const { width } = body
  const { content, height } = stacked([
    ...textBlock(title, titleSize, width, 'font-weight="600"'),
    ...legendRows(legend, width, surface),
    body,
    ...textBlock(caption, fontSize, width, 'opacity="0.8"'),
  ])
  const alt = options.alt ?? [title, caption].filter((text) => text !== undefined).join('. ')
  const attributes = [
    'xmlns="http://www.w3.org/2000/svg"',
    `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    `font-family="${escapeText(fontFamily)}" font-size="${fontSize}" text-anchor="middle"`,
    `style="color:${ink}" fill="currentColor"`,
    alt === '' ? 'role="img"' : `role="img" aria-label="${escapeText(alt)}"`,
  ]
  const background = surface === 'paper' ? `<rect width="${width}" height="${height}" fill="${paper}"/>` : ''
  return `<svg ${attributes.join(' ')}>${background}${content}</svg>\n`
}

function textBlock(text: string | undefined, size: number, width: number, attributes: string): Body[] {
  const lines = wrapped(text ?? '', size, width - 16)
  if (lines.length === 0) return []
  const written = lines.map(
    (line, k) => `<text x="8" y="${rounded(size * (1 + lineHeight * k) + 4)}">${escapeText(line)}</text>`,
  )
  const content = `<g text-anchor="start" font-size="${size}" ${attributes}>${written.join('')}</g>`
  return [{ content, width, height: Math.ceil(size * lineHeight * lines.length + 8) }]
}
