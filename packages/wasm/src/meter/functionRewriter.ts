import { type BodyFacts, gatherFacts, isArithmetic, producedClass } from "./bodyFacts.ts";
import { ByteReader, type ByteWriter } from "./bytes.ts";
import { ChargeWriter } from "./chargeWriter.ts";
import { InstructionCursor } from "./cursor.ts";
import {
  BIT_WEIGHT,
  EXACT,
  FLOAT_WEIGHT,
  JOIN,
  LANES,
  NEUTRAL,
  OBSERVES,
  PLAIN,
  POPS,
  PREFIX_FC,
  PREFIX_FD,
  PUSHES,
  YIELDS,
} from "./instructionTable.ts";
import type { MeterIndexes } from "./meterIndexes.ts";
import { ExtraLocals, OperandStack, slotsOf } from "./operandStack.ts";
import { assertLimit, invalidModule } from "./refuse.ts";
import { type FunctionType, type ModuleStructure, typeAt, typeOfFunction } from "./structure.ts";
import { F32, F64, FUNCREF, I32, V128, valueType } from "./valueType.ts";

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

/**
 * Rewrites one body: work is charged segment by segment (straight-line code), arithmetic NaNs are made canonical where
 * their bits would show, growth and bulk operations pay by length, dead code is left out. docs/meter.md has the rules.
 */
export class FunctionRewriter {
  private readonly module: ModuleStructure;
  private readonly indexes: MeterIndexes;
  private readonly type: FunctionType;
  private readonly cursor: InstructionCursor;
  private readonly bodyEnd: number;
  private readonly localTypes: Uint8Array;
  private readonly facts: BodyFacts;
  private readonly extras: ExtraLocals;
  private readonly charges: ChargeWriter;
  private readonly code: ByteWriter;
  private readonly stack: OperandStack;
  private readonly frames: Frame[] = [];
  private isDead = false;
  /** Blocks opened inside dead code. */
  private deadBlocks = 0;

  constructor(module: ModuleStructure, indexes: MeterIndexes, functionIndex: number) {
    this.module = module;
    this.indexes = indexes;
    const body = module.bodies[functionIndex - module.importedFunctions]!;
    this.type = typeOfFunction(module, functionIndex, body.start);
    const reader = new ByteReader(module.bytes, body.start, body.end);
    this.localTypes = readLocals(reader, this.type.params);
    this.facts = gatherFacts(module.bytes, reader.position, body.end, this.localTypes, this.type.params.length);
    this.cursor = new InstructionCursor(reader);
    this.bodyEnd = body.end;
    this.extras = new ExtraLocals(this.localTypes.length);
    this.charges = new ChargeWriter(indexes, this.facts, this.extras);
    this.code = this.charges.segment;
    this.stack = new OperandStack(this.code, this.extras);
  }

  /** Returns the new body without its size. */
  rewrite(): ByteWriter {
    const { cursor, module } = this;
    const { bytes } = module;
    this.open("function", NO_TYPES, this.type.results);
    while (cursor.reader.position < this.bodyEnd) {
      cursor.next();
      const { code } = cursor;
      if (this.frames.length === 0) invalidModule("code follows the end of a function", cursor.start);
      if (this.isDead) {
        this.skipDead(code);
        continue;
      }
      this.charges.add(BIT_WEIGHT[code]!, FLOAT_WEIGHT[code]!);
      if (PLAIN[code] === 1) {
        this.plain(code);
        this.code.raw(bytes, cursor.start, cursor.reader.position);
      } else this.special(code);
    }
    if (this.frames.length > 0) invalidModule("a function does not end", this.bodyEnd);
    return this.assemble();
  }

  private assemble(): ByteWriter {
    const { params, results } = this.type;
    let valueSlots = this.stack.maxSlots;
    for (const types of [this.localTypes, this.extras.types, params, results]) {
      for (const type of types) valueSlots += slotsOf(type);
    }
    return this.charges.assemble(this.localTypes.subarray(params.length), results, valueSlots);
  }

