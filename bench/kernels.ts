import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { type Backend, gaussian, type KernelBuild, type Matrix, matrix, seededRandom } from '@relucent/core'
import type { plainBackend as PlainBackend } from '../packages/core/dist/linalg/backend/plain.js'
import type { wasmBackend as WasmBackend } from '../packages/core/dist/linalg/backend/wasm.js'
import type { newKernels as NewKernels } from '../packages/core/dist/linalg/kernels.js'
import type { Kernels } from '../packages/core/dist/linalg/kernels/instance.js'
import { conditions, header } from './conditions.ts'
import { writeResult } from './records.ts'

// The compiled kernels against the ceiling of their own build, which two loops of multiply–adds measure in the same
// run, and against plain JavaScript. What is compared takes turns, so that neighbours on the machine slow both.

// Node 20 knows the relaxed instructions but has them switched off.
setFlagsFromString('--experimental-wasm-relaxed-simd')

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seed: { type: 'string', default: '0' },
  },
})
const [rounds, seed] = [values.rounds, values.seed].map(Number)
const [wantedShare, wantedEighSeconds] = [0.75, 1]

const { plainBackend } = await internal<{ plainBackend: typeof PlainBackend }>('backend/plain.js')
const { wasmBackend } = await internal<{ wasmBackend: typeof WasmBackend }>('backend/wasm.js')
const { newKernels } = await internal<{ newKernels: typeof NewKernels }>('kernels.js')

interface Row {
  readonly name: string
  readonly build: KernelBuild
  /** The least of the rounds. */
  readonly seconds: number
  /** GFLOP/s by the usual count, or millions of heights per second. */
  readonly rate: number | null
  readonly against: string
  /** A share of the ceiling; otherwise how many times our seconds the other side took. */
  readonly ratio: number
  readonly reached: boolean | null
}

const next = seededRandom(seed)
const rows = (['strict', 'relaxed'] as const).flatMap(measured)
writeResult('kernels', { rounds, rows, conditions: conditions(seed) })
console.log(`${header('kernels', [seed])}\nleast of ${rounds} rounds\n`)
console.log(table(rows))

function measured(build: KernelBuild): Row[] {
  const own = newKernels(build)
  const backend = wasmBackend(build)
  if (own === null || backend === null) {
    console.log(`skipped ${build}: this engine does not run it`)
    return []
  }
  const [A, B, wide, tall] = [random(512, 512), random(512, 512), random(300, 784), random(600, 300)]
  const [S, P] = [symmetric(300), symmetric(600, 600)]
  return [
    ...products(build, own),
    againstPlain(build, 'gemm 512³ with copies', backend, (one) => one.gemm(A, B), 2 * 512 ** 3),
    ...eigenproblems(build, own),
    againstPlain(build, 'eigh 300', backend, (one) => one.eigh(S)),
    againstPlain(build, 'svd 300 × 784', backend, (one) => one.svd(wide)),
    againstPlain(build, 'qr 600 × 300', backend, (one) => one.qr(tall)),
    againstPlain(build, 'cholesky 600', backend, (one) => one.cholesky(P), 600 ** 3 / 3),
    classification(build, own),
  ]
}

/** Products of order 1024 in the kernels' own memory, as shares of what multiply–adds alone reach. */
function products(build: KernelBuild, own: Kernels): Row[] {
  const { calls } = own
  const n = 1024
  const operations = 2 * n ** 3
  return own.within(() => {
    const [A, B] = [random(n, n), random(n, n)]
    const [a, b, c] = [own.copyIn(A.data), own.copyIn(B.data), own.reserve(8 * n * n)]
    const [a32, b32] = [A, B].map(({ data }) => own.copyIn(Float32Array.from(data)))
    const count = 4e5
    const double = least({
      gemm: () => calls.gemm(n, n, n, 1, a, n, 1, b, n, 1, c, n, 0, 0),
      chains: () => void calls.chainsDouble(count, 0.5),
      sums: () => void calls.sumsDouble(count, 0.5),
    })
    const single = least({
      gemm: () => calls.gemmSingle(n, n, n, 1, a32, n, 1, b32, n, 1, c, n, 0, 0),
      chains: () => void calls.chainsSingle(count, 0.5),
      sums: () => void calls.sumsSingle(count, 0.5),
    })
    const row = (name: string, { gemm, chains, sums }: typeof double, lanes: number): Row => {
      // 12 and 32 multiply–adds a turn, of so many lanes.
      const ceiling = Math.max((2 * 12 * lanes * count) / chains, (2 * 32 * lanes * count) / sums)
      const ratio = operations / gemm / ceiling
      const against = `ceiling ${(ceiling / 1e9).toFixed(1)}`
      return {
        name,
        build,
        seconds: gemm,
        rate: operations / gemm / 1e9,
        against,
        ratio,
        reached: ratio >= wantedShare,
      }
    }
    return [row('gemm 1024³ f64', double, 2), row('gemm 1024³ f32', single, 4)]
  })
}

