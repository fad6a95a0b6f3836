import { styleSheet } from './page/style.ts'
import { escapeText } from './text.ts'

/** A document of text, figures and tables. All text is plain: it is escaped when it is written. */
export interface Page {
  readonly title: string
  /** What the page says, before everything else. */
  readonly verdict?: Verdict
  readonly sections: readonly Section[]
  readonly footer?: string
}

export interface Verdict {
  /** `good` is what was hoped for, `open` falls short of it, `bad` must not be relied on. */
  readonly tone: 'good' | 'open' | 'bad'
  readonly headline: string
  readonly sentences: readonly string[]
}

export interface Section {
  readonly title: string
  readonly blocks: readonly Block[]
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] }
  | FigureBlock
  | TableBlock

/** `svg` is the text of a figure from this library with the surface `page`; it is written as it is. */
export interface FigureBlock {
  readonly kind: 'figure'
  readonly svg: string
  readonly caption: string
}

export interface TableBlock {
  readonly kind: 'table'
  readonly caption: string
  readonly columns: readonly { readonly name: string; readonly numeric?: boolean }[]
  readonly rows: readonly (readonly string[])[]
}

/**
 * The page as one HTML file that needs nothing else: no script, no request, figures inline, in light and dark and on
 * paper. A content security policy in its head has the browser enforce that.
 */
export function renderPage({ title, verdict, sections, footer }: Page): string {
  const contents = sections.map((section, k) => `<li><a href="#section-${k + 1}">${escapeText(section.title)}</a></li>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeText(title)}</title>
<style>${styleSheet}</style>
</head>
<body>
<main>
<h1>${escapeText(title)}</h1>
${verdict === undefined ? '' : verdictHtml(verdict)}<nav aria-label="Contents"><ol>${contents.join('')}</ol></nav>
${sections.map(sectionHtml).join('')}</main>
${footer === undefined ? '' : `<footer>${escapeText(footer)}</footer>\n`}</body>
</html>
`
}

function verdictHtml({ tone, headline, sentences }: Verdict): string {
  const paragraphs = sentences.map((sentence) => `<p>${escapeText(sentence)}</p>`).join('\n')
  return `<section class="verdict ${tone}" aria-label="Verdict">
<p class="headline">${escapeText(headline)}</p>
${paragraphs}
</section>
`
}

function sectionHtml({ title, blocks }: Section, position: number): string {
  const id = `section-${position + 1}`
  const content = blocks.map((block) => `${blockHtml(block)}\n`).join('')
  return `<section aria-labelledby="${id}">\n<h2 id="${id}">${escapeText(title)}</h2>\n${content}</section>\n`
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escapeText(block.text)}</p>`
    case 'notice':
      return `<p class="notice" role="note">${escapeText(block.text)}</p>`
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${escapeText(item)}</li>`).join('')}</ul>`
    case 'code':
      return `<pre tabindex="0"><code>${escapeText(block.text)}</code></pre>`
    case 'facts':
      return `<dl>${block.facts.map(factHtml).join('')}</dl>`
    case 'figure':
      return `<figure>${block.svg.trimEnd()}<figcaption>${escapeText(block.caption)}</figcaption></figure>`
    case 'table':
      return tableHtml(block)
  }
}

function factHtml([name, value]: readonly [name: string, value: string]): string {
  return `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd></div>`
}

/** In a box of its own that scrolls: a wide table must not make the page wide. */
function tableHtml({ caption, columns, rows }: TableBlock): string {
  const kind = (k: number): string => (columns[k]?.numeric ? ' class="number"' : '')
  const head = columns.map(({ name }, k) => `<th scope="col"${kind(k)}>${escapeText(name)}</th>`).join('')
  const body = rows.map((row) => `<tr>${row.map((cell, k) => `<td${kind(k)}>${escapeText(cell)}</td>`).join('')}</tr>`)
  const label = escapeText(caption)
  return `<div class="table" role="region" aria-label="${label}" tabindex="0"><table><caption>${label}</caption><thead><tr>${head}</tr></thead><tbody>
${body.join('\n')}
</tbody></table></div>`
}
