import { type Body, rounded } from '../body.ts'
import { defaultWidth, type FigureOptions, frame } from '../figure.ts'
import { type Pixels, pngOf } from '../pixels.ts'
import { escapeText, estimatedWidth, truncated } from '../text.ts'
import { fontSize } from '../theme.ts'

/** Pictures in a row, all of one size. */
export interface GalleryRow {
  /** Beside the row. */
  readonly name: string
  /** Under the name. */
  readonly note?: string
  readonly images: readonly Pixels[]
}

export interface GalleryOptions extends Omit<FigureOptions, 'height'> {
  readonly rows: readonly GalleryRow[]
}

const longestName = 190
const lineHeight = 16
const space = 3

/** Small pictures in rows, one below the other in columns of the same subject: what was asked for, and what came out. */
export function gallery({ rows, ...options }: GalleryOptions): string {
  const width = options.width ?? defaultWidth
  const names = rows.map(({ name, note = '' }) => [name, note].map((text) => truncated(text, fontSize, longestName)))
  const left = 16 + Math.max(0, ...names.flat().map((text) => estimatedWidth(text, fontSize)))
  const columns = Math.max(1, ...rows.map(({ images }) => images.length))
  const size = (width - left - 8) / columns
  let height = 0
  const content = rows.map(({ images }, k) => {
    const [shape] = images
    const tall = shape ? ((size - space) * shape.height) / shape.width : lineHeight
    const written = names[k].filter((text) => text !== '')
    const first = height + tall / 2 + fontSize / 3 - ((written.length - 1) * lineHeight) / 2
    const label = written.map(
      (text, line) =>
        `<text x="${rounded(left - 8)}" y="${rounded(first + line * lineHeight)}" text-anchor="end">${escapeText(text)}</text>`,
    )
    const drawn = images.map((image, j) => picture(image, { x: left + j * size, y: height, width: size - space }))
    height += tall + space
    return label.join('') + drawn.join('')
  })
  const body: Body = { content: content.join(''), width, height: Math.ceil(height) }
  return frame(body, options)
}

function picture(image: Pixels, { x, y, width }: { x: number; y: number; width: number }): string {
  const height = (width * image.height) / image.width
  const place = `x="${rounded(x)}" y="${rounded(y)}" width="${rounded(width)}" height="${rounded(height)}"`
  let binary = ''
  for (const byte of pngOf(image)) binary += String.fromCharCode(byte)
  return `<image ${place} style="image-rendering:pixelated" href="data:image/png;base64,${btoa(binary)}"/>`
}
