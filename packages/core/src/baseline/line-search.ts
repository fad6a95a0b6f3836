/** A point along a line: how far along, the value there and the slope in the direction of the line. */
export interface LinePoint {
  readonly step: number
  readonly value: number
  readonly slope: number
}

/** Sufficient decrease, and how much of the slope may be left (Nocedal and Wright, "Numerical optimization", section 3.1). */
const decrease = 1e-4
const slopeLeft = 0.9

/** Evaluations of one search; a kink can make the second condition impossible to meet. */
const maxTrials = 12

/** How close to the ends of an interval a trial may come, as a share of its length. */
const margin = 0.1

const growth = 2

/**
 * A step that satisfies the strong Wolfe conditions (Nocedal and Wright, algorithms 3.5 and 3.6, with cubic
 * interpolation). Where there is none to be found, as on a kink, the lowest point tried that decreases enough; undefined
 * when there is none either. The last point evaluated is not always the one returned.
 *
 * @param start at step 0, with a negative slope.
 */
export async function wolfeStep(
  at: (step: number) => Promise<LinePoint>,
  start: LinePoint,
  first: number,
): Promise<LinePoint | undefined> {
  let low = start
  let high: LinePoint | undefined
  let best: LinePoint | undefined
  let step = first
  for (let trial = 0; trial < maxTrials && step > 0; trial++) {
    const point = await at(step)
    const enough = point.value <= start.value + decrease * step * start.slope
    if (enough && !(best !== undefined && best.value <= point.value)) best = point
    if (enough && Math.abs(point.slope) <= slopeLeft * -start.slope) return point
    if (!enough || point.value >= low.value) {
      high = point
    } else {
      const towards = high === undefined ? 1 : high.step - low.step
      if (point.slope * towards >= 0) high = low
      low = point
    }
    step = high === undefined ? growth * step : inside(low, high)
    if (step === low.step || step === high?.step) break
  }
  return best
}

/** The minimiser of the cubic through both points, kept away from the ends; the middle where there is none. */
function inside(a: LinePoint, b: LinePoint): number {
  const width = b.step - a.step
  const slope = (b.value - a.value) / width
  const d1 = a.slope + b.slope - 3 * slope
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - a.slope * b.slope)
  const share = 1 - (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)
  const safe = Number.isFinite(share) ? Math.min(1 - margin, Math.max(margin, share)) : 0.5
  return a.step + safe * width
}
