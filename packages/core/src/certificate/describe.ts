import type { BoundFrom, Scope } from '../bound.ts'
import type { Certificate } from '../certificate.ts'

const methods: Record<BoundFrom, string> = {
  enumeration: 'by enumerating every cell of the hyperplane arrangement',
  sweep: 'by sweeping through every direction of the plane, exactly up to accounted rounding',
  'branch-and-bound': 'by branch and bound over all directions a neuron can have',
  relaxation: 'by a convex relaxation',
  'closed-form': 'in closed form',
  trivial: 'without any search',
}

const networks: Record<Scope, string> = {
  'all-networks': 'No two-layer ReLU network of any width',
  'given-patterns': 'No network whose neurons have the given activation patterns, at any width,',
  gated: 'No gated network with the given gates, at any width,',
}

/** The certificate in plain sentences, including what it does not claim. Bounds are printed rounded outwards. */
export function describe(certificate: Certificate): string {
  const { beta, n, d, c, bias } = certificate.problem
  return [
    `Minimised: ${certificate.problem.formula}.`,
    `Data, after any preprocessing: ${counted(n, 'sample')}, ${counted(d, 'input')}${bias ? ' (the last is the constant 1 of the bias)' : ''}, ${counted(c, 'output')}; β = ${beta}.`,
    `The network found has objective ${rounded(certificate.objective, 'up')}.`,
    ...proven(certificate),
    `Not claimed: anything about test error or other data, or about another β.${bias ? ' The bias is inside the weight decay.' : ''}`,
  ].join('\n')
}

function proven(certificate: Certificate): string[] {
  const { lowerBound, gap, relativeGap, scope, boundFrom, crossed } = certificate
  if (crossed) {
    return [
      'The lower bound exceeds the objective by more than rounding: the computation failed, nothing is certified.',
    ]
  }
  if (relativeGap === null) return ['The objective is not a finite number: nothing is certified.']
  const sentences = [
    `${networks[scope]} has an objective below ${rounded(lowerBound, 'down')} on these data at this β.`,
    relativeGap === 0
      ? 'The two agree to within rounding: the network is a global optimum.'
      : `The gap is ${gap.toExponential(2)}, relative ${relativeGap.toExponential(2)}.`,
    boundFrom === 'trivial' && lowerBound === 0
      ? 'That bound holds for every network; nothing sharper was proven.'
      : `The bound was proven ${methods[boundFrom]}.`,
  ]
  if (scope !== 'all-networks') sentences.push('Not claimed: that no other two-layer ReLU network does better.')
  return sentences
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Ten digits, never on the wrong side of `value`: a printed bound must be true as printed. */
function rounded(value: number, direction: 'up' | 'down'): string {
  const digits = 10
  const nearest = Number(value.toPrecision(digits))
  const wrong = direction === 'up' ? nearest < value : nearest > value
  if (!wrong) return String(nearest)
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - digits + 1)
  return String(Number((direction === 'up' ? nearest + unit : nearest - unit).toPrecision(digits)))
}
