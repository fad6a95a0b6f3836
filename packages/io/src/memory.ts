/**
 * Bytes that reading may fill where the caller names no limit: 2 GiB.
 *
 * A host that knows its memory passes its own; this one only keeps a damaged or hostile length from taking everything.
 */
export const defaultMemoryLimit: number = 2 ** 31
