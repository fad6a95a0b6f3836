// One arena in linear memory with the discipline of a stack, shared by the caller and the kernels: mark, reserve as
// often as needed, release to the mark. It grows where it must, which detaches every view of memory.buffer.

const alignment: u64 = 64
const pageBits: u64 = 16
const limit: u64 = 0xffff0000

let top: u64 = (u64(__heap_base) + alignment - 1) & ~(alignment - 1)

export function mark(): usize {
  return usize(top)
}

export function release(to: usize): void {
  top = u64(to)
}

/** The address of so many bytes, at a cache line; 0 where there is no more memory. */
export function reserve(bytes: usize): usize {
  const end = (top + u64(bytes) + alignment - 1) & ~(alignment - 1)
  if (end > limit) return 0
  const pages = i32((end + (1 << pageBits) - 1) >> pageBits)
  if (pages > memory.size() && memory.grow(pages - memory.size()) < 0) return 0
  const at = usize(top)
  top = end
  return at
}

/** `reserve` for kernels: traps where there is no more memory, and the caller releases to its own mark. */
export function workspace(bytes: usize): usize {
  const at = reserve(bytes)
  if (at === 0) unreachable()
  return at
}

/** Room for so many doubles. */
export function doubles(count: i32): usize {
  return workspace(usize(count) << 3)
}
