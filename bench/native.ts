import { parseArgs } from 'node:util'
import { type Backend, defaultBackend, gaussian, matrix, seededRandom } from '@relucent/core'
import { nativeBackend } from '@relucent/native'
import { load } from 'koffi'
import { conditions, header } from './conditions.ts'
import { writeResult } from './records.ts'

// What @relucent/native adds to the library it calls: each operation against the bare foreign call on preallocated
// buffers, in pairs that alternate. The fastest of each is compared, since neighbours on the machine only ever add. One
// thread, as OpenBLAS reads when it is loaded below. Beside them, the backend of the library itself.

for (const name of ['OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'VECLIB_MAXIMUM_THREADS']) process.env[name] = '1'

const { values } = parseArgs({
  options: {
    order: { type: 'string', default: '1000' },
    pairs: { type: 'string', default: '15' },
    seed: { type: 'string', default: '0' },
  },
})
const [n, pairs, seed] = [values.order, values.pairs, values.seed].map(Number)
const wanted = 1.05

interface Contest {
  readonly name: string
  /** By the usual count; null where the algorithm has no fixed one. */
  readonly operations: number | null
  /** Before each call, not timed: restores what the bare call overwrites. */
  readonly prepare: () => void
  readonly bare: () => void
  readonly with: (backend: Backend) => void
}

interface NativeResult {
  readonly name: string
  readonly bareSeconds: number
  readonly nativeSeconds: number
  readonly ownSeconds: number
  /** native / bare, of the fastest calls. */
  readonly ratio: number
  readonly gigaflops: number | null
  readonly reached: boolean
}

const found = nativeBackend()
if (found.backend === null) console.log(`skipped native: ${found.reason}`)
else {
  const { backend, files } = found
  const next = seededRandom(seed)
  const random = () =>
    matrix(
      n,
      n,
      Float64Array.from({ length: n * n }, () => gaussian(next)),
    )
  const [A, B, C] = [random(), random(), random()]
  const G = backend.gram(A)
  const own = defaultBackend()
  const results = [gemm(), eigh()].map((contest) => measured(contest, backend, own))
  writeResult('native', { files, own: own.name, order: n, pairs, results, conditions: conditions(seed) })
  console.log(`${header('native', [seed])}\n${files.join(', ')}, order ${n}, ${pairs} pairs\n`)
  console.log(table(results, own.name))

  function gemm(): Contest {
    const call = foreign('dgemm_', 13, 2)
    const [N, size, one, zero] = [character('N'), Int32Array.of(n), Float64Array.of(1), Float64Array.of(0)]
    const out = matrix(n, n)
    return {
      name: 'gemm',
      operations: 2 * n ** 3,
      prepare() {},
      bare: () => call(N, N, size, size, size, one, B.data, size, A.data, size, zero, C.data, size),
      with: (one) => void one.gemm(A, B, out),
    }
  }

  function eigh(): Contest {
    const call = foreign('dsyevd_', 11, 2)
    const [V, U, size, info] = [character('V'), character('U'), Int32Array.of(n), new Int32Array(1)]
    const [vectors, eigenvalues] = [new Float64Array(n * n), new Float64Array(n)]
    const [work, iwork] = [new Float64Array(1 + 6 * n + 2 * n * n), new Int32Array(3 + 5 * n)]
    const [lwork, liwork] = [Int32Array.of(work.length), Int32Array.of(iwork.length)]
    return {
      name: 'eigh',
      operations: null,
      prepare: () => vectors.set(G.data),
      bare: () => call(V, U, size, vectors, size, eigenvalues, work, lwork, iwork, liwork, info),
      with: (one) => void one.eigh(G),
    }
  }

  /** The routine with nothing around it. */
  function foreign(name: string, count: number, characters: number): (...args: object[]) => void {
    const types = [...new Array<string>(count).fill('void *'), ...new Array<string>(characters).fill('size_t')]
    const lengths = new Array<number>(characters).fill(1)
    const routine = load(files.at(-1)!).func(name, 'void', types)
    return (...args) => void routine(...args, ...lengths)
  }
}

function measured(contest: Contest, backend: Backend, own: Backend): NativeResult {
  const times = Array.from({ length: pairs + 1 }, (_, k) => pair(contest, backend, k % 2 === 0)).slice(1)
  const bareSeconds = Math.min(...times.map(({ bare }) => bare))
  const nativeSeconds = Math.min(...times.map(({ native }) => native))
  const ratio = nativeSeconds / bareSeconds
  const ownSeconds = fastest(() => contest.with(own))
  const { name, operations } = contest
  const gigaflops = operations === null ? null : operations / nativeSeconds / 1e9
  return { name, bareSeconds, nativeSeconds, ownSeconds, ratio, gigaflops, reached: ratio <= wanted }
}

function pair(contest: Contest, backend: Backend, bareFirst: boolean): { bare: number; native: number } {
  const { prepare, bare } = contest
  const native = (): void => contest.with(backend)
  const timed = (run: () => void): number => {
    prepare()
    return seconds(run)
  }
  if (bareFirst) return { bare: timed(bare), native: timed(native) }
  const first = timed(native)
  return { bare: timed(bare), native: first }
}

/** Of three calls, or of those that fit in some seconds. */
function fastest(run: () => void): number {
  const start = performance.now()
  let least = Number.POSITIVE_INFINITY
  for (let k = 0; k < 3 && performance.now() - start < 5000; k++) least = Math.min(least, seconds(run))
  return least
}

function seconds(run: () => void): number {
  const start = performance.now()
  run()
  return (performance.now() - start) / 1000
}

function character(letter: string): Uint8Array {
  return Uint8Array.of(letter.charCodeAt(0))
}

function table(results: readonly NativeResult[], own: string): string {
  const rows = results.map(({ name, bareSeconds, nativeSeconds, ownSeconds, ratio, gigaflops, reached }) =>
    [
      name.padEnd(9),
      `${(1000 * bareSeconds).toFixed(1)} ms`.padStart(11),
      `${(1000 * nativeSeconds).toFixed(1)} ms`.padStart(11),
      ratio.toFixed(3).padStart(7),
      `${(1000 * ownSeconds).toFixed(1)} ms`.padStart(12),
      (gigaflops === null ? '' : gigaflops.toFixed(1)).padStart(9),
      reached ? 'yes' : 'no',
    ].join('  '),
  )
  const head = `operation         bare       native    ratio  ${own.padStart(12)}    GFLOP/s  at most ${wanted}`
  return [head, ...rows].join('\n')
}
