/** Numbers over a common axis. */
export interface Curve {
  readonly x: readonly number[]
  readonly y: readonly number[]
}

/** At most about `count` of the points, evenly spread over the logarithm of their place; first and last always among them. */
export function thinned(x: ArrayLike<number>, y: ArrayLike<number>, count = 160): Curve {
  const places = logPlaces(x.length, count)
  return { x: places.map((k) => x[k]), y: places.map((k) => y[k]) }
}

/** 0 = first, then ever further apart, up to `length` − 1. */
export function logPlaces(length: number, count: number): number[] {
  const places = Array.from({ length: count + 1 }, (_, k) => Math.round(length ** (k / count)) - 1)
  return [...new Set(places)].filter((place) => place < length)
}

/** The slope of the straight line through log y over log x by least squares: the exponent of a power law. */
export function exponent({ x, y }: Curve): number | null {
  if (x.length < 2) return null
  const [a, b] = [x, y].map((values) => values.map((value) => Math.log(value)))
  const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length
  const [centre, height] = [mean(a), mean(b)]
  const spread = a.reduce((total, value) => total + (value - centre) ** 2, 0)
  return a.reduce((total, value, k) => total + (value - centre) * (b[k] - height), 0) / spread
}

/** Three digits: 3.78 %. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`
}
