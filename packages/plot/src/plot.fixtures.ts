import { parseHTML } from 'linkedom'

/** Text that breaks whatever pastes it into a page or a drawing as it is. */
export const hostile: readonly string[] = [
  '</text></svg><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onload='alert(1)",
  ']]> <!-- &amp; &#0; -->',
  '</title></style><style>*{display:none}</style>',
  '{{constructor}} ${alert(1)} \\u003cscript',
  '\u0000\u0008\uFFFE\uD800 control',
  '😀 汉字 عربي',
]

/** The same as it can be written: what XML has no way to write is replaced. */
export const writtenHostile: readonly string[] = hostile.map((text) =>
  text.replace('\u0000\u0008\uFFFE\uD800', '\uFFFD\uFFFD\uFFFD\uFFFD'),
)

type DomElement = ReturnType<typeof parseHTML>['document']['documentElement']

export function elements(svg: string, selector: string): DomElement[] {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`)
  return [...document.querySelectorAll(selector)]
}

export function numbersOf(text: string | null): number[] {
  return [...(text ?? '').matchAll(/-?\d+(?:\.\d+)?/g)].map(([number]) => Number(number))
}

/** The corners of the paths of a mark, in pixels. */
export function corners(svg: string, mark: string): [x: number, y: number][][] {
  return elements(svg, `g[aria-label="${mark}"] path`).map((path) => {
    const numbers = numbersOf(path.getAttribute('d'))
    return Array.from({ length: numbers.length / 2 }, (_, k) => [numbers[2 * k], numbers[2 * k + 1]])
  })
}

/** Where symbols stand, in pixels. */
export function places(svg: string, mark = 'dot'): [x: number, y: number][] {
  return elements(svg, `g[aria-label="${mark}"] > *`).map((one) => {
    const [x, y] = numbersOf(one.getAttribute('transform'))
    return [x ?? Number(one.getAttribute('cx')), y ?? Number(one.getAttribute('cy'))]
  })
}
