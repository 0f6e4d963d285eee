import { ERRNO, Failed } from "./errno.ts";
import type { WasiHost } from "./host.ts";

const IOVEC_BYTES = 8;

/** Pointers and lengths in turn, and their lengths together. */
export interface Ranges {
  readonly pairs: readonly number[];
  readonly total: number;
}

/**
 * Ranges of an array of (pointer, length) pairs, all of them inside memory. As numbers: a view of each would cost a hundred
 * times what it is charged.
 * @throws Failed EINVAL when they are longer than uint32 together
 */
export function ranges(host: WasiHost, at: number, count: number): Ranges {
  const { memory } = host;
  memory.check(at, count * IOVEC_BYTES);
  host.chargeBytes(count * IOVEC_BYTES * 4);
  const pairs: number[] = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const entry = at + i * IOVEC_BYTES;
    const pointer = memory.u32(entry);
    const length = memory.u32(entry + 4);
    memory.check(pointer, length);
    total += length;
    if (length > 0) pairs.push(pointer, length);
  }
  if (total > 0xffff_ffff) throw new Failed(ERRNO.inval);
  return { pairs, total };
}