  private plain(code: number): void {
    const { stack } = this;
    const pops = POPS[code]!;
    const lanes = LANES[code]!;
    const pushes = PUSHES[code]!;
    let yields = YIELDS[code]!;
    if (yields === JOIN) {
      yields = stack.join(pops, lanes);
      if (pushes === V128 && yields === NEUTRAL) yields = lanes;
    } else if (OBSERVES[code] === 1) {
      if (lanes === EXACT) stack.observe(pops);
      else stack.observeForeign(pops, lanes);
    }
    stack.pop(pops);
    if (pushes !== 0) stack.push(pushes, yields);
  }

  private copy(): void {
    const { cursor } = this;
    this.code.raw(this.module.bytes, cursor.start, cursor.reader.position);
  }

  private special(code: number): void {
    const { stack, cursor } = this;
    switch (code) {
      case 0x00:
        this.copy();
        this.die();
        break;
      case 0x01:
        break;
      case 0x02:
      case 0x03:
      case 0x04:
        this.openBlock(code);
        break;
      case 0x05:
        this.otherwise();
        break;
      case 0x0b:
        this.close();
        break;
      case 0x0c:
        this.branchOperands(cursor.first, 0);
        this.copy();
        this.die();
        break;
      case 0x0d:
        this.branchOperands(cursor.first, 1);
        stack.pop();
        this.copy();
        this.charges.flush();
        break;
      case 0x0e:
        for (const label of cursor.targets) this.branchOperands(label, 1);
        this.copy();
        this.die();
        break;
      case 0x0f:
        this.return();
        break;
      case 0x10:
      case 0x12:
        this.call(typeOfFunction(this.module, cursor.first, cursor.start), 0, code === 0x12);
        break;
      case 0x11:
      case 0x13:
        this.call(typeAt(this.module, cursor.first, cursor.start), 1, code === 0x13);
        break;
      case 0x1a:
        stack.pop();
        this.copy();
        break;
      case 0x1b:
      case 0x1c:
        this.select(code);
        break;
      default:
        if (code < PREFIX_FC) this.variable(code);
        else if (code === PREFIX_FD + 12) this.push(V128, producedClass(this.module.bytes, code, cursor.start));
        else this.bulk(code - PREFIX_FC);
    }
  }

  private push(type: number, valueClass: number): void {
    this.copy();
    this.stack.push(type, valueClass);
  }

  private variable(code: number): void {
    const { stack, cursor, module } = this;
    const { first } = cursor;
    switch (code) {
      case 0x20:
        this.push(this.localTypes[first]!, this.facts.localClasses[first]!);
        break;
      case 0x21:
      case 0x22: {
        const localClass = this.facts.localClasses[first];
        if (localClass === EXACT) stack.observe(1);
        else if (stack.topClass() !== NEUTRAL && stack.topClass() !== localClass) {
          throw new Error(`meter: local ${first} gets a value of class ${stack.topClass()}, not ${localClass}`);
        }
        if (code === 0x21) stack.pop();
        this.copy();
        break;
      }
      case 0x23:
        this.push(module.globalTypes[first]!, EXACT);
        break;
      case 0x24:
        stack.observe(1);
        stack.pop();
        this.copy();
        break;
      case 0x25:
        stack.pop();
        this.push(module.tables[first]!.elementType, EXACT);
        break;
      case 0x26:
        stack.pop(2);
        this.copy();
        break;
      case 0x40:
        this.code.op(0x10, this.indexes.helper("growMemory"));
        this.charges.reload();
        break;
      case 0x43:
        this.push(F32, producedClass(module.bytes, code, cursor.start));
        break;
      case 0x44:
        this.push(F64, producedClass(module.bytes, code, cursor.start));
        break;
      case 0xd0:
        this.push(first, EXACT);
        break;
      case 0xd1:
        stack.pop();
        this.push(I32, EXACT);
        break;
      case 0xd2:
        this.push(FUNCREF, EXACT);
        break;
      default:
        throw new Error(`meter: instruction ${code} has no rule`);
    }
  }

  private bulk(sub: number): void {
    const { stack, indexes } = this;
    if (sub === 15) {
      this.code.op(0x10, indexes.tableGrower(this.cursor.first));
      stack.pop(2);
      stack.push(I32, EXACT);
      this.charges.reload();
      return;
    }
    if (sub === 9 || sub === 13) {
      this.copy();
      return;
    }
    const isMemory = sub <= 11;
    this.code.op(0x10, indexes.helper(isMemory ? "chargeBytes" : "chargeElements"));
    this.charges.reload();
    stack.pop(3);
    this.copy();
  }

