import { planted } from './planted.ts'

/** Figure 1 of Sahiner, Ergen, Pauly, Pilanci (ICLR 2021): 25 × 2 Gaussian inputs, a teacher of 100 neurons, 5 outputs. */
export const figure1 = { ...planted({ n: 25, d: 2, c: 5, neurons: 100, noise: 0 }), name: 'figure 1' }
