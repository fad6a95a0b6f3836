/** The problem as stated cannot be solved by anyone: wrong shapes, not finite, beta not positive. */
export class InvalidProblemError extends Error {
  override readonly name = 'InvalidProblemError'
}

/** This implementation cannot answer this problem; another may. Composites catch it and try the next. */
export class UnsupportedProblemError extends Error {
  override readonly name = 'UnsupportedProblemError'
}

/** An estimator was asked for something only a fitted one knows. */
export class NotFittedError extends Error {
  override readonly name = 'NotFittedError'
}

/** A model or certificate file is not what it should be. */
export class ModelFormatError extends Error {
  override readonly name = 'ModelFormatError'
}

/** A thread of the search ended or answered nonsense. What it was working on is lost, so nothing was returned. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError'
}
