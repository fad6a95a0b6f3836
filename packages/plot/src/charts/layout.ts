/** Room for ticks and labels, in pixels; the same in every chart, so that charts above each other line up. */
export const margins = { marginLeft: 60, marginRight: 24, marginTop: 30, marginBottom: 44 } as const

/** The label of the horizontal axis: centred, under the ticks. */
export const below = { labelAnchor: 'center', labelOffset: 38 } as const
