import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/**
 * The rooms of packages/core/src, lowest first. A room is a file `x.ts` together with its folder `x/`.
 * A room imports itself and rooms above it in this table, never one below. `only` narrows that further.
 */
const rooms: readonly Room[] = [
  { name: 'version', what: 'the version that files are stamped with' },
  { name: 'errors', what: 'the error classes' },
  { name: 'random', what: 'injected generators' },
  { name: 'pacer', what: 'yielding, deadlines, abort' },
  { name: 'linalg', what: 'matrices and factorisations' },
  { name: 'loss', what: 'value, gradient, conjugate' },
  { name: 'targets', what: 'classes as targets of a loss' },
  { name: 'architecture', what: 'the atom map' },
  { name: 'reduction', what: 'the data in coordinates of their rank' },
  { name: 'spike-free', what: 'whether a ReLU of the data is linear in them' },
  { name: 'problem', what: 'data + loss + architecture + beta' },
  { name: 'dual', what: 'dual points made feasible, and how exactly they are' },
  { name: 'bound', what: 'ProvenBound, tied to one dual and one problem' },
  {
    name: 'proof',
    what: 'a tree of cones, written and checked: no search',
    only: ['errors', 'pacer', 'linalg', 'problem'],
  },
  { name: 'metrics', what: 'figures of merit on rows' },
  { name: 'arrangement', what: 'activation patterns and their cells' },
  { name: 'network', what: 'neurons: predict, objective, merge, prune' },
  {
    name: 'certificate',
    what: 'claims and certificates: trusts no search, only arithmetic',
    only: ['errors', 'linalg', 'loss', 'architecture', 'reduction', 'problem', 'dual', 'bound', 'network'],
  },
  { name: 'oracle', what: 'pricing' },
  { name: 'master', what: 'restricted masters' },
  { name: 'interior-point', what: 'least squares over second-order cones and half-spaces' },
  { name: 'relaxation', what: 'lower bounds by convex relaxation' },
  { name: 'solver', what: 'generators of claims' },
  { name: 'beta-max', what: 'the smallest β whose optimum is the zero network' },
  { name: 'baseline', what: 'uncertified methods, for comparison' },
  { name: 'train', what: 'the loop' },
  { name: 'audit', what: 'how far a network is from the best one, and what to change' },
  { name: 'path', what: 'the optimum as a function of β' },
  { name: 'settings', what: 'other tools’ settings in terms of β' },
  { name: 'preprocessing', what: 'column transforms that a model stores' },
  { name: 'cross-validation', what: 'the choice of β by rows left out' },
  { name: 'inspection', what: 'learning curve, importance, dependence' },
  { name: 'model', what: 'model and certificate files' },
  {
    name: 'verify',
    what: 'a certificate checked again, without solver code',
    except: ['solver', 'master', 'baseline'],
  },
  { name: 'estimator', what: 'fit / predict / score' },
  { name: 'index', what: 'what is exported' },
]

interface Room {
  readonly name: string
  readonly what: string
  /** The only rooms it may import, besides itself. */
  readonly only?: readonly string[]
  /** Rooms further up the table that it must not import all the same. */
  readonly except?: readonly string[]
}

/** Path relative to the package's `src`, with `/` → the file's text. */
type Sources = ReadonlyMap<string, string>

const packages = ['core', 'io', 'native', 'plot', 'cli'] as const
const root = fileURLToPath(new URL('..', import.meta.url))
const sources = Object.fromEntries(packages.map((name) => [name, readSources(`${root}packages/${name}/src`)]))

describe('packages/core/src', () => {
  test('is where this test looks', () => {
    expect(sources.core.keys()).toContain('index.ts')
  })

  test('a room imports only rooms above it in the table', () => {
    expect(layerViolations(sources.core)).toEqual([])
  })

  test('core imports relative files only: no package, no node module', () => {
    expect(foreignImports(sources.core, () => false)).toEqual([])
  })
})

describe('every package', () => {
  test.each(['io', 'plot'] as const)('%s imports no node module', (name) => {
    expect(foreignImports(sources[name], (target) => !isBuiltin(target))).toEqual([])
  })

  test.each(packages)('%s imports only packages that its package.json depends on', (name) => {
    const { dependencies, optionalDependencies } = JSON.parse(
      readFileSync(`${root}packages/${name}/package.json`, 'utf8'),
    )
    const known = { ...dependencies, ...optionalDependencies }
    expect(foreignImports(sources[name], (target) => isBuiltin(target) || target in known)).toEqual([])
  })

  test.each(packages)('%s has no import cycle between files', (name) => {
    expect(cycles(sources[name])).toEqual([])
  })

  test('cli loads plot only where something is drawn', () => {
    const reached = staticallyReached(sources.cli, 'main.ts')
    expect(reached.size).toBeGreaterThan(20)
    expect([...reached].filter((path) => importsOf(sources.cli.get(path) ?? '').includes('@relucent/plot'))).toEqual([])
  })

  test.each(packages.filter((name) => name !== 'cli'))('%s does not write to the console', (name) => {
    expect(consoleUses(sources[name])).toEqual([])
  })
})

