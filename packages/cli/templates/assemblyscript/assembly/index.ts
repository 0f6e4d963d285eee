// A reactor: `alloc` says where the input goes, `handle` computes and says where the output stands.

/** Room for `length` bytes of input. Every call has a memory of its own: nothing need ever be freed. */
export function alloc(length: i32): usize {
  return heap.alloc(length);
}

/** @returns address of the output in the upper 32 bits, its length in the lower ones */
export function handle(input: usize, length: i32): u64 {
  // Yours from here on.
  const output = heap.alloc(length);
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(input + i);
    store<u8>(output + i, byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte);
  }
  return (u64(output) << 32) | u64(length);
}
