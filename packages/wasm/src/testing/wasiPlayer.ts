import { WASI_FUNCTIONS } from "../wasi/signatures.ts";
import { wat } from "./wat.ts";

/** A module that makes the WASI calls it is told to make, for tests that compare hosts. */

const TYPES: Readonly<Record<string, string>> = { i: "i32", I: "i64" };
/** Everything but what would end the program. */
const NAMES = [...WASI_FUNCTIONS.keys()].filter((name) => name !== "proc_exit");
const MOST_ARGUMENTS = 9;
const RECORD_BYTES = 8 * (1 + MOST_ARGUMENTS);
const INPUT_AT = 0x4000;
const LOG_AT = 0xc000;
export const MEMORY_BYTES = 0x10000;
export const MOST_CALLS = Math.floor((LOG_AT - INPUT_AT) / RECORD_BYTES);

/** A call with its arguments, in the order of the function's type. */
export interface WasiCall {
  readonly name: string;
  readonly args: readonly (number | bigint)[];
}

/**
 * A reactor that makes the calls of its input one after the other and gives its whole memory for a result; what they answered
 * is in `errnosOf` it.
 * @param data what memory holds at the start, by address; below 0x4000
 */
export function wasiPlayer(data: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const imports = NAMES.map((name) => {
    const [params = "", results = ""] = WASI_FUNCTIONS.get(name)!.split(":");
    const list = (letters: string) => Array.from(letters, (letter) => TYPES[letter]).join(" ");
    return `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${list(params)}) (result ${list(results)})))`;
  });
  const calls = NAMES.map((name, number) => {
    const load = (letter: string, i: number) => `(${TYPES[letter]}.load offset=${8 + i * 8} (local.get $at))`;
    const args = Array.from(WASI_FUNCTIONS.get(name)!.split(":")[0]!, load).join(" ");
    return `(if (i32.eq (i32.load (local.get $at)) (i32.const ${number}))
      (then (i32.store (local.get $log) (call $${name} ${args}))))`;
  });
  const segments = [...data].map(
    ([at, bytes]) =>
      `(data (i32.const ${at}) "${Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("")}")`,
  );
  return wat(`(module ${imports.join("\n")}
    (memory (export "memory") 1) ${segments.join("\n")}
    (func (export "alloc") (param i32) (result i32) (i32.const ${INPUT_AT}))
    (func (export "handle") (param $at i32) (param $length i32) (result i64) (local $end i32) (local $log i32)
      (local.set $end (i32.add (local.get $at) (local.get $length)))
      (local.set $log (i32.const ${LOG_AT}))
      (loop $next
        (if (i32.lt_u (local.get $at) (local.get $end)) (then
          ${calls.join("\n")}
          (local.set $log (i32.add (local.get $log) (i32.const 4)))
          (local.set $at (i32.add (local.get $at) (i32.const ${RECORD_BYTES})))
          (br $next))))
      (i64.const ${MEMORY_BYTES})))`);
}

/** Calls as the player's input; {@link MOST_CALLS} at most. */
export function encodeCalls(calls: readonly WasiCall[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(calls.length * RECORD_BYTES));
  for (const [i, { name, args }] of calls.entries()) {
    view.setUint32(i * RECORD_BYTES, NAMES.indexOf(name), true);
    for (const [j, arg] of args.entries()) view.setBigUint64(i * RECORD_BYTES + 8 + j * 8, BigInt(arg), true);
  }
  return new Uint8Array(view.buffer);
}

/** What the calls answered, of the player's result. */
export function errnosOf(memory: Uint8Array, calls: number): number[] {
  const view = new DataView(memory.buffer, memory.byteOffset);
  return Array.from({ length: calls }, (_, i) => view.getUint32(LOG_AT + i * 4, true));
}
