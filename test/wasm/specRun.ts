import assert from "node:assert/strict";
import { isDemecError } from "../../packages/protocol/src/errors.ts";
import { instrumentModule } from "../../packages/wasm/src/meter/meter.ts";
import type { SpecCommand, SpecResult, SpecScript } from "./corpusTool.ts";
import { external, type Outcome, SpecInstance, spectest } from "./specInstance.ts";

/** How many assertions of a script were compared, and what its modules were refused for. */
export interface Tally {
  compared: number;
  readonly refused: Map<string, number>;
  /** Assertions that the unmetered module does not meet either. */
  unmet: number;
}

type Pair = { readonly original: SpecInstance; readonly metered: SpecInstance };

/** Runs a script twice in step, its modules as they are and metered, and asserts that nobody could tell which is which. */
export class SpecRun {
  readonly tally: Tally = { compared: 0, refused: new Map(), unmet: 0 };
  private readonly hosts = { original: spectest(), metered: spectest() };
  private readonly named = new Map<string, Pair | undefined>();
  private readonly registered = new Map<string, Pair | undefined>();
  private current: Pair | undefined;

  run(script: SpecScript): Tally {
    for (const command of script.commands) {
      try {
        this.command(command);
      } catch (error) {
        (error as Error).message = `${script.suite}/${script.file}:${command.line}: ${(error as Error).message}`;
        throw error;
      }
    }
    return this.tally;
  }

  private command(command: SpecCommand): void {
    const bytes = command.bytes === undefined ? undefined : new Uint8Array(Buffer.from(command.bytes, "hex"));
    switch (command.kind) {
      case "module":
        this.current = bytes && this.instantiate(bytes);
        if (command.name !== undefined) this.named.set(command.name, this.current);
        break;
      case "register":
        this.registered.set(command.as!, this.pair(command.module));
        break;
      case "malformed":
      case "invalid":
        if (bytes !== undefined) this.refuses(bytes);
        break;
      case "unlinkable":
      case "trapStart":
        this.failsToStart(bytes!);
        break;
      case "action":
      case "return":
      case "trap":
      case "exhaustion":
        this.action(command);
        break;
    }
  }

  private pair(name: string | undefined): Pair | undefined {
    return name === undefined ? this.current : this.named.get(name);
  }

  private imports(which: "original" | "metered"): WebAssembly.Imports {
    const imports: WebAssembly.Imports = { spectest: this.hosts[which] };
    for (const [name, pair] of this.registered) if (pair !== undefined) imports[name] = pair[which].exports;
    return imports;
  }

  /** Whether the meter runs such a module; when not, for which feature it refuses it. */
  private accepts(bytes: Uint8Array): boolean {
    try {
      instrumentModule(bytes);
      return true;
    } catch (error) {
      if (!isDemecError(error)) throw error;
      assert.ok(
        error.code === "wasm/unsupported-feature" || error.code === "wasm/over-limit",
        `a valid module is refused: ${error.message}`,
      );
      const feature = String(error.details.feature ?? error.details.name);
      this.tally.refused.set(feature, (this.tally.refused.get(feature) ?? 0) + 1);
      return false;
    }
  }

