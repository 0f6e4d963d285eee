import type { ModuleInfo } from "../engine.ts";

export interface MeteredModule {
  /** The rewritten module: what engines compile. */
  readonly bytes: Uint8Array;
  readonly info: ModuleInfo;
}

/**
 * Rewrites a module so that it counts and bounds its own work, by the rules of METER_VERSION (docs/meter.md).
 * @throws wasm/invalid-module wasm/unsupported-feature wasm/import-not-offered wasm/reserved-export wasm/over-limit wasm/no-entry
 */
export function meter(_module: Uint8Array): MeteredModule {
  throw new Error("under construction");
}
