import type { BodyFacts } from "./bodyFacts.ts";
import { ByteReader } from "./bytes.ts";
import { EDGE } from "./chargePlan.ts";
import type { ChargeWriter } from "./chargeWriter.ts";
import type { InstructionCursor } from "./cursor.ts";
import type { OperandStack } from "./operandStack.ts";
import { assertLimit, invalidModule } from "./refuse.ts";
import { type ModuleStructure, typeAt } from "./structure.ts";
import { valueType } from "./valueType.ts";

type BlockKind = "function" | "inlined" | "block" | "loop" | "if" | "else";

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
  /** Class of the edges that its label stands for: to its end, or to a loop's start. */
  edges: number;
  /** Of an if: class of the edges into its second arm. */
  otherwise: number;
  /** Blocks around it in the rewritten code; the label of the function counts as one. */
  readonly depth: number;
  /** A loop with a second one around it. */
  isWrapped: boolean;
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
  /** Frames of this function and of those that stand in for calls. */
  private readonly inlined: number[] = [0];
  /** Blocks opened inside dead code. */
  private deadBlocks = 0;
  private readonly module: ModuleStructure;
  private readonly cursor: InstructionCursor;
  private readonly stack: OperandStack;
  private readonly charges: ChargeWriter;
  private readonly localCount: number;
  /** Values that compilers carry through parting and meeting ways, see MODULE_LIMITS. */
  mergedValues = 0;
  private readonly facts: BodyFacts;

  /** @param results of the function */
  constructor(
    module: ModuleStructure,
    cursor: InstructionCursor,
    stack: OperandStack,
    charges: ChargeWriter,
    facts: BodyFacts,
    localCount: number,
    results: Uint8Array,
  ) {
    this.module = module;
    this.cursor = cursor;
    this.stack = stack;
    this.charges = charges;
    this.facts = facts;
    this.localCount = localCount;
    this.open("function", NO_TYPES, results, charges.exit);
  }

  /** The function's own end was read. */
  get hasEnded(): boolean {
    return this.frames.length === 0;
  }

  /** Label that a return leads to: the end of the function, or of the one that stands in for a call. */
  get returnLabel(): number {
    return this.frames.length - 1 - this.inlined[this.inlined.length - 1]!;
  }

  /** The label in the rewritten code. */
  outputLabel(label: number): number {
    const { frames } = this;
    const top = frames[frames.length - 1]!;
    return top.depth - frames[frames.length - 1 - label]!.depth;
  }

  /** Readies the operands that a branch takes along, with `above` operands on top of them. Returns the edges' class. */
  readyBranch(label: number, above: number): number {
    const frame = this.frames[this.frames.length - 1 - label];
    if (frame === undefined) invalidModule(`there is no label ${label}`, this.cursor.start);
    if (frame.kind !== "loop") frame.isTargeted = true;
    this.stack.observe((frame.kind === "loop" ? frame.params : frame.results).length + above);
    return frame.edges;
  }

  private merge(ways: number): void {
    this.mergedValues += ways * (this.localCount + this.stack.height);
    assertLimit("mergedValues", this.mergedValues, this.cursor.start);
  }

  /** br */
  branch(label: number): void {
    const edges = this.readyBranch(label, 0);
    this.charges.code.op(0x0c, this.outputLabel(label));
    this.die(edges);
  }

  /** br_if */
  branchIf(label: number): void {
    const { charges } = this;
    this.merge(1);
    const edges = this.readyBranch(label, 1);
    this.stack.pop();
    charges.code.op(0x0d, this.outputLabel(label));
    charges.finish(edges);
    charges.begin(edges);
  }

  /** br_table */
  branchTable(labels: readonly number[]): void {
    const { code, plan } = this.charges;
    this.merge(labels.length);
    let edges = this.readyBranch(labels[0]!, 1);
    for (const label of labels) edges = plan.unite(edges, this.readyBranch(label, 1));
    code.op(0x0e, labels.length - 1);
    for (const label of labels) code.u32(this.outputLabel(label));
    this.die(edges);
  }

  /** block, loop or if. */
  enter(code: number): void {
    const { stack, charges } = this;
    const { params, results } = this.blockType();
    this.merge(code === LOOP ? 2 : 1);
    if (params.length > 0) {
      // Inside, they join what branches bring (a loop) or what the other arm leaves (an if).
      const condition = code === IF ? 1 : 0;
      stack.observe(params.length + condition);
      stack.pop(condition);
      stack.markExact(params.length);
    } else if (code === IF) stack.pop();
    const write = () => charges.code.raw(this.module.bytes, this.cursor.start, this.cursor.reader.position);
    if (code === LOOP) {
      const edges = charges.plan.edges(EDGE.settled);
      charges.finish(edges);
      const isWrapped = charges.beginLoop(edges, this.facts.callFreeLoops.get(this.cursor.start), write);
      this.open("loop", params, results, edges, isWrapped);
      return;
    }
    write();
    const frame = this.open(code === IF ? "if" : "block", params, results, charges.plan.edges());
    if (code !== IF) return;
    frame.otherwise = charges.plan.edges();
    charges.finish(frame.otherwise);
    charges.begin(frame.otherwise);
  }

  private blockType(): { readonly params: Uint8Array; readonly results: Uint8Array } {
    const { first, start, reader } = this.cursor;
    if (first >= 0) return typeAt(this.module, first, start);
    if (first === -64) return { params: NO_TYPES, results: NO_TYPES };
    return { params: NO_TYPES, results: ONE_TYPE[valueType(new ByteReader(reader.bytes, start + 1, reader.end))]! };
  }

  private open(kind: BlockKind, params: Uint8Array, results: Uint8Array, edges: number, isWrapped = false): Frame {
    assertLimit("nesting", this.frames.length, this.cursor.start);
    const height = this.stack.height - params.length;
    const around = this.frames[this.frames.length - 1];
    const depth = around === undefined ? 0 : around.depth + (isWrapped ? 2 : 1);
    const frame = { kind, params, results, height, edges, depth, isWrapped };
    const opened = { ...frame, isTargeted: false, firstArmEnds: false, otherwise: edges };
    this.frames.push(opened);
    return opened;
  }

  /** Opens the block of a function that stands in for a call. */
  enterInlined(results: Uint8Array): void {
    this.inlined.push(this.frames.length);
    this.open("inlined", NO_TYPES, results, this.charges.plan.edges());
  }

  /** else */
  otherwise(): void {
    const { charges } = this;
    const frame = this.frames[this.frames.length - 1]!;
    if (frame.kind !== "if") invalidModule("else without if", this.cursor.start);
    if (!this.isDead) {
      this.stack.observe(frame.results.length);
      charges.finish(frame.edges);
    }
    frame.firstArmEnds = !this.isDead;
    frame.kind = "else";
    this.isDead = false;
    this.stack.truncate(frame.height);
    this.stack.pushAll(frame.params);
    charges.code.byte(0x05);
    charges.begin(frame.otherwise);
  }

  /** end. Returns whether it is the end of a function. */
  close(): boolean {
    const { stack, charges } = this;
    const frame = this.frames.pop()!;
    const isJoin = frame.kind !== "loop" && (frame.isTargeted || frame.kind !== "block");
    if (frame.kind === "if") charges.plan.unite(frame.edges, frame.otherwise);
    if (!this.isDead && isJoin) {
      stack.observe(frame.results.length);
      charges.finish(frame.edges);
    }
    const isReached = !this.isDead || frame.isTargeted || frame.firstArmEnds || frame.kind === "if";
    if (frame.kind === "function") {
      charges.end(isReached);
      return true;
    }
    const endsFunction = frame.kind === "inlined";
    if (endsFunction) this.inlined.pop();
    charges.code.byte(0x0b);
    if (frame.isWrapped) charges.code.byte(0x0b);
    if (!isReached) {
      // What follows is dead too, and left out: the operands it would have used must not be missed.
      charges.code.byte(0x00);
      return endsFunction;
    }
    this.isDead = false;
    if (isJoin) {
      stack.truncate(frame.height);
      stack.pushAll(frame.results);
      charges.begin(frame.edges);
    }
    return endsFunction;
  }

  /** Says that what follows is not reached. @param to class of the edges that lead away from here */
  die(to: number): void {
    this.charges.finish(to);
    this.isDead = true;
    this.deadBlocks = 0;
  }

  /** unreachable */
  trap(): void {
    this.die(this.charges.plan.edges(EDGE.trap));
  }

  /** Passes over an instruction that is not reached. Returns whether it is the end of a function. */
  skip(code: number): boolean {
    if (code >= 0x02 && code <= 0x04) this.deadBlocks++;
    else if (code === 0x05 && this.deadBlocks === 0) this.otherwise();
    else if (code === 0x0b) {
      if (this.deadBlocks > 0) this.deadBlocks--;
      else return this.close();
    }
    return false;
  }
}
