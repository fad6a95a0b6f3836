import type { RenderedImage, ResvgRenderOptions } from '@resvg/resvg-js'

export interface PngOptions {
  /** Pixels per pixel of the figure. */
  readonly scale?: number
  /** Paths of font files; without them the machine's own fonts are used. */
  readonly fonts?: readonly string[]
}

/** PNG cannot be written here, and why. */
export class PngUnavailableError extends Error {
  override readonly name = 'PngUnavailableError'
}

/**
 * The figure as a PNG image, by the optional package @resvg/resvg-js.
 *
 * @throws PngUnavailableError where that package is not installed, or there is no font to write the labels with: a figure
 *   without its labels is worse than none.
 */
export async function renderPng(svg: string, { scale = 2, fonts }: PngOptions = {}): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js').catch((error: unknown) => {
    const hint = 'install it, or use the SVG text'
    throw new PngUnavailableError(`renderPng: @resvg/resvg-js cannot be loaded; ${hint}`, { cause: error })
  })
  const font = fonts === undefined ? { loadSystemFonts: true } : { loadSystemFonts: false, fontFiles: [...fonts] }
  const render = (text: string, options: ResvgRenderOptions): RenderedImage => new Resvg(text, options).render()
  if (!render(probe, { font }).pixels.some((value) => value > 0)) {
    throw new PngUnavailableError(
      'renderPng: no font was found to write labels with; install one, or name files in `fonts`',
    )
  }
  return render(svg, { font, fitTo: { mode: 'zoom', value: scale } }).asPng()
}

/** A letter and nothing else: every pixel is empty without a font. */
const probe =
  '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><text x="2" y="16" font-family="sans-serif">M</text></svg>'
