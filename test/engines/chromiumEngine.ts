/** The executor in Chromium, for `DEMEC_ENGINE` (packages/wasm/src/testing/run.ts). */
import { after } from "node:test";
import type { ExecutionRequest } from "@demec/protocol/execution";
import { Chromium } from "../support/chromium.ts";
import { openCalls } from "./support.ts";

export function createEngine() {
  const opening = Chromium.launch().then(async (chromium) => ({
    chromium,
    page: await openCalls(chromium),
  }));
  after(async () => (await opening).chromium[Symbol.asyncDispose]());
  return {
    name: "chromium",
    compile: async (module: Uint8Array) => ({
      run: async (call: ExecutionRequest) => (await opening).page.call("runOne", module, call),
    }),
  };
}
