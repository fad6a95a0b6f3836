import { spiral as generate } from '@relucent/io'
import { type Dataset, normalFrom, oneHot } from '../dataset.ts'

/** Three interleaved arms of 20 points each, one-hot (section 5.3 of the same paper). */
export const spiral: Dataset = {
  name: 'spiral',
  load(seed) {
    const { X, labels } = generate(normalFrom(seed))
    return { X, Y: oneHot(labels) }
  },
}
