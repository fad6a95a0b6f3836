import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream, existsSync, mkdirSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { seededRandom } from '@relucent/core'
import { header } from './conditions.ts'
import { csvReaders } from './csv-readers.ts'
import { median, secondsText, table } from './report.ts'

/**
 * Reading a large CSV file of numbers into a matrix, beside the parsers of npm, each in a process of its own.
 *
 *     npm run bench -- csv [--megabytes 100] [--digits 17|7] [--repeat 3] [--seed 0]
 */
const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '100' },
    digits: { type: 'string' },
    repeat: { type: 'string', default: '3' },
    seed: { type: 'string', default: '0' },
    reader: { type: 'string' },
    file: { type: 'string' },
  },
})

interface Run {
  /** Of processor time, all threads together: by the clock, a busy machine measures the neighbours. */
  readonly seconds: number
  readonly clock: number
  /** Largest resident set, and what an idle process already had. */
  readonly peak: number
  readonly idle: number
  readonly numbers: number
  readonly hash: string
}

if (values.reader !== undefined && values.file !== undefined) console.log(JSON.stringify(await readOnce()))
else for (const digits of values.digits ? [Number(values.digits)] : [17, 7]) await compareReaders(digits)

async function readOnce(): Promise<Run> {
  const idle = process.memoryUsage().rss
  const start = performance.now()
  const before = process.cpuUsage()
  const { data } = await csvReaders[values.reader ?? ''](values.file ?? '')
  const clock = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(before)
  const seconds = (user + system) / 1e6
  const peak = 1024 * process.resourceUsage().maxRSS
  return { seconds, clock, peak, idle, numbers: data.length, hash: createHash('sha256').update(data).digest('hex') }
}

async function compareReaders(digits: number): Promise<void> {
  const seed = Number(values.seed)
  const file = await generated(digits, seed)
  const runs = new Map<string, Run[]>(Object.keys(csvReaders).map((name) => [name, []]))
  for (let k = 0; k < Number(values.repeat); k++) {
    for (const [name, done] of runs) done.push(await inOwnProcess(name, file)) // by turns: all meet the same neighbours
  }
  const medians = [...runs].map(([name, done]) => ({ name, ...median(done) }))
  const [own, ...others] = medians
  const odd = others.find(({ numbers, hash }) => numbers > 0 && hash !== own.hash)
  if (odd) throw new Error(`${odd.name} and ${own.name} read different numbers`)
  const fastest = others.reduce((a, b) => (b.seconds < a.seconds ? b : a))
  const matrix = 8 * own.numbers
  console.log(header(`CSV of ${digits} digits, ${(statSync(file).size / 1e6).toFixed(1)} MB`, [seed]))
  console.log(`matrix of ${(matrix / 1e6).toFixed(1)} MB; median of ${values.repeat} runs, each in a new process`)
  const rows = medians.map(({ name, seconds, clock, peak, idle, numbers }) => [
    name,
    secondsText(seconds),
    (seconds / fastest.seconds).toFixed(2),
    secondsText(clock),
    ((peak - idle) / 1e6).toFixed(0),
    numbers === 0 ? '–' : ((peak - idle) / matrix).toFixed(1),
    (peak / 1e6).toFixed(0),
  ])
  console.log(
    table(['reader', 'CPU s', 'of the fastest other', 'seconds', 'MB taken', 'of the matrix', 'MB in all'], rows),
  )
  console.log(`ratio to the fastest other, ${fastest.name}: ${(own.seconds / fastest.seconds).toFixed(2)}\n`)
}

async function inOwnProcess(reader: string, file: string): Promise<Run> {
  const script = fileURLToPath(import.meta.url)
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--reader', reader, '--file', file])
  return JSON.parse(stdout) as Run
}

/** Uniform numbers between −10 and 10 in 20 columns, with 17 significant digits (as a float64 prints) or few. */
async function generated(digits: number, seed: number): Promise<string> {
  const folder = new URL('../out/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const bytes = Number(values.megabytes) * 1e6
  const file = fileURLToPath(new URL(`csv-${digits}-${values.megabytes}-${seed}.csv`, folder))
  if (existsSync(file)) return file
  const random = seededRandom(seed)
  const columns = 20
  const out = createWriteStream(file)
  out.write(`${Array.from({ length: columns }, (_, k) => `x${k + 1}`).join(',')}\n`)
  const cell = (): string => {
    const value = 20 * random() - 10
    return digits >= 17 ? String(value) : String(Number(value.toPrecision(digits)))
  }
  let written = 0
  while (written < bytes) {
    const lines = Array.from({ length: 500 }, () => Array.from({ length: columns }, cell).join(','))
    const text = `${lines.join('\n')}\n`
    written += text.length
    if (!out.write(text)) await once(out, 'drain')
  }
  out.end()
  await finished(out)
  return file
}
