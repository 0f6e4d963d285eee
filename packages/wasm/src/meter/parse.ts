import { ByteReader } from "./bytes.ts";
import { InstructionCursor } from "./cursor.ts";
import type { MODULE_LIMITS } from "./limits.ts";
import { assertLimit, invalidModule, unsupported } from "./refuse.ts";
import {
  EXTERNAL_KINDS,
  type ExportedItem,
  type ExternalKind,
  type ExternalLimits,
  type FunctionType,
  type ImportedItem,
  type ModuleStructure,
  readName,
  SECTION,
  type SectionRange,
  type TableType,
} from "./structure.ts";
import { referenceType, valueType } from "./valueType.ts";

const SECTION_LIMITS: ReadonlyMap<number, keyof typeof MODULE_LIMITS> = new Map([
  [SECTION.type, "types"],
  [SECTION.import, "imports"],
  [SECTION.function, "functions"],
  [SECTION.table, "tables"],
  [SECTION.global, "globals"],
  [SECTION.export, "exports"],
  [SECTION.element, "elementSegments"],
  [SECTION.code, "functions"],
  [SECTION.data, "dataSegments"],
]);

/**
 * Reads everything of a module but its code, checks limits before it believes any count, and refuses what no version
 * of the meter understands. It does not validate: the engine does.
 * @throws wasm/invalid-module wasm/unsupported-feature wasm/over-limit
 */
export function parseModule(bytes: Uint8Array): ModuleStructure {
  assertLimit("moduleBytes", bytes.length, 0);
  if (bytes.length < 8 || bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
    invalidModule("it does not start with \\0asm", 0);
  }
  if (bytes[4] !== 1 || bytes[5] !== 0 || bytes[6] !== 0 || bytes[7] !== 0) {
    unsupported(bytes[6] === 1 ? "the component model" : "an unknown binary version", 4);
  }
  return new Parser(bytes).parse();
}

