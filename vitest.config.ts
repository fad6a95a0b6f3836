import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// Where a machine-readable report goes in addition to the terminal; `.ci/run` sets it to count tests.
const report = process.env.RELUCENT_TEST_REPORT

export default defineConfig({
  resolve: {
    // Tests run on the sources, so a failing line is the line that was written.
    alias: [
      { find: /^@relucent\/core$/, replacement: source('packages/core/src/index.ts') },
      { find: /^@relucent\/io$/, replacement: source('packages/io/src/index.ts') },
      { find: /^@relucent\/native$/, replacement: source('packages/native/src/index.ts') },
      { find: /^@relucent\/plot$/, replacement: source('packages/plot/src/index.ts') },
      { find: /^relucent$/, replacement: source('packages/cli/src/index.ts') },
    ],
  },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    // The kernels, where their sources have changed: also `npx vitest` on a clean clone finds them.
    globalSetup: ['scripts/build-kernels.mjs'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Solver tests are CPU-bound and the reference machine has two cores; processes, because command-line tests change
    // directories and send signals.
    pool: 'forks',
    maxWorkers: 2,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
})
