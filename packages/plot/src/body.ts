/** A drawing without a frame: SVG elements, from (0, 0) to (width, height). */
export interface Body {
  readonly content: string
  readonly width: number
  readonly height: number
}

/** One below the other, as one. */
export function stacked(bodies: readonly Body[]): Body {
  let height = 0
  const content = bodies.map((body) => {
    const group = `<g transform="translate(0,${height})">${body.content}</g>`
    height += body.height
    return group
  })
  return { content: content.join(''), width: Math.max(0, ...bodies.map(({ width }) => width)), height }
}

/** Applied to tags only: what stands in a label is data. */
export function inTags(svg: string, change: (tag: string) => string): string {
  return svg.replaceAll(/<[^>]*>/g, change)
}

/** To a hundredth of a pixel. */
export function rounded(value: number): number {
  return Number(value.toFixed(2))
}
