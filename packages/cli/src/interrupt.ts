import { exitCodes } from './exit-codes.ts'

export interface Interrupts {
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  /** 130 or 143 once interrupted. */
  exitCode(): number | undefined
  dispose(): void
}

/** The first Ctrl-C or SIGTERM asks the work to stop and keep its best result; a second one ends the process at once. */
export function listenForInterrupts(onFirst: () => void): Interrupts {
  const controller = new AbortController()
  let code: number | undefined
  const handle = (next: number): void => {
    if (code !== undefined) process.exit(next)
    code = next
    controller.abort()
    onFirst()
  }
  const onInterrupt = (): void => handle(exitCodes.interrupted)
  const onTerminate = (): void => handle(exitCodes.terminated)
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onTerminate)
  return {
    signal: controller.signal,
    exitCode: () => code,
    dispose() {
      process.off('SIGINT', onInterrupt)
      process.off('SIGTERM', onTerminate)
    },
  }
}
