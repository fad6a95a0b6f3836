/** A line straight across the figure, at one value of one axis. */
export interface Reference {
  readonly axis: 'x' | 'y'
  readonly value: number
  readonly label?: string
  /** Faint lines are dashed: more of them do not get in the way. */
  readonly faint?: boolean
}
