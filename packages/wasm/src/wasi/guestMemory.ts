/** A range of the program's memory named by a host call that is not inside it. */
export class BadAddress extends Error {}

/** Up to this length copying byte by byte costs less than a view. */
const SHORT_BYTES = 64;

/** The program's memory as a host function sees it: every access is checked and little-endian. */
export class GuestMemory {
  private readonly memory: WebAssembly.Memory;
  private view: DataView;
  private all: Uint8Array;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.view = new DataView(memory.buffer);
    this.all = new Uint8Array(memory.buffer);
  }

  /** Call once per host call: growth replaces the buffer. */
  refresh(): void {
    if (this.view.buffer === this.memory.buffer) return;
    this.view = new DataView(this.memory.buffer);
    this.all = new Uint8Array(this.memory.buffer);
  }

  /** @throws BadAddress */
  check(at: number, length: number): void {
    if (at + length > this.view.byteLength) throw new BadAddress();
  }

  /** A view, not a copy. @throws BadAddress */
  bytes(at: number, length: number): Uint8Array {
    this.check(at, length);
    return new Uint8Array(this.view.buffer, at, length);
  }

  /** Copies a range that was checked. */
  copyOut(at: number, length: number, target: Uint8Array, targetAt: number): void {
    copy(this.all, at, length, target, targetAt);
  }
  /** Copies into a range that was checked. */
  copyIn(at: number, length: number, source: Uint8Array, sourceAt: number): void {
    copy(source, sourceAt, length, this.all, at);
  }

  u8(at: number): number {
    this.check(at, 1);
    return this.view.getUint8(at);
  }
  u32(at: number): number {
    this.check(at, 4);
    return this.view.getUint32(at, true);
  }
  u64(at: number): bigint {
    this.check(at, 8);
    return this.view.getBigUint64(at, true);
  }
  setU8(at: number, value: number): void {
    this.check(at, 1);
    this.view.setUint8(at, value);
  }
  setU16(at: number, value: number): void {
    this.check(at, 2);
    this.view.setUint16(at, value, true);
  }
  setU32(at: number, value: number): void {
    this.check(at, 4);
    this.view.setUint32(at, value, true);
  }
  setU64(at: number, value: bigint): void {
    this.check(at, 8);
    this.view.setBigUint64(at, value, true);
  }
}

function copy(source: Uint8Array, from: number, length: number, target: Uint8Array, to: number): void {
  if (length > SHORT_BYTES) target.set(source.subarray(from, from + length), to);
  else for (let i = 0; i < length; i++) target[to + i] = source[from + i]!;
}
