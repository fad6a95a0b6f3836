/** What a script can tell from `$?` alone. */
export const exitCodes = {
  /** Done; for `fit`: certified to the tolerance over all networks. */
  done: 0,
  internal: 1,
  usage: 2,
  /** Stopped earlier with a valid bound, or optimal in a smaller scope. */
  open: 3,
  /** Bad input, or a file that cannot be read or written. */
  input: 4,
  numerical: 5,
  /** `verify` refuted a claim, or `--max-gap` was exceeded. */
  refuted: 6,
  interrupted: 130,
  terminated: 143,
} as const