  private select(code: number): void {
    const { stack } = this;
    const type = code === 0x1c ? this.cursor.first : stack.topType(1);
    let joined = EXACT;
    if (type === F32 || type === F64 || type === V128) {
      const lanes = isArithmetic(stack.topClass(1)) ? stack.topClass(1) : stack.topClass(2);
      joined = stack.join(3, lanes, 1);
    }
    stack.pop(3);
    this.push(type, joined);
  }

  /** Readies the operands that a branch takes along, with `above` operands on top of them. */
  private branchOperands(label: number, above: number): void {
    const frame = this.frames[this.frames.length - 1 - label];
    if (frame === undefined) invalidModule(`there is no label ${label}`, this.cursor.start);
    if (frame.kind !== "loop") frame.isTargeted = true;
    this.stack.observe((frame.kind === "loop" ? frame.params : frame.results).length + above);
  }

  private return(): void {
    this.stack.observe(this.type.results.length);
    if (this.charges.restoresStack) {
      // The frame's slots are given back at the function's end.
      this.code.op(0x0c, this.frames.length - 1);
      this.frames[0]!.isTargeted = true;
    } else this.copy();
    this.die();
  }

  private call(type: FunctionType, above: number, isTail: boolean): void {
    const { stack } = this;
    stack.observe(type.params.length + above);
    stack.pop(type.params.length + above);
    if (isTail) {
      this.charges.restoreStack(this.code);
      this.copy();
      this.die();
      return;
    }
    this.copy();
    stack.pushAll(type.results);
    this.charges.reload();
  }

  private open(kind: BlockKind, params: Uint8Array, results: Uint8Array): void {
    assertLimit("nesting", this.frames.length, this.cursor.start);
    const height = this.stack.height - params.length;
    this.frames.push({ kind, params, results, height, isTargeted: false, firstArmEnds: false });
  }

  private openBlock(code: number): void {
    const { first, start, reader } = this.cursor;
    let params: Uint8Array = NO_TYPES;
    let results: Uint8Array = NO_TYPES;
    if (first >= 0) ({ params, results } = typeAt(this.module, first, start));
    else if (first !== -64) results = ONE_TYPE[valueType(new ByteReader(reader.bytes, start + 1, reader.end))]!;
    if (code === 0x04) this.stack.pop();
    if (params.length > 0) {
      if (code === 0x04) this.stack.push(I32, EXACT);
      this.stack.observe(params.length + (code === 0x04 ? 1 : 0));
      if (code === 0x04) this.stack.pop();
      this.stack.markExact(params.length);
    }
    this.open(code === 0x02 ? "block" : code === 0x03 ? "loop" : "if", params, results);
    if (code === 0x03) this.charges.flush();
    this.copy();
    if (code === 0x03) this.charges.loopHeader();
    if (code === 0x04) this.charges.flush();
  }

  private otherwise(): void {
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

  private close(): void {
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

  private die(): void {
    this.charges.flush();
    this.isDead = true;
    this.deadBlocks = 0;
  }

  private skipDead(code: number): void {
    if (code >= 0x02 && code <= 0x04) this.deadBlocks++;
    else if (code === 0x05 && this.deadBlocks === 0) this.otherwise();
    else if (code === 0x0b) {
      if (this.deadBlocks > 0) this.deadBlocks--;
      else this.close();
    }
  }
}

/** Types of parameters and declared locals. @throws wasm/over-limit */
function readLocals(reader: ByteReader, params: Uint8Array): Uint8Array {
  const groups: (readonly [count: number, type: number])[] = [];
  let total = params.length;
  for (let count = reader.u32(); count > 0; count--) {
    const size = reader.u32();
    total += size;
    assertLimit("locals", total, reader.position);
    groups.push([size, valueType(reader)]);
  }
  const types = new Uint8Array(total);
  types.set(params);
  let next = params.length;
  for (const [size, type] of groups) {
    types.fill(type, next, next + size);
    next += size;
  }
  return types;
}