  private instantiate(bytes: Uint8Array): Pair | undefined {
    if (!WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)) {
      this.refuses(bytes);
      return undefined;
    }
    if (!this.accepts(bytes)) return undefined;
    let original: SpecInstance;
    try {
      original = new SpecInstance(bytes, false, this.imports("original"));
    } catch (error) {
      // It imports from a module that was refused.
      if (error instanceof WebAssembly.LinkError || error instanceof TypeError) return undefined;
      throw error;
    }
    return { original, metered: new SpecInstance(bytes, true, this.imports("metered")) };
  }

  /** What the engine does not take is refused with a code. */
  private refuses(bytes: Uint8Array): void {
    if (WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)) return;
    assert.throws(
      () => instrumentModule(bytes),
      (error) => isDemecError(error) && error.code.startsWith("wasm/"),
    );
    this.tally.compared++;
  }

  private failsToStart(bytes: Uint8Array): void {
    if (!WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>) || !this.accepts(bytes)) return;
    const end = (which: "original" | "metered") => {
      try {
        new SpecInstance(bytes, which === "metered", this.imports(which));
        return undefined;
      } catch (error) {
        return error as Error;
      }
    };
    const expected = end("original");
    if (expected === undefined) {
      this.tally.unmet++;
      return;
    }
    const actual = end("metered");
    assert.equal(actual?.constructor, expected.constructor);
    if (expected instanceof WebAssembly.RuntimeError) assert.equal(actual!.message, expected.message);
    this.tally.compared++;
  }

  private action({ kind, action, results = [] }: SpecCommand): void {
    const pair = this.pair(action!.module);
    if (pair === undefined) return;
    const original = pair.original.perform(action!);
    const metered = pair.metered.perform(action!);
    if (original.isExhausted || metered.isExhausted) {
      assert.deepEqual([original.isExhausted, metered.isExhausted], [true, true]);
    } else assert.equal(metered.trap, original.trap);
    const isMet = (outcome: Outcome) =>
      kind === "return"
        ? outcome.values !== undefined && matches(outcome.values, results)
        : kind === "action" || outcome.trap !== undefined;
    if (!isMet(original)) this.tally.unmet++;
    else assert.ok(isMet(metered), `${show(metered)} instead of ${JSON.stringify(results)}`);
    const isExact = results.every(({ lanes }) => !lanes?.some((lane) => lane === "canonical" || lane === "arithmetic"));
    if (isExact && original.values !== undefined && kind === "return") assert.equal(show(metered), show(original));
    this.tally.compared++;
  }
}

function matches(values: readonly unknown[], results: readonly SpecResult[]): boolean {
  return values.length === results.length && values.every((value, i) => matchesOne(value, results[i]!));
}

function matchesOne(value: unknown, { lanes, to, type }: SpecResult): boolean {
  if (lanes === undefined) {
    if (to === null) return value === null;
    return to === "any" ? typeof value === "function" : value === external(to!);
  }
  const bytes = value instanceof Uint8Array ? value : toBytes(value as number | bigint, type);
  let at = 0;
  return lanes.every((lane) => {
    const size = bytes.length / lanes.length;
    const bits = Buffer.from(bytes.subarray(at, at + size)).toString("hex");
    at += size;
    return lane === "canonical" || lane === "arithmetic" ? isNaNOf(bits, lane) : bits === lane;
  });
}

/** Of a global's value, which JavaScript reads. */
function toBytes(value: number | bigint, type: string): Uint8Array {
  const bytes = Buffer.alloc(type === "i64" || type === "f64" ? 8 : 4);
  if (type === "i32") bytes.writeInt32LE(value as number);
  else if (type === "i64") bytes.writeBigInt64LE(value as bigint);
  else if (type === "f32") bytes.writeFloatLE(value as number);
  else bytes.writeDoubleLE(value as number);
  return bytes;
}

/** A canonical NaN has nothing but the payload's first bit, an arithmetic one at least that. The sign is free. */
function isNaNOf(hex: string, kind: string): boolean {
  const bits = BigInt(`0x${Buffer.from(hex, "hex").reverse().toString("hex")}`);
  const width = BigInt(hex.length * 4);
  const magnitude = bits & ((1n << (width - 1n)) - 1n);
  const canonical = width === 32n ? 0x7fc00000n : 0x7ff8000000000000n;
  return kind === "canonical" ? magnitude === canonical : (magnitude & canonical) === canonical;
}

function show(outcome: Outcome): string {
  const values = outcome.values?.map((value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value),
  );
  return values?.join(" ") ?? outcome.trap ?? "";
}
