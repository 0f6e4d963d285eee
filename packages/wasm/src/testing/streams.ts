import { wat } from "./wat.ts";

/** A command that copies stdin to stdout by pieces of `bytes`, with what `each` does to every piece: (0, length) in memory. */
export function copier(bytes: number, each = ""): Uint8Array {
  return wat(`(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") ${Math.ceil(bytes / 65_536) + 1})
    (global $pieces (mut i32) (i32.const 0))
    (func (export "_start") (local $length i32)
      (loop $next
        (i32.store (i32.const 16) (i32.const 1024))
        (i32.store (i32.const 20) (i32.const ${bytes}))
        (drop (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 24)))
        (local.set $length (i32.load (i32.const 24)))
        (global.set $pieces (i32.add (global.get $pieces) (i32.const 1)))
        ${each}
        (i32.store (i32.const 20) (local.get $length))
        (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))
        (br_if $next (local.get $length)))))`);
}

/** `length` bytes that are easy to check, in pieces of `pieceBytes`; tells how much was taken. */
export async function* pattern(length: number, pieceBytes: number, taken?: (bytes: number) => void) {
  const piece = Uint8Array.from({ length: pieceBytes }, (_, i) => (i * 7) & 255);
  for (let at = 0; at < length; at += pieceBytes) {
    const bytes = piece.subarray(0, length - at);
    taken?.(bytes.length);
    yield bytes;
  }
}
