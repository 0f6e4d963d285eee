/**
 * What a random module does, metered and, where it is deterministic, as it is: a hash of all that could be seen, work
 * included. Portable: it runs in Node under V8's tier flags (`smithProbe.ts`) and in Chromium.
 */
import { workLeft } from "../../packages/wasm/src/meter/counters.ts";
import { METER_EXPORTS, STACK } from "../../packages/wasm/src/meter/limits.ts";
import { instrumentModule } from "../../packages/wasm/src/meter/meter.ts";
import { parseModule } from "../../packages/wasm/src/meter/parse.ts";
import { type ModuleStructure, typeAt } from "../../packages/wasm/src/meter/structure.ts";
import { trapStatus } from "../../packages/wasm/src/v8/traps.ts";
import { digest } from "../support/digest.ts";
import { trampoline } from "./trampoline.ts";

const FUEL = 300_000n;
/** A call's arguments, byte by byte: small numbers of any type. */
const ARGUMENTS = [0, 1, 7, 255];

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Which trap it was. @throws what is none */
function trapOf(error: unknown): string {
  const status = trapStatus(error);
  if (status === undefined) throw error;
  return `trap ${status}`;
}

class Subject {
  readonly exports: WebAssembly.Exports;
  private readonly structure: ModuleStructure;

  constructor(structure: ModuleStructure, bytes: Uint8Array) {
    this.structure = structure;
    this.exports = new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>)).exports;
  }

  global(name: string): WebAssembly.Global | undefined {
    return this.exports[name] as WebAssembly.Global | undefined;
  }

  /** Result of an export, bit by bit, or how it trapped. */
  call(name: string, index: number, byte: number): string {
    const type = typeAt(this.structure, this.structure.functionTypes[index]!, 0);
    try {
      const bitCall = trampoline(type, this.exports[name]!);
      if (bitCall !== undefined) {
        const values = Array.from(type.params, () => Uint8Array.of(byte));
        return bitCall(values).map(hex).join();
      }
      return String(typeof (this.exports[name] as () => unknown)());
    } catch (error) {
      if (error instanceof TypeError) return "not callable from JavaScript";
      if (error instanceof RangeError) throw new Error("the native stack overflowed", { cause: error });
      return trapOf(error);
    }
  }

  /** Memory and globals. */
  state(): string {
    const seen: (Uint8Array | string)[] = [];
    for (const [name, item] of Object.entries(this.exports)) {
      if (name.startsWith("demec:")) continue;
      if (item instanceof WebAssembly.Memory) seen.push(new Uint8Array(item.buffer));
      if (item instanceof WebAssembly.Global) seen.push(`${name}=${readable(item)};`);
    }
    return digest(...seen);
  }
}

function readable(global: WebAssembly.Global): string {
  try {
    const { value } = global;
    return value === null || typeof value === "object" || typeof value === "function" ? typeof value : String(value);
  } catch {
    return "v128";
  }
}

function refuel(subject: Subject): void {
  subject.global(METER_EXPORTS.work)!.value = 0n;
  subject.global(METER_EXPORTS.bitOps)!.value = FUEL;
  subject.global(METER_EXPORTS.floatOps)!.value = FUEL;
  subject.global(METER_EXPORTS.stack)!.value = STACK.budgetSlots;
}

/** What the last call cost, and whether it ended for lack of fuel or stack. */
function account(subject: Subject): { readonly work: string; readonly isOver: boolean } {
  const { bitOps, floatOps } = workLeft(subject.exports)!;
  const isOver = bitOps < 0n || floatOps < 0n || (subject.global(METER_EXPORTS.stack)!.value as number) < 0;
  return { work: `${FUEL - bitOps} ${FUEL - floatOps}`, isOver };
}

function examine(seed: number, module: Uint8Array): string {
  const seen: string[] = [];
  const structure = parseModule(module);
  let metered: Subject;
  try {
    metered = new Subject(structure, instrumentModule(module));
  } catch (error) {
    return digest(trapOf(error));
  }
  refuel(metered);
  const pages = metered.global(METER_EXPORTS.pages);
  if (pages !== undefined) pages.value = structure.memory!.maximum! - structure.memory!.initial;
  const starts = metered.exports[METER_EXPORTS.start] as (() => void) | undefined;
  try {
    starts?.();
  } catch (error) {
    const { work } = account(metered);
    return digest(`${trapOf(error)} ${work}`);
  }
  seen.push(`${account(metered).work} ${metered.state()}`);
  // Odd seeds hold no floats: nothing is left to the engine.
  const original = seed % 2 === 1 && !account(metered).isOver ? new Subject(structure, module) : undefined;
  const expect = (actual: string, expected: string, what: string) => {
    if (actual !== expected) throw new Error(`seed ${seed}, ${what}: ${actual} metered, ${expected} unmetered`);
  };
  if (original !== undefined) expect(metered.state(), original.state(), "start");
  for (const { name, kind, index } of structure.exports) {
    if (kind !== "function") continue;
    for (const byte of ARGUMENTS) {
      refuel(metered);
      const end = metered.call(name, index, byte);
      const { work, isOver } = account(metered);
      seen.push(`${end} ${work} ${metered.state()};`);
      if (isOver) return digest(...seen);
      if (original === undefined) continue;
      expect(end, original.call(name, index, byte), name);
      expect(metered.state(), original.state(), `state after ${name}`);
    }
  }
  return digest(...seen);
}

/** A line per module: its seed and the hash. @throws where metering changes what a module does */
export function examineAll(firstSeed: number, modules: readonly Uint8Array[]): string[] {
  return modules.map((module, i) => `${firstSeed + i} ${examine(firstSeed + i, module)}`);
}
