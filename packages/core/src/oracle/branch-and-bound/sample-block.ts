/** The crossing samples of one cone, gathered column by column; column k of `heights` is x_iᵀw_k, rounding noise set to zero. */
export class SampleBlock {
  /** Columns are this far apart. */
  readonly stride: number
  count = 0
  readonly heights: Float64Array
  /** z_i, column by column. */
  readonly outputs: Float64Array
  /** ‖z_i‖₂, rounded up. */
  readonly weight: Float64Array
  /** x_iᵀ of the parent's point: which side of its hyperplane a sample was last needed on. */
  readonly hint: Float64Array
  /** z_iᵀg for the direction g at hand. */
  readonly along: Float64Array
  /** α_i in [0, 1]: the slope of the linear function that replaces a concave sample. */
  readonly slope: Float64Array
  /** Slopes on trial. */
  readonly trial: Float64Array
  /** Where the slopes are heading: 1 or 0, the side of the relaxed maximiser. */
  readonly aim: Float64Array

  constructor(samples: number, columns: number, outputs: number) {
    this.stride = samples
    this.heights = new Float64Array(samples * columns)
    this.outputs = new Float64Array(samples * outputs)
    this.weight = new Float64Array(samples)
    this.hint = new Float64Array(samples)
    this.along = new Float64Array(samples)
    this.slope = new Float64Array(samples)
    this.trial = new Float64Array(samples)
    this.aim = new Float64Array(samples)
  }
}