class Parser {
  private readonly bytes: Uint8Array;
  private readonly sections = new Map<number, SectionRange>();
  private readonly types: FunctionType[] = [];
  private readonly imports: ImportedItem[] = [];
  private readonly functionTypes: number[] = [];
  private readonly tables: TableType[] = [];
  private memory: ExternalLimits | undefined;
  private readonly globalTypes: number[] = [];
  private importedGlobals = 0;
  private readonly exports: ExportedItem[] = [];
  private locals = 0;
  private startFunction: number | undefined;
  private readonly bodies: { start: number; end: number }[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  parse(): ModuleStructure {
    const { bytes } = this;
    const outer = new ByteReader(bytes, 8);
    let importedFunctions = 0;
    while (outer.position < bytes.length) {
      const offset = outer.position;
      const id = outer.byte();
      const size = outer.u32();
      const start = outer.position;
      outer.skip(size);
      if (id === 0) continue;
      if (id === 13) unsupported("exceptions", offset);
      if (id > 13) unsupported(`unknown section ${id}`, offset);
      if (this.sections.has(id)) invalidModule(`section ${id} stands twice`, offset);
      this.section(id, new ByteReader(bytes, start, outer.position));
      if (id === SECTION.import) {
        importedFunctions = this.functionTypes.length;
        this.importedGlobals = this.globalTypes.length;
      }
    }
    if (this.functionTypes.length - importedFunctions !== this.bodies.length) {
      invalidModule(`there are ${this.bodies.length} function bodies`, bytes.length);
    }
    const { sections, types, imports, functionTypes, tables, memory, globalTypes, exports, startFunction, bodies } =
      this;
    return {
      ...{ bytes, sections, types, imports, functionTypes, importedFunctions, tables, memory },
      ...{ globalTypes, exports, startFunction, bodies },
    };
  }

  private section(id: number, reader: ByteReader): void {
    const count = reader.u32();
    this.sections.set(id, { count, start: reader.position, end: reader.end });
    if (id === SECTION.start) {
      this.startFunction = count;
      return;
    }
    const limit = SECTION_LIMITS.get(id);
    if (limit !== undefined) assertLimit(limit, count, reader.position);
    if (id === SECTION.memory && count + (this.memory ? 1 : 0) > 1) unsupported("multi-memory", reader.position);
    const entry = this.entryReader(id);
    if (entry !== undefined) for (let i = 0; i < count; i++) entry(reader);
  }

  private entryReader(id: number): ((reader: ByteReader) => void) | undefined {
    switch (id) {
      case SECTION.type:
        return (reader) => this.types.push(functionType(reader));
      case SECTION.import:
        return (reader) => this.import(reader);
      case SECTION.function:
        return (reader) => this.functionTypes.push(reader.u32());
      case SECTION.table:
        return (reader) => this.tables.push(tableType(reader));
      case SECTION.memory:
        return (reader) => {
          this.memory = memoryLimits(reader);
        };
      case SECTION.global:
        return (reader) => {
          this.globalTypes.push(globalType(reader));
          this.constantExpression(reader);
        };
      case SECTION.export:
        return (reader) => {
          const offset = reader.position;
          const name = readName(reader);
          const kind = externalKind(reader);
          this.exports.push({ name, kind, index: reader.u32(), offset });
        };
      case SECTION.element:
        return (reader) => this.elementSegment(reader);
      case SECTION.code:
        return (reader) => {
          const size = reader.u32();
          assertLimit("functionBytes", size, reader.position);
          const start = reader.position;
          reader.skip(size);
          this.countLocals(new ByteReader(reader.bytes, start, reader.position));
          this.bodies.push({ start, end: reader.position });
        };
      case SECTION.data:
        return (reader) => this.dataSegment(reader);
    }
    return undefined;
  }

  /** Even validating takes time for every local of every function. */
  private countLocals(reader: ByteReader): void {
    let locals = 0;
    for (let count = reader.u32(); count > 0; count--) {
      locals += reader.u32();
      assertLimit("locals", locals, reader.position);
      reader.byte();
    }
    this.locals += locals;
    assertLimit("moduleLocals", this.locals, reader.position);
  }

  private import(reader: ByteReader): void {
    const offset = reader.position;
    const module = readName(reader);
    const name = readName(reader);
    const kind = externalKind(reader);
    let typeIndex = -1;
    if (kind === "function") {
      typeIndex = reader.u32();
      this.functionTypes.push(typeIndex);
    } else if (kind === "table") this.tables.push(tableType(reader));
    else if (kind === "memory") {
      if (this.memory) unsupported("multi-memory", offset);
      this.memory = memoryLimits(reader);
    } else this.globalTypes.push(globalType(reader));
    this.imports.push({ module, name, kind, typeIndex, offset });
  }

  private elementSegment(reader: ByteReader): void {
    const flags = reader.u32();
    if (flags > 7) invalidModule(`an element segment has flags ${flags}`, reader.position);
    const isActive = (flags & 1) === 0;
    if (isActive) {
      if (flags & 2) reader.u32();
      this.constantExpression(reader);
    }
    const hasExpressions = (flags & 4) !== 0;
    if (flags & 3) {
      if (hasExpressions) referenceType(reader);
      else reader.byte();
    }
    for (let count = reader.u32(); count > 0; count--) {
      if (hasExpressions) this.constantExpression(reader);
      else reader.u32();
    }
  }

  private dataSegment(reader: ByteReader): void {
    const flags = reader.u32();
    if (flags > 2) invalidModule(`a data segment has flags ${flags}`, reader.position);
    if (flags === 2 && reader.u32() !== 0) unsupported("multi-memory", reader.position);
    if (flags !== 1) this.constantExpression(reader);
    reader.skip(reader.u32());
  }

  private constantExpression(reader: ByteReader): void {
    const cursor = new InstructionCursor(reader);
    for (;;) {
      cursor.next();
      if (cursor.code === 0x0b) return;
      if (cursor.code === 0x23 && cursor.first >= this.importedGlobals) {
        unsupported("garbage collection (a constant from a global that is not imported)", cursor.start);
      }
    }
  }
}

function functionType(reader: ByteReader): FunctionType {
  const offset = reader.position;
  const form = reader.byte();
  if (form !== 0x60) unsupported(form >= 0x4e && form <= 0x5f ? "garbage collection" : "an unknown type form", offset);
  const params = valueTypes(reader);
  return { params, results: valueTypes(reader) };
}

function valueTypes(reader: ByteReader): Uint8Array {
  const count = reader.u32();
  assertLimit("functionTypeValues", count, reader.position);
  const types = new Uint8Array(count);
  for (let i = 0; i < count; i++) types[i] = valueType(reader);
  return types;
}

function externalKind(reader: ByteReader): ExternalKind {
  const offset = reader.position;
  const kind = reader.byte();
  if (kind === 4) unsupported("exceptions", offset);
  return EXTERNAL_KINDS[kind] ?? invalidModule(`there is no external kind ${kind}`, offset);
}

function tableType(reader: ByteReader): TableType {
  if (reader.bytes[reader.position] === 0x40) unsupported("typed references", reader.position);
  const elementType = referenceType(reader);
  return { elementType, ...limits(reader) };
}

function memoryLimits(reader: ByteReader): ExternalLimits {
  const offset = reader.position;
  const memory = limits(reader);
  assertLimit("memoryPages", memory.initial, offset);
  return memory;
}

function limits(reader: ByteReader): ExternalLimits {
  const offset = reader.position;
  const flags = reader.byte();
  if (flags & 2) unsupported("threads (shared memory)", offset);
  if (flags & 4) unsupported("memory64", offset);
  if (flags > 1) unsupported("custom page sizes", offset);
  const initial = reader.u32();
  return { initial, maximum: flags & 1 ? reader.u32() : undefined };
}

function globalType(reader: ByteReader): number {
  const type = valueType(reader);
  const offset = reader.position;
  if (reader.byte() > 1) unsupported("threads (shared globals)", offset);
  return type;
}
