/**
 * Records what a program does on V8, as npm carries it and through its own JavaScript glue: every call across the border in
 * either direction with its values, what the host writes into the program's memory, the counters after every call, and the
 * whole memory at the end. packages/wasmtime/bench plays the recording on Wasmtime, pagePlayer.ts in Chromium.
 */
import { createHash } from "node:crypto";
import { STATUS } from "@demec/protocol/execution";
import { METER_EXPORTS, RESERVED_PREFIX, STACK } from "../../packages/wasm/src/meter/limits.ts";
import { instrumentModule } from "../../packages/wasm/src/meter/meter.ts";
import { parseModule } from "../../packages/wasm/src/meter/parse.ts";
import type { FunctionType, ModuleStructure } from "../../packages/wasm/src/meter/structure.ts";
import { EXTERNREF, F32, F64, FUNCREF, I32, I64, V128 } from "../../packages/wasm/src/meter/valueType.ts";
import { trapStatus } from "../../packages/wasm/src/v8/traps.ts";
import {
  type AnyFunction,
  COUNTERS,
  MORE_PAGES,
  NULLS,
  PAGE_BYTES,
  type Recording,
  show,
  type Value,
} from "./recording.ts";

const BLOCK_BYTES = 4096;

/** What a WebAssembly function makes of a JavaScript value. */
function convert(type: number, value: unknown): Value {
  switch (type) {
    case I32:
      return Number(value) | 0;
    case I64:
      return BigInt.asIntN(64, BigInt(value as bigint));
    case F32:
      return Math.fround(Number(value));
    case F64:
      return Number(value);
    case FUNCREF:
    case EXTERNREF:
      return null;
  }
  throw new Error(`a value of type ${type} crosses the border`);
}

/** An instance whose every crossing is written down. */
class RecordedInstance {
  readonly recording: Recording;
  readonly exports: Record<string, unknown> = {};
  private readonly structure: ModuleStructure;
  private memory: WebAssembly.Memory | undefined;
  private readonly real: WebAssembly.Exports;
  /** The memory as the program left it. */
  private shadow = Buffer.alloc(0);

  constructor(module: WebAssembly.Module, bytes: Uint8Array, imports: WebAssembly.Imports) {
    this.recording = { module: bytes, lines: [] };
    this.structure = parseModule(bytes);
    const wrapped: WebAssembly.Imports = {};
    for (const [i, { module: from, name, kind, typeIndex }] of this.structure.imports.entries()) {
      const item = imports[from]![name]!;
      wrapped[from] ??= {};
      if (kind === "memory") this.memory = item as WebAssembly.Memory;
      else if (kind !== "function") throw new Error(`${name}: imports of kind ${kind} can't be recorded`);
      const type = this.structure.types[typeIndex]!;
      wrapped[from]![name] = kind === "function" ? this.wrapImport(i, type, item as AnyFunction) : item;
    }
    this.real = new Real.Instance(module, wrapped).exports;
    for (const [i, { name, kind, index }] of this.structure.exports.entries()) {
      const item = this.real[name]!;
      if (kind === "function")
        this.exports[name] = this.wrapFunction(`e ${i}`, this.typeOf(index), item as AnyFunction);
      else if (kind === "table") this.exports[name] = this.wrapTable(item as WebAssembly.Table);
      else this.exports[name] = item;
      if (kind === "memory") this.memory = item as WebAssembly.Memory;
    }
    this.leave();
    this.refuel(2n ** 62n);
    const pages = this.global(METER_EXPORTS.pages);
    if (pages) pages.value = MORE_PAGES;
  }

  /** Sets both limits anew, and the stack, which a trap leaves as it was in the depth. */
  refuel(fuel: bigint): void {
    this.global(METER_EXPORTS.bitOps)!.value = fuel;
    this.global(METER_EXPORTS.floatOps)!.value = fuel;
    this.global(METER_EXPORTS.stack)!.value = STACK.budgetSlots;
    this.write(`F I:${fuel} I:${fuel} i:${STACK.budgetSlots}`);
  }

