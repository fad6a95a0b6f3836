// Checks what users install: packs every package, lints the tarballs, installs them in an empty folder, and there runs
// the command, imports the library and type-checks a consumer. Run by `npm run check:packages`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A check that did not hold, as opposed to a fault of this script. */
class StepFailure extends Error {}

const root = fileURLToPath(new URL('..', import.meta.url))
const published = ['core', 'io', 'native', 'plot', 'cli']
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'relucent-packages-')))
const consumer = join(scratch, 'consumer')

try {
  step('build from nothing', build)
  const tarballs = published.map((name) => step(`pack ${name}`, () => pack(name)))
  for (const tarball of tarballs) {
    step(`publint ${tarball.file}`, () => run(tool('publint'), [tarball.path, '--strict'], root))
    step(`attw ${tarball.file}`, () => run(tool('attw'), [tarball.path, '--profile', 'esm-only'], root))
  }
  step('install the tarballs in an empty folder', () => install(tarballs))
  step('npx relucent fit certifies a small problem', fitSmallProblem)
  step('plain ESM imports relucent and @relucent/core', importLibrary)
  step('types: module node16 with @types/node', () =>
    typeCheck('node16', { module: 'node16', lib: ['es2023'], types: ['node'], typeRoots: [nodeModules('@types')] }),
  )
  step('types: moduleResolution bundler with lib.dom', () =>
    typeCheck('bundler', { module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom'], types: [] }),
  )
  console.log('packages are fit to publish')
} catch (error) {
  console.error(error instanceof StepFailure ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function build() {
  for (const name of published) rmSync(join(root, 'packages', name, 'dist'), { recursive: true, force: true })
  run(tool('tsc'), ['-b'], root)
  run(process.execPath, ['scripts/write-schemas.mjs'], root)
}

function pack(name) {
  const [packed] = Object.values(
    JSON.parse(run('npm', ['pack', '--json', '--pack-destination', scratch], join(root, 'packages', name))),
  )
  const shipped = packed.files.map(({ path }) => path)
  for (const needed of ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts']) {
    if (!shipped.includes(needed)) fail(`${packed.filename} lacks ${needed}`)
  }
  const stray = shipped.filter((path) => /\.(test|conformance|fixtures|bench)\.|tsbuildinfo/.test(path))
  if (stray.length > 0) fail(`${packed.filename} ships ${stray.join(', ')}`)
  return { file: packed.filename, path: join(scratch, packed.filename) }
}

function install(tarballs) {
  mkdirSync(consumer)
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
  run('npm', ['install', ...flags, ...tarballs.map(({ path }) => path)], consumer)
}

/** A kink and a slope: y = (x)₊ − ½x on a grid, small enough to be certified at once. */
function fitSmallProblem() {
  const rows = Array.from({ length: 9 }, (_, i) => i / 2 - 2).map((x) => `${x},1,${Math.max(x, 0) - x / 2}`)
  writeFileSync(join(consumer, 'data.csv'), `${['x,one,y', ...rows].join('\n')}\n`)
  const flags = ['--target', 'y', '--beta', '1', '--out', 'model.json', '--report', 'report.html', '--json']
  const result = JSON.parse(run('npx', ['--no-install', 'relucent', 'fit', 'data.csv', ...flags], consumer))
  const { status, objective, lowerBound, relativeGap } = result
  if (status !== 'optimal') fail(`status: expected optimal, got ${status}`)
  if (!(Number.isFinite(lowerBound) && relativeGap <= 1e-6)) {
    fail(
      `expected a relative gap of at most 1e-6, got ${relativeGap} (lowerBound ${lowerBound}, objective ${objective})`,
    )
  }
  for (const name of ['model.json', 'report.html']) {
    if (!existsSync(join(consumer, name))) fail(`${name} was not written`)
  }
}

function importLibrary() {
  writeFileSync(
    join(consumer, 'plain.mjs'),
    `import { ReluRegressor, train } from 'relucent'
import * as core from '@relucent/core'
import * as io from '@relucent/io'
import { nativeBackend } from '@relucent/native'
import schema from 'relucent/schema/output.schema.json' with { type: 'json' }
import { lines } from '@relucent/plot'
if (!('$schema' in schema)) throw new Error('relucent/schema/output.schema.json must be a JSON schema')
if (ReluRegressor !== core.ReluRegressor || train !== core.train) throw new Error('relucent must re-export @relucent/core')
if (Object.keys(io).length === 0) throw new Error('@relucent/io exports nothing')
if (nativeBackend({ libraries: ['none'] }).backend !== null) throw new Error('a library that is not there was found')
if (!lines({ series: [{ x: [0, 1], y: [0, 1] }] }).startsWith('<svg')) throw new Error('a figure must be SVG text')
const model = new ReluRegressor({ beta: 0.1 })
await model.fit([[-1], [0], [1]], [0, 0, 1])
if (!model.predict([[0.5]]).every(Number.isFinite)) throw new Error('predict must return numbers')
`,
  )
  run(process.execPath, ['plain.mjs'], consumer)
}

function typeCheck(name, compilerOptions) {
  writeFileSync(
    join(consumer, 'consumer.ts'),
    `import { ReluRegressor, train } from 'relucent'
import * as core from '@relucent/core'
import * as io from '@relucent/io'
import { type NativeLookup, nativeBackend } from '@relucent/native'
import { lines, type LinesOptions, renderPage, renderPng } from '@relucent/plot'

export const found: NativeLookup = nativeBackend()
export const sameTrain: typeof core.train = train
export const codecs: object = io
export const draw: (options: LinesOptions) => string = lines
export const pages: [typeof renderPage, typeof renderPng] = [renderPage, renderPng]
export async function fitted(signal: AbortSignal): Promise<ArrayLike<number> | ArrayLike<number>[]> {
  const model = new ReluRegressor({ beta: 0.1 })
  await model.fit([[-1], [0], [1]], [0, 0, 1], { signal })
  return model.predict([[0.5]])
}
`,
  )
  const options = { target: 'es2022', strict: true, skipLibCheck: false, noEmit: true, ...compilerOptions }
  const project = join(consumer, `tsconfig.${name}.json`)
  writeFileSync(project, JSON.stringify({ compilerOptions: options, files: ['consumer.ts'] }))
  run(tool('tsc'), ['-p', project], consumer)
}

/** Runs one step and says how it went; a failing step ends the script. */
function step(title, action) {
  const start = performance.now()
  try {
    const result = action()
    console.log(`ok    ${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
    return result
  } catch (error) {
    console.error(`FAIL  ${title}`)
    throw error
  }
}

/** Standard output of a command that must succeed. */
function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (error) fail(`${command}: ${error.message}`)
  if (status !== 0) fail(`${[command, ...args].join(' ')}: exit ${status}\n${stdout}${stderr}`)
  return stdout
}

function tool(name) {
  return nodeModules('.bin', name)
}

function nodeModules(...path) {
  return join(root, 'node_modules', ...path)
}

function fail(message) {
  throw new StepFailure(message)
}
