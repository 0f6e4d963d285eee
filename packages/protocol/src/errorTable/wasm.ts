import type { RoomErrors } from "./descriptor.ts";

export const wasmErrors = {
  "wasm/invalid-module": { retryable: false, next: "Rebuild the module; it is not valid WebAssembly." },
  "wasm/unsupported-feature": {
    retryable: false,
    next: "Compile without this feature: WebAssembly 2.0 with SIMD and tail calls is supported.",
  },
  "wasm/import-not-offered": {
    retryable: false,
    next: "Import only functions of wasi_snapshot_preview1, with their standard types.",
  },
  "wasm/reserved-export": { retryable: false, next: "Rename the export; this prefix belongs to the meter." },
  "wasm/over-limit": { retryable: false, next: "Make the module smaller; the limits stand in docs/meter.md." },
  "wasm/no-entry": {
    retryable: false,
    next: "Export memory and _start (a WASI command), or memory, alloc and handle (a reactor).",
  },
  "wasm/wrong-shape": { retryable: false, next: "Call the module by the shape that inspectModule reports." },
  "wasm/memory-limit": { retryable: false, next: "Allow at least as many memory pages as the module starts with." },
  "wasm/no-script-slot": {
    retryable: false,
    next: "Give an interpreter with a slot for scripts, such as examples/functions/javascript; see docs/functions.md.",
  },
  "wasm/hash-mismatch": { retryable: false, next: "Fetch the module again, from another peer." },
} as const satisfies RoomErrors<"wasm">;
