const CODE_SECTION = 10;
const HEADER_BYTES = 8;

/**
 * Size of a valid module's largest function, in bytes: what the time and memory of an optimising compiler hang on, which
 * for one function grow faster than its size.
 */
export function largestFunctionBytes(module: Uint8Array): number {
  let at = HEADER_BYTES;
  const u32 = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < module.length) {
    const id = module[at++];
    const length = u32();
    if (id !== CODE_SECTION) {
      at += length;
      continue;
    }
    let largest = 0;
    for (let count = u32(); count > 0; count--) {
      const size = u32();
      largest = Math.max(largest, size);
      at += size;
    }
    return largest;
  }
  return 0;
}
