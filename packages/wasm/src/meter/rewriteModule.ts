import { BranchHints } from "./branchHints.ts";
import { ByteWriter } from "./bytes.ts";
import { BodyBuffers } from "./chargeWriter.ts";
import { FunctionRewriter } from "./functionRewriter.ts";
import { helperBody, helperType } from "./helpers.ts";
import { FunctionSources } from "./inlining.ts";
import { METER_EXPORTS, METER_IMPORTS, MODULE_LIMITS, STACK } from "./limits.ts";
import { MeterIndexes } from "./meterIndexes.ts";
import { assertLimit } from "./refuse.ts";
import { EXTERNAL_KINDS, type FunctionType, type ModuleStructure, SECTION } from "./structure.ts";
import { I32, I64 } from "./valueType.ts";

const HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const FUNCTION = EXTERNAL_KINDS.indexOf("function");
const MEMORY = EXTERNAL_KINDS.indexOf("memory");
const GLOBAL = EXTERNAL_KINDS.indexOf("global");
const utf8 = new TextEncoder();

export interface RewriteOptions {
  /** Import the memory (METER_IMPORTS) instead of making one: for engines that reuse memories. Nothing else differs. */
  readonly importMemory?: boolean;
}

/** Writes the metered module: the module's own sections with the meter's entries behind them, no custom sections. */
export function rewriteModule(module: ModuleStructure, options: RewriteOptions = {}): Uint8Array {
  const indexes = new MeterIndexes(module);
  // Code comes first, because rewriting it decides which types and helpers are added.
  const code = new ByteWriter(module.bytes.length * 2 + 1024);
  const buffers = new BodyBuffers();
  const sources = new FunctionSources(module);
  const hints = new BranchHints();
  let mergedValues = 0;
  for (let i = 0; i < module.bodies.length; i++) {
    const index = module.importedFunctions + i;
    const rewriter = new FunctionRewriter(module, indexes, buffers, sources, index);
    const body = rewriter.rewrite();
    writeBody(code, body.view());
    hints.add(index, body);
    mergedValues += rewriter.mergedValues;
    assertLimit("moduleMergedValues", mergedValues, module.bodies[i]!.start);
  }
  // A helper may ask for another while it is written.
  for (const name of indexes.helpers) writeBody(code, helperBody(name, module, indexes));
  const helperTypes = indexes.helpers.map((name) => {
    const { params, results } = helperType(name, module);
    return indexes.typeIndex(params, results);
  });

  const output = new ByteWriter(code.length + module.bytes.length + 1024);
  output.raw(HEADER);
  writeSection(output, module, SECTION.type, indexes.addedTypes.length, (w) => {
    for (const type of indexes.addedTypes) writeType(w, type);
  });
  const memory = options.importMemory ? module.sections.get(SECTION.memory) : undefined;
  const importsMemory = memory !== undefined && memory.count === 1;
  writeSection(output, module, SECTION.import, importsMemory ? 1 : 0, (w) => {
    if (!importsMemory) return;
    w.vector(utf8.encode(METER_IMPORTS.module));
    w.vector(utf8.encode(METER_IMPORTS.memory));
    w.byte(MEMORY);
    w.raw(module.bytes, memory.start, memory.end);
  });
  writeSection(output, module, SECTION.function, helperTypes.length, (w) => {
    for (const type of helperTypes) w.u32(type);
  });
  writeSection(output, module, SECTION.table);
  if (!importsMemory) writeSection(output, module, SECTION.memory);
  writeSection(output, module, SECTION.global, 6, (w) => writeGlobals(w, module));
  const exported = meterExports(module, indexes);
  writeSection(output, module, SECTION.export, exported.length, (w) => {
    for (const [name, kind, index] of exported) {
      w.vector(utf8.encode(name));
      w.byte(kind);
      w.u32(index);
    }
  });
  writeSection(output, module, SECTION.element);
  writeSection(output, module, SECTION.dataCount);
  const bodies = module.bodies.length + indexes.helpers.length;
  hints.write(output);
  if (bodies > 0) {
    const count = new ByteWriter(8);
    count.u32(bodies);
    output.op(SECTION.code, count.length + code.length);
    output.append(count);
    output.append(code);
  }
  writeSection(output, module, SECTION.data);
  return output.view();
}

function writeBody(code: ByteWriter, body: Uint8Array): void {
  code.vector(body);
}

/** Writes a section with `added` entries behind its own; none when there are neither. */
function writeSection(
  output: ByteWriter,
  module: ModuleStructure,
  id: number,
  added = 0,
  write?: (output: ByteWriter) => void,
): void {
  const section = module.sections.get(id);
  if (section === undefined && added === 0) return;
  const content = new ByteWriter((section ? section.end - section.start : 0) + 256);
  content.u32((section?.count ?? 0) + added);
  if (section) content.raw(module.bytes, section.start, section.end);
  write?.(content);
  output.op(id, content.length);
  output.append(content);
}

function writeType(output: ByteWriter, type: FunctionType): void {
  output.byte(0x60);
  output.vector(type.params);
  output.vector(type.results);
}

/** In the order of {@link MeterIndexes}: work, bitOps, floatOps, stack, pages, elements; all mutable. */
function writeGlobals(output: ByteWriter, module: ModuleStructure): void {
  const elements = module.tables.reduce((sum, table) => sum + table.initial, 0);
  const globals = [
    [I64, 0],
    [I64, 0],
    [I64, 0],
    [I32, STACK.budgetSlots],
    [I32, 0],
    [I32, MODULE_LIMITS.tableElements - elements],
  ] as const;
  for (const [type, initial] of globals) {
    output.byte(type);
    output.byte(1);
    output.byte(type === I64 ? 0x42 : 0x41);
    output.signed(initial);
    output.byte(0x0b);
  }
}

function meterExports(module: ModuleStructure, indexes: MeterIndexes): [name: string, kind: number, index: number][] {
  const exported: [string, number, number][] = [
    [METER_EXPORTS.work, GLOBAL, indexes.workGlobal],
    [METER_EXPORTS.bitOps, GLOBAL, indexes.bitGlobal],
    [METER_EXPORTS.floatOps, GLOBAL, indexes.floatGlobal],
    [METER_EXPORTS.stack, GLOBAL, indexes.stackGlobal],
  ];
  if (indexes.helpers.includes("growMemory")) exported.push([METER_EXPORTS.pages, GLOBAL, indexes.pagesGlobal]);
  if (module.startFunction !== undefined) exported.push([METER_EXPORTS.start, FUNCTION, module.startFunction]);
  return exported;
}