  /** Calls every exported function whose values cross the border, with small numbers for arguments. */
  callAll(fuel: bigint): void {
    for (const { name, kind, index } of this.structure.exports) {
      const { params, results } = this.typeOf(kind === "function" ? index : 0) ?? {};
      if (kind !== "function" || params!.includes(V128) || results!.includes(V128)) continue;
      this.refuel(fuel);
      const args = Array.from(params!, (type, i) => (type === I64 ? BigInt(i * 7 + 1) : i * 7 + 1));
      try {
        (this.exports[name] as AnyFunction)(...args);
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      }
    }
  }

  start(): void {
    (this.exports[METER_EXPORTS.start] as AnyFunction | undefined)?.();
  }

  /** Closes the recording with the state of the memory. */
  finish(): Recording {
    this.enter();
    for (const [i, { name, kind, index }] of this.structure.exports.entries()) {
      const type = this.structure.globalTypes[index];
      const isShown = kind === "global" && !name.startsWith(RESERVED_PREFIX) && type !== V128;
      if (isShown) this.write(`S ${i} ${show(type!, this.global(name)!.value)}`);
    }
    if (this.memory) {
      const bytes = Buffer.from(this.memory.buffer);
      this.write(`E ${bytes.length / PAGE_BYTES} ${createHash("sha256").update(bytes).digest("hex")}`);
    }
    return this.recording;
  }

  private write(line: string): void {
    this.recording.lines.push(line);
  }

  private global(name: string): WebAssembly.Global | undefined {
    return this.real[name] as WebAssembly.Global | undefined;
  }

  private typeOf(functionIndex: number): FunctionType {
    return this.structure.types[this.structure.functionTypes[functionIndex]!]!;
  }

  private wrapImport(index: number, { params, results }: FunctionType, body: AnyFunction): AnyFunction {
    return (...args) => {
      const words = Array.from(params, (type, i) => show(type, args[i] as Value));
      this.write(["I", index, ...words].join(" "));
      this.leave();
      try {
        const result = body(...args);
        this.enter();
        if (results.length > 1) throw new Error("an import with several results");
        if (results.length === 0) {
          this.write("A");
          return undefined;
        }
        const value = convert(results[0]!, result);
        this.write(`A ${show(results[0]!, value)}`);
        return value;
      } catch (error) {
        this.enter();
        this.write("X");
        throw error;
      }
    };
  }

  private wrapFunction(name: string, { params, results }: FunctionType, body: AnyFunction): AnyFunction {
    return (...args) => {
      const values = Array.from(params, (type, i) => convert(type, args[i] ?? 0));
      this.enter();
      const words = values.map((value, i) => (value === null ? NULLS.get(params[i]!)! : show(params[i]!, value)));
      this.write(["C", name, ...words].join(" "));
      try {
        const result = body(...values);
        const all = (results.length > 1 ? result : [result]) as Value[];
        this.write(["R", ...Array.from(results, (type, i) => show(type, all[i]!))].join(" "));
        return result;
      } catch (error) {
        const overdrawn = Number(this.global(METER_EXPORTS.stack)!.value) < 0;
        const status = trapStatus(error);
        this.write(`T ${status === undefined ? "thrown" : overdrawn ? STATUS.stackOverflow : status}`);
        throw error;
      } finally {
        this.write(["K", ...COUNTERS.map((counter) => this.global(counter)!.value)].join(" "));
        this.leave();
      }
    };
  }

  /** V8 names functions in tables by their index. */
  private wrapTable(table: WebAssembly.Table): object {
    const unsupported = () => {
      throw new Error("the host changes the table");
    };
    const get = (at: number) => {
      const found = table.get(at) as AnyFunction | null;
      return found && this.wrapFunction(`t ${at}`, this.typeOf(Number(found.name)), found);
    };
    return { get, set: unsupported, grow: unsupported, length: table.length };
  }

