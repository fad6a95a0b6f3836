import { existsSync } from 'node:fs'

/** What `npm run bench -- <command>` knows; each is a file of the same name beside this one, with its own options. */
const commands: Record<string, string> = {
  targets: 'whole runs on generated and real data: what version 0.1 set out to reach (the default)',
  pricing: 'exact pricing at scale: every figure of it, then kernels, native and threads',
  duals: 'trains for some seconds and writes the duals near the optimum that `pricing` prices',
  tables: 'writes the tables of docs/benchmarks.md and the figures anew from bench/out, measuring nothing',
  csv: 'reading a large CSV file, beside the parsers of npm',
  kernels: 'the WASM kernels',
  native: 'the native backend',
  threads: 'nodes per second with one thread and with two',
  master: 'the restricted master exchanged',
  oracle: 'the exact oracle exchanged',
  'cross-validation': 'accuracy on rows left out beside logistic regression and gradient descent, on four UCI sets',
  bounds: 'bounds and cuts that branch and bound does without',
  losses: 'every loss certified, and a hundred runs of gradient methods against each bound',
  conic: 'conic methods beside each other on relaxations',
  semidefinite: 'the semidefinite relaxation without patterns',
  rounding: 'networks rounded from it, by several methods',
  relaxations: 'relaxations against certified optima, as pricing, and in the hybrid solver',
  'spike-free-relaxation': 'the relaxation (20) of whitened data along β, n = 100 with 3,072 outputs',
  literature: 'the solvers of the vector-output paper beside column generation',
  whitened: 'Theorem 2 of that paper on 3,000 whitened images',
}

const [first = '', ...rest] = process.argv.slice(2)
const named = first !== '' && !first.startsWith('-')
const command = named ? first : 'targets'
if (named) process.argv.splice(2, Number.POSITIVE_INFINITY, ...rest)

const script = new URL(`${command}.js`, import.meta.url)
if (first === '--help' || !(command in commands) || !existsSync(script)) {
  const width = Math.max(...Object.keys(commands).map(({ length }) => length))
  const lines = Object.entries(commands).map(([name, what]) => `  ${name.padEnd(width)}  ${what}`)
  console.log(['npm run bench -- [command] [options]', ...lines].join('\n'))
  process.exit(first === '--help' ? 0 : 2)
}
await import(script.href)
