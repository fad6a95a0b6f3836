import { compare } from './compare.ts'

// The restricted master exchanged: second order with sliding (the library's), block descent alone, second order without
// sliding.
await compare({
  title: 'master',
  problems: ['figure 1', 'spiral β=1', 'spiral β=0.1', 'spiral β=0.01', 'planted n=40 d=3 c=1'],
  contenders: ['default', 'block-descent', 'fixed-directions'],
})