  /** The program gives control to the host. */
  private leave(): void {
    if (!this.memory) return;
    const now = Buffer.from(this.memory.buffer);
    if (this.shadow.length !== now.length) this.shadow = Buffer.alloc(now.length);
    now.copy(this.shadow);
  }

  /** The host gives control to the program: writes down what it changed in memory. */
  private enter(): void {
    if (!this.memory) return;
    const now = Buffer.from(this.memory.buffer);
    const grown = (now.length - this.shadow.length) / PAGE_BYTES;
    if (grown > 0) {
      this.write(`G ${grown}`);
      this.shadow = Buffer.concat([this.shadow, Buffer.alloc(now.length - this.shadow.length)]);
    }
    for (let at = 0; at < now.length; at += BLOCK_BYTES) {
      const [block, before] = [now.subarray(at, at + BLOCK_BYTES), this.shadow.subarray(at, at + BLOCK_BYTES)];
      if (block.equals(before)) continue;
      const isChanged = (byte: number, i: number) => byte !== before[i];
      const [first, last] = [block.findIndex(isChanged), block.findLastIndex(isChanged)];
      this.write(`W ${at + first} ${block.subarray(first, last + 1).toString("hex")}`);
      block.copy(before);
    }
  }
}

/** What is replaced while a program is recorded. */
const Real = {
  Module: WebAssembly.Module,
  Instance: WebAssembly.Instance,
  compile: WebAssembly.compile,
  instantiate: WebAssembly.instantiate,
};

/** Calls all that a module exports, with `fuel` of each kind for every call, and records it. */
export function recordCalls(module: Uint8Array, fuel: bigint): Recording {
  const metered = instrumentModule(module);
  const compiled = new Real.Module(metered as Uint8Array<ArrayBuffer>);
  let instance: RecordedInstance;
  try {
    instance = new RecordedInstance(compiled, metered, {});
  } catch (error) {
    const status = trapStatus(error);
    if (status === undefined) throw error;
    return { module: metered, lines: [`B ${status}`] };
  }
  instance.refuel(fuel);
  try {
    instance.start();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  }
  instance.callAll(fuel);
  return instance.finish();
}

/** Runs `program` and records every WebAssembly instance it makes meanwhile, in their order. */
export async function record(program: () => unknown): Promise<Recording[]> {
  const instances: RecordedInstance[] = [];
  const sources = new WeakMap<WebAssembly.Module, Uint8Array>();
  const compile = (source: BufferSource): WebAssembly.Module => {
    const bytes = ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source);
    const metered = instrumentModule(bytes.slice());
    const module = new Real.Module(metered as Uint8Array<ArrayBuffer>);
    sources.set(module, metered);
    return module;
  };
  const instantiate = (module: WebAssembly.Module, imports: WebAssembly.Imports = {}): WebAssembly.Instance => {
    const instance = new RecordedInstance(module, sources.get(module)!, imports);
    instances.push(instance);
    instance.start();
    return instance as unknown as WebAssembly.Instance;
  };
  Object.assign(WebAssembly, {
    Module: new Proxy(Real.Module, { construct: (_, [source]) => compile(source) }),
    Instance: new Proxy(Real.Instance, { construct: (_, [module, imports]) => instantiate(module, imports) }),
    compile: async (source: BufferSource) => compile(source),
    instantiate: async (source: BufferSource | WebAssembly.Module, imports?: WebAssembly.Imports) => {
      if (source instanceof Real.Module) return instantiate(source, imports);
      const module = compile(source);
      return { module, instance: instantiate(module, imports) };
    },
  });
  try {
    await program();
    return instances.map((instance) => instance.finish());
  } finally {
    Object.assign(WebAssembly, Real);
  }
}