/** Order 1000 with vectors: divide and conquer, against the QR iteration alone. */
function eigenproblems(build: KernelBuild, own: Kernels): Row[] {
  const n = 1000
  const A = symmetric(n)
  return own.within(() => {
    const [a, w, axes] = [own.reserve(8 * n * n), own.reserve(8 * n), own.reserve(8 * n * n)]
    const solve = (leaf: number) => () => {
      own.doubles(a, n * n).set(A.data)
      own.calls.eigh(n, a, w, axes, leaf)
    }
    const { divided, iterated } = least({ divided: solve(0), iterated: solve(n) })
    const [against, ratio] = ['QR iteration', iterated / divided]
    const reached = divided <= wantedEighSeconds
    return [{ name: 'eigh 1000', build, seconds: divided, rate: null, against, ratio, reached }]
  })
}

function againstPlain(
  build: KernelBuild,
  name: string,
  backend: Backend,
  operation: (one: Backend) => unknown,
  operations?: number,
): Row {
  const { ours, plain } = least({ ours: () => void operation(backend), plain: () => void operation(plainBackend) }, 3)
  const rate = operations === undefined ? null : operations / ours / 1e9
  return { name, build, seconds: ours, rate, against: 'plain', ratio: plain / ours, reached: null }
}

/** Samples times generators per second, X as each side likes it. */
function classification(build: KernelBuild, own: Kernels): Row {
  const [n, r, g] = [20_000, 4, 4]
  const [X, W] = [random(n, r), random(g, r)]
  const zero = new Float64Array(n).fill(1e-15)
  const plainClasses = new Uint8Array(n)
  return own.within(() => {
    const x = own.reserve(8 * n * r)
    own.calls.transpose(n, r, own.copyIn(X.data), x)
    const [w, z, classes] = [own.copyIn(W.data), own.copyIn(zero), own.reserve(n)]
    const repeat = 50
    const { ours, plain } = least({
      ours: () => {
        for (let k = 0; k < repeat; k++) own.calls.classify(n, r, g, x, w, z, classes)
      },
      plain: () => {
        for (let k = 0; k < repeat; k++) classifyPlainly(X, W, zero, plainClasses)
      },
    })
    const [rate, against] = [(repeat * n * g) / ours / 1e6, 'plain']
    return { name: 'classify', build, seconds: ours / repeat, rate, against, ratio: plain / ours, reached: null }
  })
}

function classifyPlainly(X: Matrix, W: Matrix, zero: Float64Array, classes: Uint8Array): void {
  const r = X.cols
  for (let i = 0; i < X.rows; i++) {
    let [above, below] = [false, false]
    for (let k = 0; k < W.rows; k++) {
      let height = 0
      for (let q = 0; q < r; q++) height += X.data[i * r + q] * W.data[k * r + q]
      if (!(height <= zero[i])) above = true
      if (!(height >= -zero[i])) below = true
    }
    classes[i] = above ? (below ? 2 : 1) : 0
  }
}

/** The least seconds of each contestant, in turns; the first turn only warms up. */
function least<K extends string>(contestants: Record<K, () => void>, turns: number = rounds): Record<K, number> {
  const names = Object.keys(contestants) as K[]
  const out = Object.fromEntries(names.map((name) => [name, Number.POSITIVE_INFINITY])) as Record<K, number>
  for (let turn = 0; turn <= turns; turn++) {
    for (const name of names) {
      const start = performance.now()
      contestants[name]()
      const seconds = (performance.now() - start) / 1000
      if (turn > 0) out[name] = Math.min(out[name], seconds)
    }
  }
  return out
}

function random(rows: number, cols: number): Matrix {
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => gaussian(next)),
  )
}

/** Entries of order one, `shift` more on the diagonal. */
function symmetric(n: number, shift = 0): Matrix {
  const A = random(n, n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) A.data[j * n + i] = A.data[i * n + j]
    A.data[i * n + i] += shift
  }
  return A
}

function table(measurements: readonly Row[]): string {
  const lines = measurements.map(({ name, build, seconds, rate, against, ratio, reached }) => {
    const verdict = reached === null ? '' : reached ? 'reached' : 'missed'
    const cells = [name.padEnd(22), build.padEnd(8), seconds.toPrecision(3).padStart(9)]
    cells.push((rate?.toFixed(1) ?? '').padStart(7), against.padEnd(13), ratio.toFixed(2).padStart(7), verdict)
    return cells.join('  ')
  })
  return ['kernel                  build       seconds     rate  against          ratio', ...lines].join('\n')
}

async function internal<T>(path: string): Promise<T> {
  return (await import(new URL(`../../packages/core/dist/linalg/${path}`, import.meta.url).href)) as T
}
