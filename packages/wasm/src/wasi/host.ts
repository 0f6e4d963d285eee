import { type ExecutionRequest, STATUS, type Status } from "@demec/protocol/execution";
import { FILE_LIMITS } from "@demec/protocol/files";
import { LENGTH_WEIGHTS } from "../meter/weights.ts";
import { Descriptors } from "./descriptors.ts";
import { ERRNO, Failed } from "./errno.ts";
import { type FileNode, FileTree } from "./fileTree.ts";
import { BadAddress, type GuestMemory } from "./guestMemory.ts";
import { SeededRandom } from "./random.ts";
import type { Ranges } from "./ranges.ts";
import { type CallStreams, InputStream } from "./streams.ts";

/** A deterministic end other than a return or a trap, thrown by host functions through the program. */
export class Ended {
  readonly status: Status;
  /** uint32 */
  readonly exitCode: number;

  constructor(status: Status, exitCode = 0) {
    this.status = status;
    this.exitCode = exitCode;
  }
}

const utf8 = new TextEncoder();
const NOTHING = new Uint8Array(0);
const STREAM_BUFFER_BYTES = 65_536;
/** First argument of every program: it has no name of its own here. */
const PROGRAM_NAME = zeroTerminated("main");

/** What collects or passes on output. */
interface Sink {
  /** Bytes appended. */
  readonly length: number;
  append(source: GuestMemory, at: number, length: number): void;
  /** What was collected. */
  bytes(): Uint8Array;
}

/** Passes on what fills its buffer. */
class StreamSink implements Sink {
  length = 0;
  private readonly buffer = new Uint8Array(STREAM_BUFFER_BYTES);
  private filled = 0;
  private readonly write: (bytes: Uint8Array) => void;

  constructor(write: (bytes: Uint8Array) => void) {
    this.write = write;
  }

  append(source: GuestMemory, at: number, length: number): void {
    this.length += length;
    for (let from = 0; from < length; ) {
      const part = Math.min(length - from, this.buffer.length - this.filled);
      source.copyOut(at + from, part, this.buffer, this.filled);
      this.filled += part;
      from += part;
      if (this.filled === this.buffer.length) this.bytes();
    }
  }

  /** Passes the rest on; nothing was collected. */
  bytes(): Uint8Array {
    if (this.filled > 0) this.write(this.buffer.subarray(0, this.filled));
    this.filled = 0;
    return NOTHING;
  }
}

/** Grows by doubling and stops at a limit. */
class ByteSink implements Sink {
  private buffer: Uint8Array = NOTHING;
  length = 0;

  append(source: GuestMemory, at: number, length: number): void {
    if (this.length + length > this.buffer.length) {
      const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.length + length));
      grown.set(this.buffer.subarray(0, this.length));
      this.buffer = grown;
    }
    source.copyOut(at, length, this.buffer, this.length);
    this.length += length;
  }

  bytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }
}

/**
 * The world of one invocation, as WASI_VERSION 2 defines it (docs/wasi.md): input, arguments, environment, a clock that
 * stands still, seeded randomness, two outputs, files in memory. Nothing of the machine shows through.
 */
export class WasiHost {
  readonly args: readonly Uint8Array[];
  readonly env: readonly Uint8Array[];
  readonly clockNs: bigint;
  readonly random: SeededRandom;
  memory!: GuestMemory;
  private readonly input: Uint8Array;
  private inputAt = 0;
  private readonly stream: InputStream | undefined;
  /** Bytes of the running read that were paid for. */
  private streamRead = 0;
  private readonly stdout: Sink;
  private readonly stderr = new ByteSink();
  private readonly outputLimit: number;
  private readonly requestFiles: ExecutionRequest["files"];
  /** Made when it is first asked for: a reactor may never do. */
  private tree: FileTree | undefined;
  private table: Descriptors | undefined;
  /** Takes work off the meter; throws when nothing is left. */
  private readonly charge: (bitOps: number) => void;

  /** @param streams in place of the request's input and of collected output; commands only */
  constructor(request: ExecutionRequest, charge: (bitOps: number) => void, streams?: CallStreams) {
    // A reactor gets its input by `handle`, and no arguments.
    const isCommand = request.shape === "command";
    this.args = isCommand ? [PROGRAM_NAME, ...request.args.map(zeroTerminated)] : [PROGRAM_NAME];
    this.env = isCommand ? request.env.map(([name, value]) => zeroTerminated(`${name}=${value}`)) : [];
    this.input = isCommand ? request.input : NOTHING;
    this.stream = streams && new InputStream(() => streams.nextInput());
    this.stdout = streams === undefined ? new ByteSink() : new StreamSink((bytes) => streams.writeOutput(bytes));
    this.clockNs = request.clockNs;
    this.random = new SeededRandom(request.seed);
    this.outputLimit = request.limits.outputBytes;
    this.requestFiles = request.files;
    this.charge = charge;
  }

