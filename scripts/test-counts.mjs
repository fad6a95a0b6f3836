// Prints `N passed, N failed, N skipped` from vitest's JSON report; exits 1 if anything failed or no test ran.
import { existsSync, readFileSync } from 'node:fs'

const [path] = process.argv.slice(2)
const report = path && existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { testResults: [] }

let passed = 0
let failed = 0
let skipped = 0
for (const { status, assertionResults } of report.testResults) {
  // A file that does not load fails without a single test of its own.
  if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) failed++
  for (const test of assertionResults) {
    if (test.status === 'passed') passed++
    else if (test.status === 'failed') failed++
    else skipped++
  }
}

console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = passed > 0 && failed === 0 ? 0 : 1
