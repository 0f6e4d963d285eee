import { ByteWriter } from "../../packages/wasm/src/meter/bytes.ts";
import type { FunctionType } from "../../packages/wasm/src/meter/structure.ts";
import { F32, F64, I32, I64, V128 } from "../../packages/wasm/src/meter/valueType.ts";

const SLOT = 16;
/** Where results go, behind the longest list of parameters. */
const RESULTS = 32_768;
/** Load and store by type: prefix and opcode, then alignment and offset zero. */
const LOADS = new Map([
  [I32, [0x28]],
  [I64, [0x29]],
  [F32, [0x2a]],
  [F64, [0x2b]],
  [V128, [0xfd, 0]],
]);
const STORES = new Map([
  [I32, [0x36]],
  [I64, [0x37]],
  [F32, [0x38]],
  [F64, [0x39]],
  [V128, [0xfd, 11]],
]);

/** Calls a function with values bit by bit, which JavaScript can neither pass (v128) nor keep (NaNs). */
export type BitCall = (values: readonly Uint8Array[]) => Uint8Array[];

/** A function's caller, undefined when its type holds references. */
export function trampoline(type: FunctionType, callee: WebAssembly.ExportValue): BitCall | undefined {
  if ([...type.params, ...type.results].some((valueType) => !LOADS.has(valueType))) return undefined;
  const module = new WebAssembly.Module(moduleFor(type) as Uint8Array<ArrayBuffer>);
  const { exports } = new WebAssembly.Instance(module, { m: { f: callee } });
  const memory = new Uint8Array((exports.memory as WebAssembly.Memory).buffer);
  const run = exports.run as () => void;
  return (values) => {
    memory.fill(0);
    values.forEach((value, i) => {
      memory.set(value, i * SLOT);
    });
    run();
    return Array.from(type.results, (valueType, i) =>
      memory.slice(RESULTS + i * SLOT, RESULTS + i * SLOT + sizeOf(valueType)),
    );
  };
}

function sizeOf(type: number): number {
  return type === V128 ? 16 : type === I64 || type === F64 ? 8 : 4;
}

const cache = new Map<string, Uint8Array>();

function moduleFor(type: FunctionType): Uint8Array {
  const key = `${type.params}>${type.results}`;
  let bytes = cache.get(key);
  if (bytes === undefined) {
    bytes = encode(type);
    cache.set(key, bytes);
  }
  return bytes;
}

function encode({ params, results }: FunctionType): Uint8Array {
  const output = new ByteWriter();
  output.raw(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  const section = (id: number, write: (content: ByteWriter) => void) => {
    const content = new ByteWriter();
    write(content);
    output.byte(id);
    output.vector(content.view());
  };
  section(1, (w) => {
    w.raw(Uint8Array.of(2, 0x60));
    w.vector(params);
    w.vector(results);
    w.raw(Uint8Array.of(0x60, 0, 0));
  });
  section(2, (w) => w.raw(Uint8Array.of(1, 1, 0x6d, 1, 0x66, 0, 0)));
  section(3, (w) => w.raw(Uint8Array.of(1, 1)));
  section(5, (w) => w.raw(Uint8Array.of(1, 0, 1)));
  section(7, (w) => {
    w.u32(2);
    w.vector(new TextEncoder().encode("run"));
    w.raw(Uint8Array.of(0, 1));
    w.vector(new TextEncoder().encode("memory"));
    w.raw(Uint8Array.of(2, 0));
  });
  section(10, (w) => {
    const body = new ByteWriter();
    body.u32(results.length);
    for (const type of results) body.raw(Uint8Array.of(1, type));
    params.forEach((type, i) => {
      access(body, LOADS.get(type)!, i * SLOT);
    });
    body.op(0x10, 0);
    for (let i = results.length - 1; i >= 0; i--) body.op(0x21, i);
    results.forEach((type, i) => {
      access(body, STORES.get(type)!, RESULTS + i * SLOT, i);
    });
    body.byte(0x0b);
    w.u32(1);
    w.vector(body.view());
  });
  return output.view().slice();
}

/** A load from `at`, or the store of a local there. */
function access(body: ByteWriter, opcode: readonly number[], at: number, local?: number): void {
  body.byte(0x41);
  body.signed(at);
  if (local !== undefined) body.op(0x20, local);
  for (const byte of opcode) body.byte(byte);
  body.raw(Uint8Array.of(0, 0));
}
