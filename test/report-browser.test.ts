import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeCsv } from '@relucent/io'
import { expectExit, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const executable = [process.env.RELUCENT_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
)
const reason = 'no Chromium at /usr/bin/chromium; RELUCENT_CHROMIUM names another'

let browser: Browser | undefined

beforeAll(async () => {
  if (executable === undefined) return
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
  browser = await chromium.launch({ executablePath: executable, args })
  scratch.write('plane.csv', plantedCsv(1, { n: 40, d: 2 }))
  scratch.write('space.csv', plantedCsv(2, { n: 20, d: 3 }))
  const rows = Array.from({ length: 15 }, (_, i) => [i / 3 - 2, Math.abs(i / 3 - 2), 1 - i / 9])
  scratch.write('curve.csv', writeCsv(['</style><script>alert(1)</script>', '"><img src=//x.invalid/y>', 'z'], rows))
  const fits = ['plane.csv --target y', 'space.csv --target y', 'curve.csv --target 2,3 --bias']
  for (const [k, line] of fits.entries()) {
    const args = `fit ${line} --beta 0.5 --out ${k}.json --report ${k}.html`.split(' ')
    expectExit(await relucent(args, { cwd: scratch.path() }), 0)
  }
})

afterAll(() => browser?.close())

describe.each([0, 1, 2])('page %i', (k) => {
  test.for(['light', 'dark'] as const)(
    'opens in %s without a message, a request or a script',
    async (scheme, { skip }) => {
      if (browser === undefined) return skip(reason)
      const page = await browser.newPage({ colorScheme: scheme, viewport: { width: 1000, height: 800 } })
      const seen: string[] = []
      page.on('console', (message) => seen.push(`${message.type()}: ${message.text()}`))
      page.on('pageerror', (error) => seen.push(`error: ${error.message}`))
      page.on('dialog', (dialog) => seen.push(`dialog: ${dialog.message()}`))
      const url = pathToFileURL(join(scratch.path(), `${k}.html`)).href
      page.on('request', (request) => {
        if (request.url() !== url) seen.push(`request: ${request.url()}`)
      })
      await page.goto(url)
      expect(await page.locator('script, img, iframe, object, link:not([rel=icon])').count()).toBe(0)
      expect(await page.locator('figure > svg[role=img][aria-label]').count()).toBe(
        await page.locator('figure').count(),
      )
      expect(await page.locator('figure').count()).toBeGreaterThan(2)
      expect(seen).toEqual([])
      await page.close()
    },
  )

  test.for([360, 1000])('at %i pixels nothing is wider than the window', async (width, { skip }) => {
    if (browser === undefined) return skip(reason)
    const page = await browser.newPage({ viewport: { width, height: 800 } })
    await page.goto(pathToFileURL(join(scratch.path(), `${k}.html`)).href)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    const figures = await page.locator('figure > svg').all()
    for (const figure of figures) {
      const box = await figure.boundingBox()
      expect(box && box.x >= 0 && box.x + box.width <= width && box.height > 50).toBe(true)
    }
    await page.close()
  })
})
