import { DemecError } from "@demec/protocol/errors";
import { MODULE_LIMITS } from "./limits.ts";

/** @throws wasm/invalid-module always */
export function invalidModule(what: string, offset: number): never {
  throw new DemecError("wasm/invalid-module", `The module is not valid WebAssembly: ${what} at byte ${offset}.`, {
    details: { what, offset },
  });
}

/** @throws wasm/unsupported-feature always */
export function unsupported(feature: string, offset: number): never {
  throw new DemecError("wasm/unsupported-feature", `The module uses ${feature} at byte ${offset}.`, {
    details: { feature, offset },
  });
}

/** @throws wasm/over-limit when `value` is above the protocol's limit of this name */
export function assertLimit(name: keyof typeof MODULE_LIMITS, value: number, offset: number): void {
  const limit = MODULE_LIMITS[name];
  if (value > limit) {
    throw new DemecError("wasm/over-limit", `The module's ${name} are ${value} at byte ${offset}, over ${limit}.`, {
      details: { name, value, limit, offset },
    });
  }
}
