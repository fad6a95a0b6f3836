/** Points of one kind. */
export interface Group {
  readonly name?: string
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  /** Colour and symbol are those of this place in the theme; default: the place in the list. */
  readonly place?: number
  /** Drawn over a field: each point in the colour of its own value. */
  readonly z?: ArrayLike<number>
  /** Points with a ring around them, for instance those a classifier gets wrong. */
  readonly ringed?: readonly boolean[]
}
