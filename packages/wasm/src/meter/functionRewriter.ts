import { isArithmetic, producedClass } from "./bodyFacts.ts";
import type { CodeWriter } from "./branchHints.ts";
import { ByteReader } from "./bytes.ts";
import { type BodyBuffers, ChargeWriter } from "./chargeWriter.ts";
import { ControlFlow } from "./controlFlow.ts";
import { InstructionCursor } from "./cursor.ts";
import { type FunctionSource, type FunctionSources, mayRepeat } from "./inlining.ts";
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
import { INLINING } from "./limits.ts";
import type { MeterIndexes } from "./meterIndexes.ts";
import { ExtraLocals, OperandStack, slotsOf } from "./operandStack.ts";
import { invalidModule } from "./refuse.ts";
import { type FunctionType, type ModuleStructure, typeAt, typeOfFunction } from "./structure.ts";
import { F32, F64, FUNCREF, I32, V128, writeZero } from "./valueType.ts";

/** A function whose code is being read. */
interface Inlined {
  readonly source: FunctionSource;
  /** Its locals in the function that is written; undefined: they keep their indexes. */
  readonly locals: readonly number[] | undefined;
  /** Byte offset behind the call that it stands in for. */
  readonly returnTo: number;
}

/**
 * Rewrites one body: work is charged segment by segment (straight-line code), arithmetic NaNs are made canonical where
 * their bits would show, growth and bulk operations pay by length, dead code is left out. docs/meter.md has the rules.
 */
export class FunctionRewriter {
  private readonly module: ModuleStructure;
  private readonly indexes: MeterIndexes;
  private readonly sources: FunctionSources;
  private readonly source: FunctionSource;
  private readonly cursor: InstructionCursor;
  private readonly extras: ExtraLocals;
  private readonly charges: ChargeWriter;
  private readonly code: CodeWriter;
  private readonly stack: OperandStack;
  private readonly flow: ControlFlow;
  /** The function whose code is read now: this one, or one that stands in for a call. */
  private current: Inlined;
  private readonly callers: Inlined[] = [];
  /** Locals of functions that stand in for calls, by how deep they are inside one another and type. */
  private readonly inlinedLocals: number[][] = [];
  private growth = 0;

  constructor(
    module: ModuleStructure,
    indexes: MeterIndexes,
    buffers: BodyBuffers,
    sources: FunctionSources,
    index: number,
  ) {
    this.module = module;
    this.indexes = indexes;
    this.sources = sources;
    this.source = sources.source(index);
    const { type, localTypes, facts, start, end } = this.source;
    this.current = { source: this.source, locals: undefined, returnTo: end };
    this.cursor = new InstructionCursor(new ByteReader(module.bytes, start, end));
    this.extras = new ExtraLocals(localTypes.length);
    this.charges = new ChargeWriter(buffers, indexes, facts, this.extras);
    this.code = this.charges.code;
    this.stack = new OperandStack(this.code, this.extras);
    this.flow = new ControlFlow(module, this.cursor, this.stack, this.charges, facts, localTypes.length, type.results);
  }

  /** Of the function, when it is rewritten: see MODULE_LIMITS. */
  get mergedValues(): number {
    return this.flow.mergedValues;
  }

  /** Returns the new body without its size, good until the next function is rewritten. */
  rewrite(): CodeWriter {
    const { cursor, module, flow } = this;
    const { bytes } = module;
    const { reader } = cursor;
    while (reader.position < reader.end) {
      cursor.next();
      const { code } = cursor;
      if (flow.hasEnded) invalidModule("code follows the end of a function", cursor.start);
      if (flow.isDead) {
        if (flow.skip(code)) this.endInlined();
        continue;
      }
      this.charges.add(BIT_WEIGHT[code]!, FLOAT_WEIGHT[code]!);
      if (PLAIN[code] === 1) {
        this.plain(code);
        this.code.raw(bytes, cursor.start, reader.position);
      } else this.special(code);
    }
    if (!flow.hasEnded) invalidModule("a function does not end", reader.end);
    return this.assemble();
  }

  private assemble(): CodeWriter {
    const { type, localTypes } = this.source;
    const { params, results } = type;
    let valueSlots = this.stack.maxSlots;
    for (const types of [localTypes, this.extras.types, params, results]) {
      for (const valueType of types) valueSlots += slotsOf(valueType);
    }
    return this.charges.assemble(localTypes.subarray(params.length), results, valueSlots);
  }

