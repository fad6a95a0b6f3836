import fc from 'fast-check'

// A fixed seed: the same tree gives the same verdict on every machine. To hunt for counterexamples, choose another:
// FAST_CHECK_SEED=$RANDOM npm test
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 20261121) })
