import type { Target } from './target.ts'
import { fits } from './targets/fits.ts'
import { firstTargets } from './targets/version-0-1.ts'

/** Throws where no list has it: runs in processes of their own are told the name only. */
export function targetNamed(name: string): Target {
  const target = [...firstTargets, ...fits].find((one) => one.name === name)
  if (!target) throw new Error(`targetNamed: no target is called ${name}`)
  return target
}
