import { readFileSync } from "node:fs";
import type { ExecutionRequest } from "@demec/protocol/execution";
import { bareRequest } from "@demec/protocol/testing";
import { type CompiledModule, V8Engine } from "@demec/wasm";

/** Bytes of a file; its path is relative to examples/functions. */
export const file = (path: string) => new Uint8Array(readFileSync(new URL(`../${path}`, import.meta.url)));
/** A function that was built, in the metered engine. */
export const load = (path: string): Promise<CompiledModule> => new V8Engine().compile(file(path));
export const utf8 = (text: string) => new TextEncoder().encode(text);

/** A request with plenty of everything. */
export function request(parts: Partial<ExecutionRequest>): ExecutionRequest {
  return bareRequest({
    limits: { bitOps: 10n ** 10n, floatOps: 10n ** 10n, memoryPages: 2048, outputBytes: 1 << 24 },
    ...parts,
  });
}
