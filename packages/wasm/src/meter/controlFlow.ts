import { ByteReader } from "./bytes.ts";
import type { ChargeWriter } from "./chargeWriter.ts";
import type { InstructionCursor } from "./cursor.ts";
import type { OperandStack } from "./operandStack.ts";
import { assertLimit, invalidModule } from "./refuse.ts";
import { type ModuleStructure, typeAt } from "./structure.ts";
import { valueType } from "./valueType.ts";

type BlockKind = "function" | "block" | "loop" | "if" | "else";

/** One open block of live code. */
interface Frame {
  kind: BlockKind;
  readonly params: Uint8Array;
  readonly results: Uint8Array;
  /** Operands below the block's own. */
  readonly height: number;
  /** A live branch leads to its end. */
  isTargeted: boolean;
  /** The end of its first arm is reached. */
  firstArmEnds: boolean;
}

const NO_TYPES = new Uint8Array(0);
const ONE_TYPE: readonly Uint8Array[] = Array.from({ length: 128 }, (_, type) => Uint8Array.of(type));
const LOOP = 0x03;
const IF = 0x04;

/** The open blocks around the current instruction, and whether it can be reached at all. */
export class ControlFlow {
  /** Nothing reaches the current instruction: it is left out. */
  isDead = false;
  private readonly frames: Frame[] = [];
  /** Blocks opened inside dead code. */
  private deadBlocks = 0;
  private readonly module: ModuleStructure;
  private readonly cursor: InstructionCursor;
  private readonly stack: OperandStack;
  private readonly charges: ChargeWriter;

  /** @param results of the function */
  constructor(
    module: ModuleStructure,
    cursor: InstructionCursor,
    stack: OperandStack,
    charges: ChargeWriter,
    results: Uint8Array,
  ) {
    this.module = module;
    this.cursor = cursor;
    this.stack = stack;
    this.charges = charges;
    this.open("function", NO_TYPES, results);
  }

  /** The function's own end was read. */
  get hasEnded(): boolean {
    return this.frames.length === 0;
  }

  /** Label of the function's end. */
  get outermostLabel(): number {
    return this.frames.length - 1;
  }

  /** Readies the operands that a branch takes along, with `above` operands on top of them. */
  branch(label: number, above: number): void {
    const frame = this.frames[this.frames.length - 1 - label];
    if (frame === undefined) invalidModule(`there is no label ${label}`, this.cursor.start);
    if (frame.kind !== "loop") frame.isTargeted = true;
    this.stack.observe((frame.kind === "loop" ? frame.params : frame.results).length + above);
  }

  /** block, loop or if. */
  enter(code: number): void {
    const { stack, charges } = this;
    const { params, results } = this.blockType();
    if (params.length > 0) {
      // Inside, they join what branches bring (a loop) or what the other arm leaves (an if).
      const condition = code === IF ? 1 : 0;
      stack.observe(params.length + condition);
      stack.pop(condition);
      stack.markExact(params.length);
    } else if (code === IF) stack.pop();
    this.open(code === LOOP ? "loop" : code === IF ? "if" : "block", params, results);
    if (code === LOOP) charges.flush();
    charges.segment.raw(this.module.bytes, this.cursor.start, this.cursor.reader.position);
    if (code === LOOP) charges.loopHeader();
    if (code === IF) charges.flush();
  }

  private blockType(): { readonly params: Uint8Array; readonly results: Uint8Array } {
    const { first, start, reader } = this.cursor;
    if (first >= 0) return typeAt(this.module, first, start);
    if (first === -64) return { params: NO_TYPES, results: NO_TYPES };
    return { params: NO_TYPES, results: ONE_TYPE[valueType(new ByteReader(reader.bytes, start + 1, reader.end))]! };
  }

  private open(kind: BlockKind, params: Uint8Array, results: Uint8Array): void {
    assertLimit("nesting", this.frames.length, this.cursor.start);
    const height = this.stack.height - params.length;
    this.frames.push({ kind, params, results, height, isTargeted: false, firstArmEnds: false });
  }

  /** else */
  otherwise(): void {
    const frame = this.frames[this.frames.length - 1]!;
    if (frame.kind !== "if") invalidModule("else without if", this.cursor.start);
    if (!this.isDead) {
      this.stack.observe(frame.results.length);
      this.charges.flush();
    }
    frame.firstArmEnds = !this.isDead;
    frame.kind = "else";
    this.isDead = false;
    this.stack.truncate(frame.height);
    this.stack.pushAll(frame.params);
    this.charges.output.byte(0x05);
  }

  /** end */
  close(): void {
    const { stack, charges } = this;
    const frame = this.frames.pop()!;
    const isJoin = frame.kind !== "loop" && (frame.isTargeted || frame.kind !== "block");
    if (!this.isDead) {
      if (isJoin) stack.observe(frame.results.length);
      if (isJoin && frame.kind !== "function") charges.flush();
    }
    const isReached = !this.isDead || frame.isTargeted || frame.firstArmEnds || frame.kind === "if";
    if (frame.kind === "function") {
      charges.end(isReached);
      return;
    }
    (isJoin || this.isDead ? charges.output : charges.segment).byte(0x0b);
    if (!isReached) {
      // What follows is dead too, and left out: the operands it would have used must not be missed.
      charges.output.byte(0x00);
      return;
    }
    this.isDead = false;
    if (isJoin) {
      stack.truncate(frame.height);
      stack.pushAll(frame.results);
    }
  }

  /** Says that what follows is not reached. */
  die(): void {
    this.charges.flush();
    this.isDead = true;
    this.deadBlocks = 0;
  }

  /** Passes over an instruction that is not reached. */
  skip(code: number): void {
    if (code >= 0x02 && code <= 0x04) this.deadBlocks++;
    else if (code === 0x05 && this.deadBlocks === 0) this.otherwise();
    else if (code === 0x0b) {
      if (this.deadBlocks > 0) this.deadBlocks--;
      else this.close();
    }
  }
}