describe('the checker itself', () => {
  const cases: readonly [what: string, path: string, source: string, message: string | undefined][] = [
    ['a step down the table', 'loss/squared.ts', "import { train } from '../train.ts'", 'loss must not import train'],
    ['a step up the table', 'solver/x.ts', "import { price } from '../oracle.ts'", undefined],
    ['a file of the same room', 'oracle/planar.ts', "import type { PricingOracle } from '../oracle.ts'", undefined],
    ['an oracle in certificate', 'certificate.ts', "import { p } from './oracle/planar.ts'", 'must not import oracle'],
    [
      'patterns in certificate',
      'certificate.ts',
      "import { p } from './arrangement.ts'",
      'must not import arrangement',
    ],
    ['a solver in verify', 'verify.ts', "import { s } from './solver.ts'", 'verify must not import solver'],
    ['a re-export', 'problem.ts', "export * from './solver.ts'", 'problem must not import solver'],
    [
      'a type import',
      'network.ts',
      "import type {\n  A,\n  B,\n} from './oracle.ts'",
      'network must not import oracle',
    ],
    ['a dynamic import', 'linalg/svd.ts', "const x = await import('../loss.ts')", 'linalg must not import loss'],
    ['a room nobody has named', 'attic/x.ts', '', 'attic is not in the table'],
  ]

  test.each(cases)('sees %s', (_what, path, source, message) => {
    const violations = layerViolations(new Map([[path, source]]))
    if (message === undefined) expect(violations).toEqual([])
    else expect(violations).toEqual([expect.stringContaining(message)])
  })

  test('sees packages, node modules, cycles and the console, and no import in a comment', () => {
    const synthetic: Sources = new Map([
      ['a.ts', "import { b } from './b/b.ts'\nimport fs from 'node:fs'\nimport 'papaparse'\n"],
      ['b/b.ts', "import { c } from '../c.ts'\n// console.log(1)\nexport const b = c\n"],
      ['c.ts', "export { a } from './a.ts'\n * import { d } from './d.ts'\nconsole.warn('c')\n"],
      ['d.ts', "import { a } from './a.ts'\nexport const from = 'papaparse'\n"],
    ])
    expect(foreignImports(synthetic, () => false)).toEqual(['a.ts imports node:fs', 'a.ts imports papaparse'])
    expect(cycles(synthetic)).toEqual(['a.ts → b/b.ts → c.ts → a.ts'])
    expect(consoleUses(synthetic)).toEqual(['c.ts'])
  })
})

function layerViolations(files: Sources): string[] {
  const violations: string[] = []
  for (const [path, source] of files) {
    const from = roomOf(path)
    const rank = rooms.findIndex((room) => room.name === from)
    if (rank < 0) {
      violations.push(`${path}: the room ${from} is not in the table at the top of test/layers.test.ts; add it there`)
      continue
    }
    const { only, except = [] } = rooms[rank]
    const allowed = only ?? rooms.slice(0, rank).map((room) => room.name)
    for (const target of importsOf(source).filter(isRelative)) {
      const to = roomOf(resolve(path, target))
      if (to !== from && (!allowed.includes(to) || except.includes(to))) {
        violations.push(`${path} imports ${target}: ${from} must not import ${to}`)
      }
    }
  }
  return violations
}

function foreignImports(files: Sources, isAllowed: (name: string) => boolean): string[] {
  return [...files].flatMap(([path, source]) =>
    importsOf(source)
      .filter((target) => !isRelative(target) && !isAllowed(packageOf(target)))
      .map((target) => `${path} imports ${target}`),
  )
}

/** One message per cycle, from a depth-first walk: an edge to a file on the current trail closes one. */
function cycles(files: Sources): string[] {
  const found: string[] = []
  const finished = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) found.push([...trail.slice(start), path].join(' → '))
    if (start >= 0 || finished.has(path)) return
    for (const target of importsOf(files.get(path) ?? '').filter(isRelative)) {
      visit(resolve(path, target), [...trail, path])
    }
    finished.add(path)
  }
  for (const path of files.keys()) visit(path, [])
  return found
}

function consoleUses(files: Sources): string[] {
  return [...files]
    .filter(([, source]) => /^(?!\s*(?:\/\/|\*|\/\*)).*\bconsole\s*\./m.test(source))
    .map(([path]) => path)
}

/** The files that are loaded together with this one: those it imports, and what they import, but for dynamic imports. */
function staticallyReached(files: Sources, from: string): Set<string> {
  const reached = new Set([from])
  for (const path of reached) {
    for (const target of staticImportsOf(files.get(path) ?? '').filter(isRelative)) reached.add(resolve(path, target))
  }
  return reached
}

function importsOf(source: string): string[] {
  const dynamic = /^(?!\s*(?:\/\/|\*|\/\*)).*?\bimport\(\s*['"]([^'"]+)['"]/gm
  return [...staticImportsOf(source), ...[...source.matchAll(dynamic)].map((match) => match[1])]
}

/** Relies on the formatter: a static import or re-export starts its line, a comment never starts with either word. */
function staticImportsOf(source: string): string[] {
  const patterns = [/^(?:import|export)\s[^'"`;=]*?\bfrom\s*['"]([^'"]+)['"]/gm, /^import\s*['"]([^'"]+)['"]/gm]
  return patterns.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1]))
}

function isRelative(target: string): boolean {
  return target.startsWith('.')
}

function resolve(path: string, target: string): string {
  return posix.join(posix.dirname(path), target)
}

function roomOf(path: string): string {
  return path.split('/')[0].replace(/\.ts$/, '')
}

/** `@scope/name/deep` → `@scope/name`; a node module stays as written. */
function packageOf(target: string): string {
  if (isBuiltin(target)) return target
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Only what is shipped: tests, conformance suites, fixtures and benches may import what they like. */
function readSources(folder: string): Sources {
  const shipped = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !/\.(test|conformance|fixtures|bench|d)\.ts$/.test(path))
  return new Map(shipped.toSorted().map((path) => [path, readFileSync(`${folder}/${path}`, 'utf8')]))
}
