/** Runs a command's work, which answers its exit code. */
export type Action = (work: () => Promise<number>) => Promise<void>
