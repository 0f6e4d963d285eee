import type { CompiledModule, Engine } from "../engine.ts";

/** The engine that is embedded in Node and Chromium. */
export class V8Engine implements Engine {
  readonly name = "v8";

  compile(_module: Uint8Array): Promise<CompiledModule> {
    throw new Error("under construction");
  }
}
