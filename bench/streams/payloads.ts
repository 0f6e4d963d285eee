import { reactor, wat } from "../../packages/wasm/src/testing/wat.ts";

/** Bytes of memory before what is handed over. */
const AT = 1024;
/** Of both modules: room for a message of 16 MiB. */
export const PAGES = 300;

/** A reactor that gives back as many bytes as its input of four says, and of any other input the first eight. */
export const ENDS = reactor(
  `(i64.or (i64.shl (i64.const ${AT}) (i64.const 32)) (i64.extend_i32_u
     (if (result i32) (i32.eq (local.get 1) (i32.const 4)) (then (i32.load (i32.const ${AT}))) (else (i32.const 8)))))`,
  "",
  `${PAGES}`,
);

/** A command that writes as many times 64 KiB as its input of four bytes says. */
export const SOURCE = wat(`(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (func (export "_start") (local $left i32)
    (i32.store (i32.const 16) (i32.const 32))
    (i32.store (i32.const 20) (i32.const 4))
    (drop (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 24)))
    (local.set $left (i32.load (i32.const 32)))
    (i32.store (i32.const 16) (i32.const ${AT}))
    (i32.store (i32.const 20) (i32.const 65536))
    (loop $next
      (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))))`);

/** A number as both modules read it. */
export function number(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
