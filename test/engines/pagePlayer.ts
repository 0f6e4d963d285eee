/**
 * Plays in a browser what programs did in Node (recorder.ts): the host calls exports, writes memory and answers imports as
 * recorded; every import a program calls, with its arguments, every result and trap, the counters and at last globals and
 * the whole memory must be as they were.
 */
import { STATUS } from "@demec/protocol/execution";
import { sha256 } from "@demec/protocol/sha256";
import { METER_EXPORTS } from "../../packages/wasm/src/meter/limits.ts";
import { parseModule } from "../../packages/wasm/src/meter/parse.ts";
import type { ModuleStructure } from "../../packages/wasm/src/meter/structure.ts";
import { trapStatus } from "../../packages/wasm/src/v8/traps.ts";
import {
  type AnyFunction,
  COUNTERS,
  MORE_PAGES,
  PAGE_BYTES,
  type Recording,
  read,
  show,
  type Value,
} from "./recording.ts";

const FUELLED = [METER_EXPORTS.bitOps, METER_EXPORTS.floatOps, METER_EXPORTS.stack];

/** What the host threw through the program. */
const THROWN = new Error("the host threw");

class Player {
  private readonly recording: Recording;
  private readonly structure: ModuleStructure;
  private at = 0;
  private exports: WebAssembly.Exports = {};
  private memory: WebAssembly.Memory | undefined;

  constructor(recording: Recording) {
    this.recording = recording;
    this.structure = parseModule(recording.module);
  }

  /** Lines played. @throws where the program goes another way */
  async play(): Promise<number> {
    try {
      const { instance } = await WebAssembly.instantiate(
        this.recording.module as Uint8Array<ArrayBuffer>,
        this.imports(),
      );
      this.exports = instance.exports;
    } catch (error) {
      const status = trapStatus(error);
      if (status === undefined) throw error;
      this.expect(`B ${status}`);
      return this.at;
    }
    this.memory ??= Object.values(this.exports).find((item) => item instanceof WebAssembly.Memory);
    const pages = this.exports[METER_EXPORTS.pages] as WebAssembly.Global | undefined;
    if (pages) pages.value = MORE_PAGES;
    const rest = this.host();
    if (rest !== undefined) this.fail(`${rest} where nobody asked`);
    return this.at;
  }

  private imports(): WebAssembly.Imports {
    const imports: WebAssembly.Imports = {};
    for (const [i, { module, name, kind, typeIndex }] of this.structure.imports.entries()) {
      imports[module] ??= {};
      if (kind === "memory") {
        const { initial, maximum } = this.structure.memory!;
        this.memory = new WebAssembly.Memory({ initial, ...(maximum === undefined ? {} : { maximum }) });
        imports[module][name] = this.memory;
      } else {
        imports[module][name] = (...args: Value[]) => this.answer(i, this.structure.types[typeIndex]!.params, args);
      }
    }
    return imports;
  }

  /** What the host does while it has control: until it answers an import, or the recording is over (undefined). */
  private host(): string | undefined {
    for (;;) {
      const line = this.recording.lines[this.at];
      if (line === undefined) return undefined;
      this.at++;
      const [letter, ...words] = line.split(" ");
      switch (letter) {
        case "W":
          new Uint8Array(this.memory!.buffer).set(bytesOf(words[1]!), Number(words[0]));
          break;
        case "G":
          this.memory!.grow(Number(words[0]));
          break;
        case "C":
          this.call(words[0]!, Number(words[1]), words.slice(2));
          break;
        case "F":
          for (const [i, name] of FUELLED.entries()) this.global(name).value = read(words[i]!);
          break;
        case "S": {
          const { name, index } = this.structure.exports[Number(words[0])]!;
          this.compare(line, `S ${words[0]} ${show(this.structure.globalTypes[index]!, this.global(name).value)}`);
          break;
        }
        case "E": {
          const bytes = new Uint8Array(this.memory!.buffer);
          this.compare(line, `E ${bytes.length / PAGE_BYTES} ${hexOf(sha256(bytes))}`);
          break;
        }
        default:
          return line;
      }
    }
  }

  private call(kind: string, number: number, words: readonly string[]): void {
    const callee = this.callee(kind, number);
    // V8 names functions by their index.
    const { results } = this.structure.types[this.structure.functionTypes[Number(callee.name)]!]!;
    try {
      const result = callee(...words.map(read));
      const all = (results.length > 1 ? result : [result]) as Value[];
      this.expect(["R", ...Array.from(results, (type, i) => show(type, all[i]!))].join(" "));
    } catch (error) {
      this.expect(`T ${this.endOf(error)}`);
    }
    this.expect(["K", ...COUNTERS.map((counter) => this.global(counter).value)].join(" "));
  }

  private callee(kind: string, number: number): AnyFunction {
    if (kind === "e") return this.exports[this.structure.exports[number]!.name] as AnyFunction;
    const table = Object.values(this.exports).find((item) => item instanceof WebAssembly.Table);
    return table!.get(number);
  }

  /** How the program ended, if it was not the host's doing. @throws what is no end of a program's */
  private endOf(error: unknown): string {
    if (error === THROWN) return "thrown";
    const status = trapStatus(error);
    if (status === undefined) throw error;
    return String((this.global(METER_EXPORTS.stack).value as number) < 0 ? STATUS.stackOverflow : status);
  }

  private answer(index: number, params: Uint8Array, args: readonly Value[]): Value | undefined {
    this.expect(["I", index, ...Array.from(params, (type, i) => show(type, args[i]!))].join(" "));
    const [letter, word] = this.host()?.split(" ") ?? [];
    if (letter === "X") throw THROWN;
    if (letter !== "A") this.fail("an import is never answered");
    return word === undefined ? undefined : read(word);
  }

  private global(name: string): WebAssembly.Global {
    return this.exports[name] as WebAssembly.Global;
  }

  private expect(actual: string): void {
    this.compare(this.recording.lines[this.at++], actual);
  }

  private compare(recorded: string | undefined, actual: string): void {
    if (recorded !== actual) this.fail(`recorded ${recorded}, but the program did ${actual}`);
  }

  private fail(what: string): never {
    throw new Error(`line ${this.at}: ${what}`);
  }
}

/** Plays recordings; returns the lines played. @throws where a program goes another way than it did */
export async function playAll(recordings: readonly Recording[]): Promise<number> {
  let lines = 0;
  for (const recording of recordings) lines += await new Player(recording).play();
  return lines;
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
