import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { onPaper, type Page, PngUnavailableError, renderPng } from '@relucent/plot'
import { inputError } from '../errors.ts'
import { openOutput } from '../files.ts'
import type { Terminal } from '../terminal.ts'
import { figuresOf } from './document.ts'

/** Writes every figure of a page as SVG, and as PNG where the optional rasteriser is. Answers the files. */
export async function writeFigures(
  page: Page,
  folder: string,
  { force = false }: { readonly force?: boolean },
  terminal: Terminal,
): Promise<string[]> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    const what = `the folder cannot be made (${error instanceof Error ? error.message : String(error)})`
    throw inputError('unwritable-file', what, { file: folder })
  })
  // All are opened first: either none of them exists, or none is written.
  const outputs = []
  for (const { name, svg } of figuresOf(page)) {
    const [vector, raster] = [join(folder, `${name}.svg`), join(folder, `${name}.png`)]
    outputs.push({ svg, vector: await openOutput(vector, { force }), raster: await openOutput(raster, { force }) })
  }
  const files: string[] = []
  let rasterises = true
  for (const { svg, vector, raster } of outputs) {
    const paper = onPaper(svg)
    await vector.write(paper)
    files.push(vector.path)
    const png: Uint8Array | undefined = rasterises ? await pngOf(paper, terminal) : undefined
    rasterises = png !== undefined
    if (png === undefined) continue
    await raster.write(png)
    files.push(raster.path)
  }
  return files
}

async function pngOf(svg: string, terminal: Terminal): Promise<Uint8Array | undefined> {
  try {
    return await renderPng(svg)
  } catch (error) {
    if (!(error instanceof PngUnavailableError)) throw error
    terminal.warn(`figures are written as SVG only: ${error.message.replace('renderPng: ', '')}`)
    return undefined
  }
}
