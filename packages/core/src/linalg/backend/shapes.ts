interface Dense {
  readonly rows: number
  readonly cols: number
  readonly data: ArrayLike<number>
}

/** Refuses matrices of other shapes, and memory that is not what a shape says: compiled code would read past its end. */
export function requireShapes(operation: string, ...expected: readonly (readonly [Dense, number, number])[]): void {
  for (const [{ rows, cols, data }, m, n] of expected) {
    if (rows !== m || cols !== n || data.length !== m * n) {
      throw new RangeError(
        `${operation}: sizes must agree, expected ${m} × ${n}, got ${rows} × ${cols} with ${data.length} numbers`,
      )
    }
  }
}
