import { main } from "assemblyscript/asc";

/**
 * A reactor for tests: gives the input back in capitals. Input that begins with "trap" ends in a trap; with "spin" it runs
 * until its fuel or its time is over; with "grow" it gives back as many megabytes as the digit after it says.
 */
const SHOUT = `
export function alloc(length: i32): usize { return heap.alloc(length); }
export function handle(at: usize, length: i32): u64 {
  const word = length >= 4 ? load<u32>(at) : 0;
  if (word == 0x70617274) unreachable();
  if (word == 0x6e697073) while (true) store<u8>(at, load<u8>(at) + 1);
  if (word == 0x776f7267) {
    const bytes: usize = (load<u8>(at + 4) - 48) << 20;
    return (<u64>heap.alloc(bytes) << 32) | <u64>bytes;
  }
  for (let i = 0; i < length; i++) {
    const letter = load<u8>(at + i);
    if (letter >= 97 && letter <= 122) store<u8>(at + i, letter - 32);
  }
  return (<u64>at << 32) | <u64>length;
}
`;

/** A command that gives its input back in capitals, piece by piece as it comes. */
const SHOUT_COMMAND = `
@external("wasi_snapshot_preview1", "fd_read") declare function read(fd: i32, parts: usize, count: i32, done: usize): i32;
@external("wasi_snapshot_preview1", "fd_write") declare function write(fd: i32, parts: usize, count: i32, done: usize): i32;
export function _start(): void {
  const part = heap.alloc(12);
  const piece = heap.alloc(65536);
  store<u32>(part, <u32>piece);
  for (;;) {
    store<u32>(part + 4, 65536);
    read(0, part, 1, part + 8);
    const length = load<u32>(part + 8);
    if (length == 0) return;
    for (let at = piece; at < piece + length; at++) {
      const letter = load<u8>(at);
      if (letter >= 97 && letter <= 122) store<u8>(at, letter - 32);
    }
    store<u32>(part + 4, length);
    write(1, part, 1, part + 8);
  }
}
`;

/** A command that prints its environment, each variable with a zero after it. */
const PRINTENV = `
@external("wasi_snapshot_preview1", "environ_sizes_get") declare function sizes(count: usize, bytes: usize): i32;
@external("wasi_snapshot_preview1", "environ_get") declare function environ(names: usize, texts: usize): i32;
@external("wasi_snapshot_preview1", "fd_write") declare function write(fd: i32, parts: usize, count: i32, done: usize): i32;
export function _start(): void {
  const scratch = heap.alloc(16);
  sizes(scratch, scratch + 4);
  const names = heap.alloc(4 * load<u32>(scratch));
  const bytes = load<u32>(scratch + 4);
  const texts = heap.alloc(bytes);
  environ(names, texts);
  store<u32>(scratch, <u32>texts);
  store<u32>(scratch + 4, bytes);
  write(1, scratch, 1, scratch + 8);
}
`;

/** Imports what nobody offers. */
const FOREIGN_IMPORT = `
@external("env", "launch") declare function launch(): void;
export function alloc(length: i32): usize { return heap.alloc(length); }
export function handle(at: usize, length: i32): u64 { launch(); return 0; }
`;

export const compileShout = () => compile(SHOUT);
export const compileShoutCommand = () => compile(SHOUT_COMMAND);
export const compilePrintenv = () => compile(PRINTENV);
export const compileForeignImport = () => compile(FOREIGN_IMPORT);

async function compile(source: string): Promise<Uint8Array> {
  const out = new Map<string, Uint8Array | string>();
  const { error, stderr } = await main(
    ["function.ts", "--outFile", "function.wasm", "--optimizeLevel", "3", "--runtime", "stub", "--use", "abort="],
    {
      readFile: (name) => (name === "function.ts" ? source : null),
      writeFile: (name, contents) => void out.set(name, contents),
      listFiles: () => [],
    },
  );
  const binary = out.get("function.wasm");
  if (error !== null || !(binary instanceof Uint8Array)) throw new Error(`asc failed: ${stderr}`, { cause: error });
  return binary;
}
