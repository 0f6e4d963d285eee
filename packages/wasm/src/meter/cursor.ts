import type { ByteReader } from "./bytes.ts";
import { NAMES, PREFIX_FC, PREFIX_FD } from "./instructionTable.ts";
import { assertLimit, invalidModule, unsupported } from "./refuse.ts";
import { EXTERNREF, FUNCREF, valueType } from "./valueType.ts";

/** Immediates of plain instructions by opcode. */
const NONE = 0;
const LEB_5 = 1;
const LEB_10 = 2;
const MEMARG = 3;
const BLOCK_TYPE = 4;
const TABLE = 5;
const TWO_INDEXES = 6;
const SELECT_TYPES = 7;
const BYTES_4 = 8;
const BYTES_8 = 9;
const MEMORY_INDEX = 10;
const HEAP_TYPE = 11;
const IMMEDIATE = new Uint8Array(256);
for (let op = 0x28; op <= 0x3e; op++) IMMEDIATE[op] = MEMARG;
for (const op of [0x02, 0x03, 0x04]) IMMEDIATE[op] = BLOCK_TYPE;
for (const op of [0x0c, 0x0d, 0x10, 0x12, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x41, 0xd2]) IMMEDIATE[op] = LEB_5;
for (const op of [0x11, 0x13]) IMMEDIATE[op] = TWO_INDEXES;
for (const op of [0x3f, 0x40]) IMMEDIATE[op] = MEMORY_INDEX;
IMMEDIATE[0x0e] = TABLE;
IMMEDIATE[0x1c] = SELECT_TYPES;
IMMEDIATE[0x42] = LEB_10;
IMMEDIATE[0x43] = BYTES_4;
IMMEDIATE[0x44] = BYTES_8;
IMMEDIATE[0xd0] = HEAP_TYPE;

/** Decodes one instruction after the other; the fields hold the current one. */
export class InstructionCursor {
  readonly reader: ByteReader;
  /** Compact code, see `instructionTable.ts`. */
  code = 0;
  /** Byte offset of the instruction; the reader stands behind its immediates. */
  start = 0;
  /** First index immediate: label, local, function, type, data or element segment, or block type as s33. */
  first = 0;
  /** Second index immediate: a table. */
  second = 0;
  /** Labels of a br_table, its default last. */
  targets: number[] = [];

  constructor(reader: ByteReader) {
    this.reader = reader;
  }

  /** @throws wasm/invalid-module wasm/unsupported-feature wasm/over-limit */
  next(): void {
    const { reader } = this;
    this.start = reader.position;
    const opcode = reader.byte();
    this.code = opcode;
    if (opcode === 0xfc) this.bulk();
    else if (opcode === 0xfd) this.vector();
    else if (NAMES[opcode] === undefined) this.unknown(opcode);
    else this.immediates(IMMEDIATE[opcode]!);
  }

  private immediates(kind: number): void {
    const { reader } = this;
    switch (kind) {
      case NONE:
        break;
      case LEB_5:
        this.first = reader.u32();
        break;
      case MEMARG:
        this.memarg();
        break;
      case BLOCK_TYPE:
        this.first = reader.s33();
        break;
      case LEB_10:
        reader.skipLeb(10);
        break;
      case TWO_INDEXES:
        this.first = reader.u32();
        this.second = reader.u32();
        break;
      case MEMORY_INDEX:
        if (reader.u32() !== 0) unsupported("multi-memory", this.start);
        break;
      case BYTES_4:
        reader.skip(4);
        break;
      case BYTES_8:
        reader.skip(8);
        break;
      case TABLE:
        this.branchTable();
        break;
      case SELECT_TYPES:
        if (reader.u32() !== 1) invalidModule("select does not name one type", this.start);
        this.first = valueType(reader);
        break;
      case HEAP_TYPE:
        this.first = reader.byte();
        if (this.first !== FUNCREF && this.first !== EXTERNREF) unsupported("garbage collection", this.start);
        break;
    }
  }

  private branchTable(): void {
    const { reader } = this;
    const count = reader.u32();
    assertLimit("branchTableTargets", count, this.start);
    this.targets.length = 0;
    for (let i = 0; i <= count; i++) this.targets.push(reader.u32());
  }

  private memarg(): void {
    const alignment = this.reader.u32();
    if (alignment >= 64) unsupported(alignment < 128 ? "multi-memory" : "an unknown memory immediate", this.start);
    this.reader.u32();
  }

  private bulk(): void {
    const { reader } = this;
    const sub = reader.u32();
    this.code = PREFIX_FC + sub;
    if (sub > 17) unsupported(sub <= 22 ? "wide arithmetic" : `unknown instruction 0xfc ${sub}`, this.start);
    if (sub < 8) return;
    if (sub === 10 || sub === 11) {
      for (let memories = sub === 10 ? 2 : 1; memories > 0; memories--) {
        if (reader.u32() !== 0) unsupported("multi-memory", this.start);
      }
      return;
    }
    this.first = reader.u32();
    if (sub === 8 && reader.u32() !== 0) unsupported("multi-memory", this.start);
    if (sub === 12 || sub === 14) this.second = reader.u32();
  }

  private vector(): void {
    const { reader } = this;
    const sub = reader.u32();
    if (sub >= 0x100) unsupported(sub < 0x120 ? "relaxed SIMD" : `unknown instruction 0xfd ${sub}`, this.start);
    this.code = PREFIX_FD + sub;
    if (NAMES[this.code] === undefined) unsupported(`unknown instruction 0xfd ${sub}`, this.start);
    if (sub < 12 || sub === 92 || sub === 93) this.memarg();
    else if (sub === 12 || sub === 13) reader.skip(16);
    else if (sub >= 21 && sub <= 34) reader.skip(1);
    else if (sub >= 84 && sub <= 91) {
      this.memarg();
      reader.skip(1);
    }
  }

  private unknown(opcode: number): never {
    let feature = `unknown instruction 0x${opcode.toString(16)}`;
    if ((opcode >= 0x06 && opcode <= 0x0a) || (opcode >= 0x18 && opcode <= 0x19) || opcode === 0x1f)
      feature = "exceptions";
    else if (opcode === 0x14 || opcode === 0x15 || (opcode >= 0xd4 && opcode <= 0xd6)) feature = "typed references";
    else if (opcode === 0xd3 || opcode === 0xfb) feature = "garbage collection";
    else if (opcode >= 0xe0 && opcode <= 0xe6) feature = "stack switching";
    else if (opcode === 0xfe) feature = "threads";
    unsupported(feature, this.start);
  }
}
