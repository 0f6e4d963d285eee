import { METER_EXPORTS, STACK } from "../../packages/wasm/src/meter/limits.ts";
import { instrumentModule } from "../../packages/wasm/src/meter/meter.ts";
import { parseModule } from "../../packages/wasm/src/meter/parse.ts";
import { type ModuleStructure, typeAt } from "../../packages/wasm/src/meter/structure.ts";
import type { SpecAction, SpecValue } from "./corpusTool.ts";
import { type BitCall, trampoline } from "./trampoline.ts";

const PLENTY = 2n ** 62n;
const PAGE_BYTES = 65_536;
/** The most pages of memories that were made here, which JavaScript doesn't tell. */
const maxima = new WeakMap<WebAssembly.Memory, number>();

/** What an action came to: bits of the results, or references; or how it ended. */
export interface Outcome {
  readonly values?: readonly (Uint8Array | unknown)[];
  readonly trap?: string;
  readonly isExhausted?: boolean;
}

/** The host's module of the specification's scripts. */
export function spectest(): WebAssembly.ModuleImports {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
  maxima.set(memory, 2);
  const print = () => {};
  return {
    ...{ print, print_i32: print, print_i64: print, print_f32: print, print_f64: print },
    ...{ print_i32_f32: print, print_f64_f64: print, memory },
    global_i32: new WebAssembly.Global({ value: "i32" }, 666),
    global_i64: new WebAssembly.Global({ value: "i64" }, 666n),
    global_f32: new WebAssembly.Global({ value: "f32" }, 666.6),
    global_f64: new WebAssembly.Global({ value: "f64" }, 666.6),
    table: new WebAssembly.Table({ element: "anyfunc", initial: 10, maximum: 20 }),
  };
}

/** A module of a script, as it is or metered. */
export class SpecInstance {
  readonly exports: WebAssembly.Exports;
  private readonly structure: ModuleStructure;
  private readonly calls = new Map<string, BitCall | undefined>();

  /** @throws what instantiation or the start function throw */
  constructor(module: Uint8Array, isMetered: boolean, imports: WebAssembly.Imports) {
    this.structure = parseModule(module);
    const bytes = (isMetered ? instrumentModule(module) : module) as Uint8Array<ArrayBuffer>;
    this.exports = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
    this.noteMemory(imports);
    if (isMetered) this.fuel(imports);
  }

  private noteMemory(imports: WebAssembly.Imports): void {
    const { memory, exports } = this.structure;
    const exported = exports.find(({ kind }) => kind === "memory");
    if (memory === undefined || exported === undefined || this.imported(imports) !== undefined) return;
    maxima.set(this.exports[exported.name] as WebAssembly.Memory, memory.maximum ?? PAGE_BYTES);
  }

  private imported(imports: WebAssembly.Imports): WebAssembly.Memory | undefined {
    const item = this.structure.imports.find(({ kind }) => kind === "memory");
    return item && (imports[item.module]?.[item.name] as WebAssembly.Memory);
  }

  private fuel(imports: WebAssembly.Imports): void {
    const global = (name: string) => this.exports[name] as WebAssembly.Global | undefined;
    global(METER_EXPORTS.bitOps)!.value = PLENTY;
    global(METER_EXPORTS.floatOps)!.value = PLENTY;
    const pages = global(METER_EXPORTS.pages);
    if (pages !== undefined) {
      const memory = this.imported(imports);
      const declared = this.structure.memory!;
      const maximum = Math.min(declared.maximum ?? PAGE_BYTES, (memory && maxima.get(memory)) ?? PAGE_BYTES);
      pages.value = maximum - (memory ? memory.buffer.byteLength / PAGE_BYTES : declared.initial);
    }
    (this.exports[METER_EXPORTS.start] as (() => void) | undefined)?.();
  }

  /** Whether the meter's stack budget is overdrawn; a trap gives nothing back, so it is renewed here. */
  private hasOverflown(): boolean {
    const stack = this.exports[METER_EXPORTS.stack] as WebAssembly.Global | undefined;
    const isOverdrawn = stack !== undefined && stack.value < 0;
    if (stack !== undefined) stack.value = STACK.budgetSlots;
    return isOverdrawn;
  }

  perform(action: SpecAction): Outcome {
    if (action.global !== undefined) return { values: [(this.exports[action.global] as WebAssembly.Global).value] };
    const name = action.function!;
    try {
      const call = this.bitCall(name);
      if (call !== undefined) return { values: call(action.args!.map(({ bits }) => Buffer.from(bits!, "hex"))) };
      const result: unknown = (this.exports[name] as (...args: unknown[]) => unknown)(
        ...action.args!.map(toJavaScript),
      );
      return { values: result === undefined ? [] : Array.isArray(result) ? result : [result] };
    } catch (error) {
      const isExhausted = error instanceof RangeError || this.hasOverflown();
      if (!isExhausted && !(error instanceof WebAssembly.RuntimeError)) throw error;
      return { trap: (error as Error).message, isExhausted };
    }
  }

  private bitCall(name: string): BitCall | undefined {
    if (!this.calls.has(name)) {
      const { exports, functionTypes } = this.structure;
      const item = exports.find((entry) => entry.name === name && entry.kind === "function");
      if (item === undefined) throw new Error(`There is no function ${name}.`);
      const type = typeAt(this.structure, functionTypes[item.index]!, 0);
      this.calls.set(name, trampoline(type, this.exports[name]!));
    }
    return this.calls.get(name);
  }
}

/** Objects that stand for the scripts' external references. */
const externals = new Map<number, object>();

export function external(to: number): object {
  const found = externals.get(to) ?? { to };
  externals.set(to, found);
  return found;
}

function toJavaScript({ type, bits, to }: SpecValue): unknown {
  if (bits === undefined) return to === null ? null : external(to!);
  const bytes = Buffer.from(bits, "hex");
  if (type === "i32") return bytes.readInt32LE();
  if (type === "i64") return bytes.readBigInt64LE();
  return type === "f32" ? bytes.readFloatLE() : bytes.readDoubleLE();
}
