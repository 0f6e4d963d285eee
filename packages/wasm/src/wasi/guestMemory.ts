/** A range of the program's memory named by a host call that is not inside it. */
export class BadAddress extends Error {}

/** The program's memory as a host function sees it: every access is checked and little-endian. */
export class GuestMemory {
  private readonly memory: WebAssembly.Memory;
  private view: DataView;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.view = new DataView(memory.buffer);
  }

  /** Call once per host call: growth replaces the buffer. */
  refresh(): void {
    if (this.view.buffer !== this.memory.buffer) this.view = new DataView(this.memory.buffer);
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