  get files(): FileTree {
    this.tree ??= new FileTree(this.requestFiles, this.clockNs);
    return this.tree;
  }

  get descriptors(): Descriptors {
    this.table ??= new Descriptors(this.files);
    return this.table;
  }

  /** Runs one host function: its price, its errors. */
  call(body: () => number): number {
    this.charge(LENGTH_WEIGHTS.opsPerHostCall);
    this.memory.refresh();
    try {
      return body();
    } catch (error) {
      if (error instanceof Failed) return error.errno;
      if (error instanceof BadAddress) return ERRNO.fault;
      throw error;
    }
  }

  /** Price of bytes that the host copies. */
  chargeBytes(length: number): void {
    this.charge(Math.ceil(length / LENGTH_WEIGHTS.bytesPerOp));
  }

  chargeRandom(length: number): void {
    this.charge(length * LENGTH_WEIGHTS.opsPerRandomByte);
  }

  /** Price of finding what a path means. @throws Failed ENAMETOOLONG */
  chargePath(length: number): void {
    if (length > FILE_LIMITS.pathBytes) throw new Failed(ERRNO.nametoolong);
    this.charge(length * LENGTH_WEIGHTS.opsPerPathByte);
  }

  /** Price of a walk along so many directory entries. */
  chargeDirectory(entries: number): void {
    this.charge(entries * LENGTH_WEIGHTS.opsPerDirectoryEntry);
  }

  /** Makes a file ready to be written to up to `end`, from `from` on; what must be copied or zeroed for that has its price. */
  growFile(file: FileNode, end: number, from: number): void {
    if (end > file.size) this.files.assertRoom(file, end);
    this.chargeBytes((file.isShared ? file.size : 0) + Math.max(0, from - file.size));
    this.files.grow(file, end);
  }

  resizeFile(file: FileNode, size: number): void {
    if (size >= file.size) this.growFile(file, size, size);
    else {
      this.chargeBytes(size);
      this.files.shrink(file, size);
    }
  }

  /** Fills ranges of memory with input, wholly unless it ends, and takes the price: for a stream, as it comes. */
  readInput({ pairs, total }: Ranges): number {
    if (this.stream === undefined) this.chargeBytes(Math.min(total, this.input.length - this.inputAt));
    this.streamRead = 0;
    let read = 0;
    for (let i = 0; i < pairs.length; i += 2) {
      const wanted = pairs[i + 1]!;
      const length = this.read(pairs[i]!, wanted);
      read += length;
      if (length < wanted) break;
    }
    return read;
  }

  private read(at: number, wanted: number): number {
    if (this.stream !== undefined) return this.readStream(this.stream, at, wanted);
    const length = Math.min(wanted, this.input.length - this.inputAt);
    this.memory.copyIn(at, length, this.input, this.inputAt);
    this.inputAt += length;
    return length;
  }

  private readStream(stream: InputStream, at: number, wanted: number): number {
    let read = 0;
    while (read < wanted) {
      const part = stream.take(wanted - read);
      if (part === undefined) break;
      const { bytesPerOp } = LENGTH_WEIGHTS;
      const paid = Math.ceil(this.streamRead / bytesPerOp);
      this.streamRead += part.length;
      this.charge(Math.ceil(this.streamRead / bytesPerOp) - paid);
      this.memory.copyIn(at + read, part.length, part, 0);
      read += part.length;
    }
    return read;
  }

  /** Bytes of input that can be read: all that are left, of a stream 64 KiB at most. */
  get inputReady(): number {
    return this.stream === undefined ? this.input.length - this.inputAt : this.stream.ready();
  }

  /** Writes a range of memory. @throws Ended when both outputs together pass the limit; what still fits is kept */
  write(stream: "stdout" | "stderr", at: number, length: number): void {
    const room = this.outputLimit - this.written;
    this[stream].append(this.memory, at, Math.min(length, room));
    if (length > room) throw new Ended(STATUS.outputLimitExceeded);
  }

  /** Bytes of both outputs. */
  get written(): number {
    return this.stdout.length + this.stderr.length;
  }

  output(): Uint8Array {
    return this.stdout.bytes();
  }

  errors(): Uint8Array {
    return this.stderr.bytes();
  }
}

function zeroTerminated(text: string): Uint8Array {
  return utf8.encode(`${text}\0`);
}
