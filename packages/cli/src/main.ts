#!/usr/bin/env node
import { run } from './program.ts'

// `relucent predict … | head` closes the pipe early: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? (process.exitCode ?? 0) : 1)
})

process.exitCode = await run(process.argv.slice(2))