  /** What stands in for a direct call, undefined: the call itself. */
  private standIn(index: number): FunctionSource | undefined {
    const { source, callers } = this;
    let found: FunctionSource | undefined;
    if (index !== source.index) found = callers.length === 0 ? this.sources.leaf(index) : undefined;
    else if (callers.length < INLINING.recursionDepth && mayRepeat(source)) found = source;
    if (found === undefined) return undefined;
    // A function without float operations doesn't test the float counter.
    if (found.facts.hasFloat && !source.facts.hasFloat) return undefined;
    const size = found.end - found.start + INLINING.overheadBytes;
    if (this.growth + size > INLINING.growthBytes + source.end - source.start) return undefined;
    this.growth += size;
    return found;
  }

  /** Reads a function's code in place of a call of it. Its arguments are on the stack. */
  private inline(source: FunctionSource): void {
    const { code, stack, extras, callers, cursor } = this;
    const { params, results } = source.type;
    stack.observe(params.length);
    stack.pop(params.length);
    this.inlinedLocals[callers.length] ??= [];
    const free = this.inlinedLocals[callers.length]!;
    // Siblings share their locals: one has ended before the next begins.
    const locals = Array.from(source.localTypes, (type, i) => {
      const key = i * 256 + type;
      free[key] ??= extras.add(type);
      return free[key]!;
    });
    for (let i = params.length - 1; i >= 0; i--) code.op(0x21, locals[i]!);
    for (let i = params.length; i < locals.length; i++) {
      writeZero(code, source.localTypes[i]!);
      code.op(0x21, locals[i]!);
    }
    code.byte(0x02);
    this.indexes.writeBlockType(code, results);
    callers.push(this.current);
    this.current = { source, locals, returnTo: cursor.reader.position };
    this.flow.enterInlined(results);
    cursor.reader.position = source.start;
    cursor.reader.end = source.end;
  }

  /** Goes on behind the call that the function which just ended stood in for. */
  private endInlined(): void {
    const caller = this.callers.pop();
    if (caller === undefined) return;
    const { reader } = this.cursor;
    reader.position = this.current.returnTo;
    reader.end = caller.source.end;
    this.current = caller;
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
        this.flow.trap();
        break;
      case 0x01:
        break;
      case 0x02:
      case 0x03:
      case 0x04:
        this.flow.enter(code);
        break;
      case 0x05:
        this.flow.otherwise();
        break;
      case 0x0b:
        if (this.flow.close()) this.endInlined();
        break;
      case 0x0c:
        this.flow.branch(cursor.first);
        break;
      case 0x0d:
        this.flow.branchIf(cursor.first);
        break;
      case 0x0e:
        this.flow.branchTable(cursor.targets);
        break;
      case 0x0f:
        this.return();
        break;
      case 0x10:
      case 0x12:
        this.callDirectly(cursor.first, code === 0x12);
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

  private writeLocal(code: number): void {
    const { first } = this.cursor;
    const { locals } = this.current;
    this.code.op(code, locals === undefined ? first : locals[first]!);
  }

  private variable(code: number): void {
    const { stack, cursor, module } = this;
    const { source } = this.current;
    const { first } = cursor;
    switch (code) {
      case 0x20:
        this.writeLocal(code);
        this.stack.push(source.localTypes[first]!, source.facts.localClasses[first]!);
        break;
      case 0x21:
      case 0x22: {
        const localClass = source.facts.localClasses[first];
        if (localClass === EXACT) stack.observe(1);
        else if (stack.topClass() !== NEUTRAL && stack.topClass() !== localClass) {
          throw new Error(`meter: local ${first} gets a value of class ${stack.topClass()}, not ${localClass}`);
        }
        if (code === 0x21) stack.pop();
        this.writeLocal(code);
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

  private return(): void {
    const label = this.flow.returnLabel;
    const edges = this.flow.readyBranch(label, 0);
    // A frame's slots are given back at the function's end.
    if (this.charges.restoresStack || this.callers.length > 0) this.code.op(0x0c, this.flow.outputLabel(label));
    else this.copy();
    this.flow.die(edges);
  }

  private callDirectly(index: number, isTail: boolean): void {
    const standIn = isTail ? undefined : this.standIn(index);
    if (standIn !== undefined) this.inline(standIn);
    else this.call(typeOfFunction(this.module, index, this.cursor.start), 0, isTail);
  }

  private call(type: FunctionType, above: number, isTail: boolean): void {
    const { stack } = this;
    stack.observe(type.params.length + above);
    stack.pop(type.params.length + above);
    if (isTail) {
      this.charges.restoreStack(this.code);
      this.copy();
      this.flow.die(this.charges.exit);
      return;
    }
    this.copy();
    stack.pushAll(type.results);
    this.charges.reload();
  }
}
