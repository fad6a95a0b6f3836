import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { type Body, inTags, rounded } from './body.ts'
import { writable } from './text.ts'

/** Plot's drawing as a body. Equal options give equal text, in any process and any order. */
export function bodyOf(options: Plot.PlotOptions): Body {
  const { document } = parseHTML('<html><body></body></html>')
  const drawn = Plot.plot({ ...options, document })
  drawn.querySelector('style')?.remove()
  return {
    content: withOwnIds(withShortNumbers(writable(drawn.innerHTML))),
    width: Number(drawn.getAttribute('width')),
    height: Number(drawn.getAttribute('height')),
  }
}

function withShortNumbers(svg: string): string {
  return inTags(svg, (tag) => tag.replaceAll(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(rounded(Number(number)))))
}

/**
 * Plot numbers its clip paths through the life of the process, so that the same figure would differ from one drawing to
 * the next, and two figures on a page could share a number: ids are named after what the figure contains.
 */
function withOwnIds(svg: string): string {
  const order = new Map<string, number>()
  const numbered = (id: string): number => order.get(id) ?? order.set(id, order.size).size - 1
  const neutral = inTags(svg, (tag) => tag.replaceAll(/\bplot-clip-\d+\b/g, (id) => `clip-${numbered(id)}`))
  if (order.size === 0) return svg
  const name = hash(neutral)
  return inTags(neutral, (tag) => tag.replaceAll(/\bclip-(\d+)\b/g, (_, k: string) => `clip-${name}-${k}`))
}

/** FNV-1a over code units. */
function hash(text: string): string {
  let value = 0x811c9dc5
  for (let k = 0; k < text.length; k++) value = Math.imul(value ^ text.charCodeAt(k), 0x01000193)
  return (value >>> 0).toString(36)
}
