import { DemecError } from "@demec/protocol/errors";
import { ByteReader, ByteWriter } from "./meter/bytes.ts";
import { parseModule } from "./meter/parse.ts";
import { type ModuleStructure, SECTION } from "./meter/structure.ts";

/** The export of an interpreter that says where a script goes: an i32 constant, the address of the slot. */
const SLOT_EXPORT = "demec_script";
/** The slot: the script's length as uint32, then its bytes. All zeros in the interpreter itself. */
const SLOT_BYTES = 1 << 18;
/** Longest script, in bytes of UTF-8. */
export const MAX_SCRIPT_BYTES = SLOT_BYTES - 4;

const I32_CONST = 0x41;
const END = 0x0b;

/**
 * An interpreter with a script in it, so that the script is what a service sells: its hash covers both. The script becomes
 * one more data segment; nothing else of the module changes.
 * @param interpreter a module that exports the immutable i32 global `demec_script`: the address of 2^18 bytes of zeros,
 *   which it takes for the script's length (uint32, little endian) and its bytes
 * @param script UTF-8, 1 to MAX_SCRIPT_BYTES bytes
 * @throws wasm/no-script-slot when the module is no such interpreter
 * @throws protocol/out-of-range when the script is empty or too long
 * @throws wasm/invalid-module wasm/unsupported-feature wasm/over-limit
 */
export function bakeScript(interpreter: Uint8Array, script: Uint8Array): Uint8Array {
  if (script.length === 0 || script.length > MAX_SCRIPT_BYTES) {
    throw new DemecError(
      "protocol/out-of-range",
      `The script has ${script.length} bytes, outside 1 … ${MAX_SCRIPT_BYTES}.`,
      { details: { scriptBytes: script.length, maxScriptBytes: MAX_SCRIPT_BYTES } },
    );
  }
  const module = parseModule(interpreter);
  const segment = new ByteWriter(script.length + 24);
  segment.u32(0);
  segment.byte(I32_CONST);
  segment.signed(slotAddress(module));
  segment.byte(END);
  segment.u32(script.length + 4);
  segment.raw(Uint8Array.from([0, 8, 16, 24], (shift) => (script.length >>> shift) & 0xff));
  segment.raw(script);
  return withDataSegment(module, segment);
}

/** The data section grows at its end; the count of segments stands in it and, for bulk operations, before the code. */
function withDataSegment({ bytes, sections }: ModuleStructure, segment: ByteWriter): Uint8Array {
  const count = sections.get(SECTION.data)?.count ?? 0;
  const output = new ByteWriter(bytes.length + segment.length + 32);
  output.raw(bytes, 0, 8);
  const reader = new ByteReader(bytes, 8);
  while (reader.position < bytes.length) {
    const start = reader.position;
    const id = reader.byte();
    reader.skip(reader.u32());
    if (id === SECTION.dataCount) writeSection(output, id, count + 1, []);
    else if (id !== SECTION.data) output.raw(bytes, start, reader.position);
    const old = sections.get(SECTION.data);
    // Where its data stands, or behind the code where it has none; custom sections may follow.
    if (id === (old ? SECTION.data : SECTION.code)) {
      const segments = old ? [bytes.subarray(old.start, old.end), segment.view()] : [segment.view()];
      writeSection(output, SECTION.data, count + 1, segments);
    }
  }
  return output.view().slice();
}

function writeSection(output: ByteWriter, id: number, count: number, parts: readonly Uint8Array[]): void {
  const contents = new ByteWriter();
  contents.u32(count);
  for (const part of parts) contents.raw(part);
  output.byte(id);
  output.vector(contents.view());
}

function slotAddress(module: ModuleStructure): number {
  const slot = module.exports.find(({ name, kind }) => name === SLOT_EXPORT && kind === "global");
  const imported = module.imports.filter(({ kind }) => kind === "global").length;
  const section = module.sections.get(SECTION.global);
  if (slot === undefined || section === undefined || slot.index < imported) throw noSlot();
  const reader = new ByteReader(module.bytes, section.start, section.end);
  for (let index = imported; index <= slot.index; index++) {
    // Value type and mutability; a linker writes plain constants, and only they are read here.
    reader.skip(2);
    if (reader.byte() !== I32_CONST) throw noSlot();
    const address = reader.s33();
    if (reader.byte() !== END) throw noSlot();
    if (index === slot.index) return address;
  }
  throw noSlot();
}

function noSlot(): DemecError {
  return new DemecError("wasm/no-script-slot", `The module exports no constant ${SLOT_EXPORT} to put a script at.`);
}
