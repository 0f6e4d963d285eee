/**
 * Runs the random modules of a range of seeds, metered and, where they are deterministic, as they are. Prints a line per
 * module: its seed and a hash of all that could be seen, work included. `smith.test.ts` runs it under V8's tier flags.
 */
import { createHash } from "node:crypto";
import { workLeft } from "../../packages/wasm/src/meter/counters.ts";
import { METER_EXPORTS, STACK } from "../../packages/wasm/src/meter/limits.ts";
import { instrumentModule } from "../../packages/wasm/src/meter/meter.ts";
import { parseModule } from "../../packages/wasm/src/meter/parse.ts";
import { type ModuleStructure, typeAt } from "../../packages/wasm/src/meter/structure.ts";
import { randomModules } from "./corpusTool.ts";
import { trampoline } from "./trampoline.ts";

const FUEL = 300_000n;
/** A call's arguments, byte by byte: small numbers of any type. */
const ARGUMENTS = [0, 1, 7, 255];

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
        return bitCall(values)
          .map((bits) => Buffer.from(bits).toString("hex"))
          .join();
      }
      return String(typeof (this.exports[name] as () => unknown)());
    } catch (error) {
      if (error instanceof TypeError) return "not callable from JavaScript";
      if (error instanceof RangeError) throw new Error("the native stack overflowed", { cause: error });
      return (error as Error).message;
    }
  }

  /** Memory and globals. */
  state(): string {
    const hash = createHash("sha256");
    for (const [name, item] of Object.entries(this.exports)) {
      if (name.startsWith("demec:")) continue;
      if (item instanceof WebAssembly.Memory) hash.update(new Uint8Array(item.buffer));
      if (item instanceof WebAssembly.Global) hash.update(`${name}=${readable(item)};`);
    }
    return hash.digest("hex");
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
  const hash = createHash("sha256");
  const structure = parseModule(module);
  let metered: Subject;
  try {
    metered = new Subject(structure, instrumentModule(module));
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return hash.update(error.message).digest("hex");
    throw error;
  }
  refuel(metered);
  const pages = metered.global(METER_EXPORTS.pages);
  if (pages !== undefined) pages.value = structure.memory!.maximum! - structure.memory!.initial;
  const starts = metered.exports[METER_EXPORTS.start] as (() => void) | undefined;
  try {
    starts?.();
  } catch (error) {
    const { work } = account(metered);
    return hash.update(`${(error as Error).message} ${work}`).digest("hex");
  }
  hash.update(`${account(metered).work} ${metered.state()}`);
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
      hash.update(`${end} ${work} ${metered.state()};`);
      if (isOver) return hash.digest("hex");
      if (original === undefined) continue;
      expect(end, original.call(name, index, byte), name);
      expect(metered.state(), original.state(), `state after ${name}`);
    }
  }
  return hash.digest("hex");
}

const [tool, from, to] = process.argv.slice(2) as [string, string, string];
const modules = await randomModules(tool, Number(from), Number(to));
for (const [i, module] of modules.entries()) console.log(`${Number(from) + i} ${examine(Number(from) + i, module)}`);
