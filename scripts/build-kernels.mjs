// Compiles kernels/ to WebAssembly, in a strict and a relaxed build, and writes both into one module of
// packages/core/src as base64, so that they load wherever the module does. Nothing is done while the stamp is current.
// Run before every compilation and by the tests' set-up.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const compiler = JSON.parse(readFileSync(join(root, 'node_modules/assemblyscript/package.json'), 'utf8')).version
const target = `${root}packages/core/src/linalg/kernels/binaries.generated.ts`
const flags = '-O3 --noAssert --uncheckedBehavior always --runtime stub --enable simd --disableWarning 112'.split(' ')
const builds = { strict: [], relaxed: ['--enable', 'relaxed-simd'] }

await setup()

/** Also what vitest calls before the tests. */
export async function setup() {
  const sources = new Map(sourceNames().map((name) => [name, readFileSync(join(root, name), 'utf8')]))
  const stamp = `// ${stampOf(sources)}\n`
  if (existsSync(target) && readFileSync(target, 'utf8').startsWith(stamp)) return
  let text = stamp
  for (const [name, more] of Object.entries(builds)) {
    text += `export const ${name}: string = '${Buffer.from(await compile(sources, more)).toString('base64')}'\n`
  }
  mkdirSync(dirname(target), { recursive: true })
  const part = `${target}.${process.pid}`
  writeFileSync(part, text)
  renameSync(part, target)
  console.log(`kernels: ${basename(target)} written`)
}

function sourceNames() {
  return readdirSync(join(root, 'kernels'), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `kernels/${name.replaceAll('\\', '/')}`)
    .toSorted()
}

function stampOf(sources) {
  const hash = createHash('sha256')
    .update(compiler)
    .update(readFileSync(fileURLToPath(import.meta.url)))
  for (const [name, text] of sources) hash.update(`${name}\0${text}\0`)
  return hash.digest('hex')
}

/** Every file directly in kernels/ adds its exports to the module; those in folders are for these files alone. */
async function compile(sources, more) {
  const entries = [...sources.keys()].filter((name) => dirname(name) === 'kernels')
  let binary
  const { default: asc } = await import('assemblyscript/asc') // half a second that a current stamp saves
  const report = []
  const { error } = await asc.main([...entries, '--baseDir', root, '--outFile', 'kernels.wasm', ...flags, ...more], {
    readFile: (name) => sources.get(name) ?? null,
    writeFile: (name, contents) => {
      if (name.endsWith('.wasm')) binary = contents
    },
    listFiles: () => [],
    stderr: { write: (text) => report.push(text) },
  })
  if (error) throw new Error(`kernels do not compile:\n${report.join('')}`)
  return binary
}
