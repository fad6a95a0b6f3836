import * as Plot from '@observablehq/plot'
import type { Body } from '../body.ts'
import { bodyOf } from '../draw.ts'
import { fontSize } from '../theme.ts'

export interface RampOptions {
  readonly domain: readonly [low: number, high: number]
  readonly scheme: Plot.ColorScheme
  readonly label: string
  readonly width: number
  readonly format: (value: number) => string
}

const steps = 48
const length = 240

/** The key to a scale of colours. */
export function ramp({ domain: [low, high], scheme, label, width, format }: RampOptions): Body {
  const values = Array.from({ length: steps }, (_, k) => low + ((k + 0.5) / steps) * (high - low))
  const half = (high - low) / steps / 2
  return bodyOf({
    width,
    height: 48,
    marginLeft: 24,
    marginRight: Math.max(24, width - 24 - length),
    marginTop: 18,
    marginBottom: 20,
    style: { fontSize: '12px' },
    x: { domain: [low, high], label: null, ticks: 4, tickFormat: format, tickSize: 3 },
    y: { axis: null },
    color: { type: 'linear', scheme, domain: [low, high] },
    marks: [
      Plot.rectX(values, { x1: (v: number) => v - half, x2: (v: number) => v + half, fill: (v: number) => v }),
      Plot.text([label], { frameAnchor: 'top-left', textAnchor: 'start', dy: -14, fontSize }),
    ],
  })
}
