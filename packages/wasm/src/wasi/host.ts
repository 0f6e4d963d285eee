import { type ExecutionRequest, STATUS, type Status } from "@demec/protocol/execution";
import { LENGTH_WEIGHTS } from "../meter/weights.ts";
import { ERRNO } from "./errno.ts";
import { BadAddress, type GuestMemory } from "./guestMemory.ts";
import { SeededRandom } from "./random.ts";

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

/** What a program's descriptors stand for. */
export type Stream = "stdin" | "stdout" | "stderr";

const utf8 = new TextEncoder();
const NOTHING = new Uint8Array(0);
/** First argument of every program: it has no name of its own here. */
const PROGRAM_NAME = zeroTerminated("main");

/** Grows by doubling and stops at a limit. */
class ByteSink {
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
 * The world of one invocation, as WASI_VERSION 1 defines it (docs/wasi.md): input, arguments, environment, a clock that
 * stands still, seeded randomness, two outputs, no files. Nothing of the machine shows through.
 */
export class WasiHost {
  readonly args: readonly Uint8Array[];
  readonly env: readonly Uint8Array[];
  readonly clockNs: bigint;
  readonly random: SeededRandom;
  readonly descriptors = new Map<number, Stream>([
    [0, "stdin"],
    [1, "stdout"],
    [2, "stderr"],
  ]);
  memory!: GuestMemory;
  private readonly input: Uint8Array;
  private inputAt = 0;
  private readonly stdout = new ByteSink();
  private readonly stderr = new ByteSink();
  private readonly outputLimit: number;
  /** Takes work off the meter; throws when nothing is left. */
  private readonly charge: (bitOps: number) => void;

  constructor(request: ExecutionRequest, charge: (bitOps: number) => void) {
    // A reactor gets its input by `handle`, and no arguments.
    const isCommand = request.shape === "command";
    this.args = isCommand ? [PROGRAM_NAME, ...request.args.map(zeroTerminated)] : [PROGRAM_NAME];
    this.env = isCommand ? request.env.map(([name, value]) => zeroTerminated(`${name}=${value}`)) : [];
    this.input = isCommand ? request.input : NOTHING;
    this.clockNs = request.clockNs;
    this.random = new SeededRandom(request.seed);
    this.outputLimit = request.limits.outputBytes;
    this.charge = charge;
  }

  /** Runs one host function: its price, its errors. */
  call(body: () => number): number {
    this.charge(LENGTH_WEIGHTS.opsPerHostCall);
    this.memory.refresh();
    try {
      return body();
    } catch (error) {
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

  /** Fills a range of memory with input, wholly unless the input ends. Returns the bytes read. */
  read(at: number, wanted: number): number {
    const length = Math.min(wanted, this.inputLeft);
    this.memory.copyIn(at, length, this.input, this.inputAt);
    this.inputAt += length;
    return length;
  }

  get inputLeft(): number {
    return this.input.length - this.inputAt;
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
