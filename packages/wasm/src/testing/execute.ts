import { workLeft } from "../meter/counters.ts";
import { METER_EXPORTS } from "../meter/limits.ts";

/** Everything that can be seen of one execution of a random module. */
export interface Trace {
  /** Result, or the message of the trap. */
  readonly end: string;
  readonly memory: Buffer;
  /** Work done by a metered module, else 0. */
  readonly bitOps: bigint;
  readonly floatOps: bigint;
}

export interface Fuel {
  readonly bitOps: bigint;
  readonly floatOps: bigint;
}

const PLENTY: Fuel = { bitOps: 10n ** 12n, floatOps: 10n ** 12n };
/** Maximum less initial pages of a random module. */
const PAGES_LEFT = 2;

/** Runs a random module (`generate.ts`), metered or not. @param fuel limits of a metered one */
export function execute(bytes: Uint8Array, x: number, y: number, fuel: Fuel = PLENTY): Trace {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
  const global = (name: string) => exports[name] as WebAssembly.Global | undefined;
  for (const name of ["bitOps", "floatOps"] as const) {
    const counter = global(METER_EXPORTS[name]);
    if (counter) counter.value = fuel[name];
  }
  const pages = global(METER_EXPORTS.pages);
  if (pages) pages.value = PAGES_LEFT;
  let end: string;
  try {
    end = String((exports.run as (x: number, y: number) => bigint)(x, y));
  } catch (error) {
    end = (error as Error).message;
  }
  const left = workLeft(exports);
  return {
    end,
    memory: Buffer.from((exports.memory as WebAssembly.Memory).buffer as ArrayBuffer),
    bitOps: left ? fuel.bitOps - left.bitOps : 0n,
    floatOps: left ? fuel.floatOps - left.floatOps : 0n,
  };
}
