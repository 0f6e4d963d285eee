/** Frames on a pipe: length (uint32, little-endian) of what follows, then type (uint8) and contents. */
const HEADER_BYTES = 4;

/** Collects bytes as they come and hands out whole frames. */
export class FrameBuffer {
  private buffer = Buffer.allocUnsafeSlow(1 << 16);
  private start = 0;
  private end = 0;
  private readonly maxFrameBytes: number;

  /** @param maxFrameBytes a longer frame is a broken peer */
  constructor(maxFrameBytes: number) {
    this.maxFrameBytes = maxFrameBytes;
  }

  /** Free space at the end, at least `bytes` of it, to read into; frames handed out before are overwritten. */
  space(bytes: number): Buffer {
    if (this.start === this.end) {
      this.start = 0;
      this.end = 0;
    }
    if (this.buffer.length - this.end < bytes) {
      const pending = this.end - this.start;
      const target = pending + bytes > this.buffer.length ? Buffer.allocUnsafeSlow((pending + bytes) * 2) : this.buffer;
      this.buffer.copy(target, 0, this.start, this.end);
      this.buffer = target;
      this.start = 0;
      this.end = pending;
    }
    return this.buffer.subarray(this.end);
  }

  /** Says that `bytes` were read into {@link space}. */
  commit(bytes: number): void {
    this.end += bytes;
  }

  push(chunk: Buffer): void {
    chunk.copy(this.space(chunk.length));
    this.commit(chunk.length);
  }

  /** Next whole frame without its length, a view that is good until the next bytes come in; undefined: none yet. */
  next(): Buffer | undefined {
    if (this.end - this.start < HEADER_BYTES) return undefined;
    const length = this.buffer.readUInt32LE(this.start);
    if (length > this.maxFrameBytes) throw new Error(`a frame of ${length} bytes is over ${this.maxFrameBytes}`);
    const from = this.start + HEADER_BYTES;
    if (this.end - from < length) {
      // Room for the rest at once, instead of by doubling.
      if (length > this.buffer.length - from) this.space(length - (this.end - from));
      return undefined;
    }
    this.start = from + length;
    return this.buffer.subarray(from, from + length);
  }
}

/** Writes one frame of a known size. */
export class FrameWriter {
  readonly bytes: Buffer;
  private at = HEADER_BYTES;

  /** @param contentBytes size of everything after the type */
  constructor(type: number, contentBytes: number) {
    this.bytes = Buffer.allocUnsafe(HEADER_BYTES + 1 + contentBytes);
    this.bytes.writeUInt32LE(1 + contentBytes, 0);
    this.u8(type);
  }

  u8(value: number): void {
    this.at = this.bytes.writeUInt8(value, this.at);
  }
  u32(value: number): void {
    this.at = this.bytes.writeUInt32LE(value, this.at);
  }
  u64(value: bigint): void {
    this.at = this.bytes.writeBigUInt64LE(value, this.at);
  }
  f64(value: number): void {
    this.at = this.bytes.writeDoubleLE(value, this.at);
  }
  raw(value: Uint8Array): void {
    this.bytes.set(value, this.at);
    this.at += value.length;
  }
  /** Length-prefixed bytes: 4 bytes more than they are. */
  vector(value: Uint8Array): void {
    this.u32(value.length);
    this.raw(value);
  }
}

/** Reads one frame; a read past its end throws a RangeError. */
export class FrameCursor {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  u8(): number {
    return this.bytes.readUInt8(this.at++);
  }
  u32(): number {
    this.at += 4;
    return this.bytes.readUInt32LE(this.at - 4);
  }
  u64(): bigint {
    this.at += 8;
    return this.bytes.readBigUInt64LE(this.at - 8);
  }
  f64(): number {
    this.at += 8;
    return this.bytes.readDoubleLE(this.at - 8);
  }
  /** A view of the frame. */
  raw(length: number): Buffer {
    if (length > this.bytes.length - this.at) throw new RangeError(`a frame ends ${length} bytes early`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  vector(): Buffer {
    return this.raw(this.u32());
  }
  rest(): Buffer {
    return this.raw(this.bytes.length - this.at);
  }
}
