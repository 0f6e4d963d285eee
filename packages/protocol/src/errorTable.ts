/** What a code promises: whether the same call may succeed later, and the next step for whoever reads it. */
export interface ErrorDescriptor {
  readonly retryable: boolean;
  readonly next: string;
}

/**
 * Every error code of the project, by room. Codes are stable: they are never renamed and never reused.
 * The error index of the documentation is generated from this table.
 */
export const ERROR_TABLE = {
  "protocol/out-of-range": { retryable: false, next: "Give a value inside the stated range." },
  "protocol/malformed": {
    retryable: false,
    next: "Check that both ends run a compatible version; the bytes are not a valid encoding.",
  },
  "protocol/bad-signature": { retryable: false, next: "Sign with the key that was committed for this purpose." },
  "protocol/bad-service-name": {
    retryable: false,
    next: "Name the service by its CAIP-19 id: eip155:<chain>/erc1155:<token contract>/<id>.",
  },
  "protocol/bad-region": {
    retryable: false,
    next: "Use lower-case segments joined by '-', coarse to fine, such as eu-de-fra.",
  },
  "curve/unordered": {
    retryable: false,
    next: "Give control points with strictly increasing supply and non-decreasing price.",
  },
  "curve/out-of-range": { retryable: false, next: "Keep supply and price inside the ranges stated in docs/curve.md." },
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
  "wasm/hash-mismatch": { retryable: false, next: "Fetch the module again, from another peer." },
  "executor/unknown-module": { retryable: true, next: "Load the module, then call again." },
  "executor/overloaded": { retryable: true, next: "Wait and call again, or call another provider." },
  "executor/deadline": { retryable: true, next: "Give the call more time, or call another provider." },
  "executor/crashed": { retryable: true, next: "Call another provider." },
  "executor/out-of-memory": { retryable: true, next: "Call another provider, or allow fewer memory pages." },
  "executor/host-failure": { retryable: true, next: "Call another provider." },
  "executor/closed": { retryable: true, next: "Call another provider." },
} as const satisfies Record<string, ErrorDescriptor>;

export type ErrorCode = keyof typeof ERROR_TABLE;
