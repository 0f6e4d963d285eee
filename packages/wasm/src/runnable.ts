import { DemecError } from "@demec/protocol/errors";
import type { ExecutionRequest } from "@demec/protocol/execution";
import type { ModuleInfo } from "./engine.ts";

/** Refuses, before anything runs, what no engine could run: the same on every engine. @throws wasm/wrong-shape wasm/memory-limit */
export function assertRunnable(info: ModuleInfo, request: ExecutionRequest): void {
  if (request.shape !== info.shape) {
    throw new DemecError("wasm/wrong-shape", `The module is a ${info.shape}, the call asks for a ${request.shape}.`, {
      details: { module: info.shape, request: request.shape },
    });
  }
  if (request.limits.memoryPages < info.initialPages) {
    const what = `The module starts with ${info.initialPages} pages, the call allows ${request.limits.memoryPages}.`;
    throw new DemecError("wasm/memory-limit", what, {
      details: { initialPages: info.initialPages, memoryPages: request.limits.memoryPages },
    });
  }
}
