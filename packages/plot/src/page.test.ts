import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { type Block, type Page, renderPage } from './page.ts'
import { hostile, writtenHostile } from './plot.fixtures.ts'

function pageWith(text: string): Page {
  const blocks: Block[] = [
    { kind: 'text', text },
    { kind: 'notice', text },
    { kind: 'list', items: [text, text] },
    { kind: 'code', text },
    { kind: 'facts', facts: [[text, text]] },
    { kind: 'figure', svg: '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>\n', caption: text },
    { kind: 'table', caption: text, columns: [{ name: text, numeric: true }, { name: text }], rows: [[text, text]] },
  ]
  return {
    title: text,
    verdict: { tone: 'good', headline: text, sentences: [text] },
    sections: [{ title: text, blocks }],
    footer: text,
  }
}

test('text is shown as it is, wherever it stands, and makes no element', () => {
  const tags = (html: string): string[] => [...parseHTML(html).document.querySelectorAll('*')].map((one) => one.tagName)
  const harmless = tags(renderPage(pageWith('harmless')))
  hostile.forEach((text, k) => {
    const html = renderPage(pageWith(text))
    const { document } = parseHTML(html)
    expect(tags(html)).toEqual(harmless)
    for (const selector of [
      'h1',
      'h2',
      'p',
      'li:last-child',
      'pre',
      'dt',
      'dd',
      'figcaption',
      'caption',
      'th',
      'td',
      'footer',
    ]) {
      expect(document.querySelector(`body ${selector}`)?.textContent).toBe(writtenHostile[k])
    }
    expect(document.querySelector('[role=region]')?.getAttribute('aria-label')).toBe(writtenHostile[k])
  })
})

test('the page allows itself no script and no request, and names nothing outside', () => {
  const html = renderPage(pageWith('x'))
  expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`)
  expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|src=|@import|url\(/)
})

test('headings are linked from the contents, and cells of numbers line up', () => {
  const { document } = parseHTML(renderPage(pageWith('x')))
  const target = document.querySelector('nav a')?.getAttribute('href') ?? ''
  expect(document.querySelector(target)?.tagName).toBe('H2')
  expect(document.querySelectorAll('td.number')).toHaveLength(1)
})
