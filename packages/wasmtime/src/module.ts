/** What a child of the executor loads. */
import type { Engine } from "@demec/wasm";
import { WasmtimeEngine } from "./engine.ts";

/** @throws executor/no-engine */
export function createEngine(): Engine {
  // One call at a time; the rest is for instances whose memory the system still holds.
  return new WasmtimeEngine({ instances: 4 });
}
