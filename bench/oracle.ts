import { compare } from './compare.ts'

// The exact oracle exchanged: the library's choice for the rank (the sweep up to 2, branch and bound above), branch and
// bound everywhere, enumeration of all cells.
await compare({
  title: 'oracle',
  problems: ['planted n=100 d=2 c=1', 'figure 1', 'planted n=30 d=3 c=1', 'planted n=40 d=3 c=1'],
  contenders: ['default', 'branch-and-bound', 'enumeration'],
})
