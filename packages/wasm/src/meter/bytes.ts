import { invalidModule } from "./refuse.ts";

/** Checked reading of a module's bytes; every read past the end is a wasm/invalid-module. */
export class ByteReader {
  readonly bytes: Uint8Array;
  position: number;
  end: number;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  byte(): number {
    if (this.position >= this.end) invalidModule("it ends early", this.position);
    return this.bytes[this.position++]!;
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = this.byte();
      // The fifth byte overflows 32 bits in `<<`, harmlessly: the engine's own validation rejects excess bits.
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    return invalidModule("a LEB128 number is too long", this.position);
  }

  /** Signed LEB128 of 33 bits, as block types are; also i32. Exact: a double holds it. */
  s33(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return byte & 0x40 ? value - 2 ** (shift + 7) : value;
    }
    return invalidModule("a LEB128 number is too long", this.position);
  }

  /** Passes over one LEB128 number of at most `maxBytes`. */
  skipLeb(maxBytes: number): void {
    for (let i = 0; i < maxBytes; i++) if (this.byte() < 0x80) return;
    invalidModule("a LEB128 number is too long", this.position);
  }

  skip(count: number): void {
    if (count > this.end - this.position) invalidModule("it ends early", this.end);
    this.position += count;
  }

  take(count: number): Uint8Array {
    const start = this.position;
    this.skip(count);
    return this.bytes.subarray(start, this.position);
  }
}

/** Growing output buffer with LEB128. */
export class ByteWriter {
  private buffer: Uint8Array;
  length = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.length + count));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.reserve(1);
    this.buffer[this.length++] = value;
  }

  u32(value: number): void {
    this.reserve(5);
    while (value > 0x7f) {
      this.buffer[this.length++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    this.buffer[this.length++] = value;
  }

  /** Signed LEB128 of a safe integer. */
  signed(value: number): void {
    this.reserve(8);
    for (;;) {
      const low = ((value % 128) + 128) % 128;
      value = (value - low) / 128;
      if ((value === 0 && low < 0x40) || (value === -1 && low >= 0x40)) {
        this.buffer[this.length++] = low;
        return;
      }
      this.buffer[this.length++] = low | 0x80;
    }
  }

  /** Opcode with one unsigned immediate. */
  op(opcode: number, immediate: number): void {
    this.byte(opcode);
    this.u32(immediate);
  }

  raw(source: Uint8Array, start = 0, end = source.length): void {
    const count = end - start;
    this.reserve(count);
    // A typed-array call costs more than it saves on the few bytes of an instruction.
    if (count < 32) for (let i = start; i < end; i++) this.buffer[this.length++] = source[i]!;
    else {
      this.buffer.set(source.subarray(start, end), this.length);
      this.length += count;
    }
  }

  /** Length-prefixed bytes. */
  vector(source: Uint8Array): void {
    this.u32(source.length);
    this.raw(source);
  }

  append(other: ByteWriter, start = 0, end = other.length): void {
    this.raw(other.buffer, start, end);
  }

  clear(): void {
    this.length = 0;
  }

  view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}
