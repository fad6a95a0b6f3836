import { type Body, inTags, rounded, stacked } from './body.ts'
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
  const { ink } = themes[surface]
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
  const background = surface === 'paper' ? paperRect(width, height) : ''
  return `<svg ${attributes.join(' ')}>${background}${content}</svg>\n`
}

/** A figure that was drawn for a page as a file of its own: dark on white, whatever is around it. */
export function onPaper(figure: string): string {
  const { page, paper } = themes
  const pageInk = `style="color:${page.ink}"`
  const { tag, width, height } = rootOf(figure)
  // Drawn on paper already, it has its background.
  if (!tag.includes(pageInk)) return figure
  const colored = inTags(figure, (one) =>
    one.replaceAll(pageInk, `style="color:${paper.ink}"`).replaceAll(`"${page.paper}"`, `"${paper.paper}"`),
  )
  return colored.replace(/^[^>]*>/, (root) => root + paperRect(width, height))
}

export interface Root {
  readonly tag: string
  readonly width: number
  readonly height: number
}

/** The root element that `frame` wrote. */
export function rootOf(figure: string): Root {
  const found = /^<svg xmlns="[^"]*" width="([\d.]+)" height="([\d.]+)"[^>]*>/.exec(figure)
  if (found === null) throw new TypeError('figures must be SVG text from this library, got something else')
  return { tag: found[0], width: Number(found[1]), height: Number(found[2]) }
}

function paperRect(width: number, height: number): string {
  return `<rect width="${width}" height="${height}" fill="${themes.paper.paper}"/>`
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
