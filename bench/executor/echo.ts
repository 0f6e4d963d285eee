import { reactor } from "../../packages/wasm/src/testing/wat.ts";

/** A reactor of 64 KiB that returns its input. */
export const ECHO = reactor(
  "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))",
);
