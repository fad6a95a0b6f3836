/**
 * What a tree of cones proves, in a form that other code can check: no search, only arithmetic.
 *
 * The tree speaks about X_r = XV and one Z. Its roots are the 2^r orthants of r axes, which cover R^r. A node is either
 * split, by a point on one of its edges, into two cones that cover it, or it is a leaf, whose bound on ‖Zᵀ(X_r u)₊‖ can
 * be evaluated again from little data. The largest leaf bound is then a bound on the polar ω(Z).
 */
export interface ProofRecorder {
  /**
   * The first nodes, numbered from 0: the orthants of the axes, in any order, row k of each being ± the k-th axis. With
   * one output each orthant may come twice, with the signs +1 and −1; otherwise once, with the sign 0.
   */
  start(cones: readonly Float64Array[], signs: readonly ProofSign[]): void
  /** Node `firstChild` is `node` with generator `from` replaced by the point, `firstChild` + 1 with generator `to`. */
  split(node: number, from: number, to: number, point: Float64Array, firstChild: number): void
  /** Also for nodes that may yet be split: the last word on a node counts. */
  leaf(node: number, witness: Witness): void
}

/** What a bound in a cone is about: ‖F‖, or with one output F or −F alone. */
export type ProofSign = -1 | 0 | 1

/** How a leaf's bound is evaluated again. */
export type Witness =
  | {
      /** A function that is linear in the cone and lies above ‖F‖, or ± F, along and across a direction. */
      readonly kind: 'directed'
      /** c numbers, of any length; all zero for no direction. Not used where the cone has a sign. */
      readonly direction: ArrayLike<number>
      /** r numbers: u₀ with w_kᵀu₀ at least the k-th height, in units of ‖Zᵀ(X_r u)₊‖; its length is the bound. */
      readonly peak: ArrayLike<number>
      /** Rows of X with a slope that is not 0, ascending. */
      readonly samples: ArrayLike<number>
      /** For z_i·g < 0: −|z_i·g| α_i x_iᵀu stands above −|z_i·g| (x_iᵀu)₊, for this α_i in [0, 1]. */
      readonly slopes: ArrayLike<number>
    }
  /** No sample crosses the cone: F is linear there, and its largest length is found face by face. */
  | { readonly kind: 'maximum' }

/** A proof that proves nothing, or nothing about these data: where, and why. */
export class ProofError extends Error {
  override readonly name = 'ProofError'
}

/** All 2^r orthants are in a proof; above this rank there are too many. */
export const proofRankLimit = 10
