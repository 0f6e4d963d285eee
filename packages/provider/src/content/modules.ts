import { DemecError, type Hex, isDemecError } from "@demec/protocol";
import { LRUCache } from "lru-cache";
import { bytesToHex, hexToBytes } from "viem";
import type { Call, ExecutorPort } from "../executorPort.ts";
import type { Fetcher } from "./fetcher.ts";

/** Modules remembered that were refused; of more the one refused longest ago is tried again. */
const MAX_REFUSED = 1_000;
/** Largest module of a service that is served; bytes. */
const MAX_SERVICE_MODULE_BYTES = 64 << 20;
/** Ends of a compilation that a module can bring about: whoever brings it can't hold them against its provider. */
const MODULES_FAULT: readonly string[] = ["executor/deadline", "executor/crashed", "executor/out-of-memory"];

export interface ModulesOptions {
  readonly executor: Pick<ExecutorPort, "has" | "load">;
  readonly fetcher: Fetcher;
  /** Largest module that a buyer may bring; bytes. */
  readonly maxModuleBytes: number;
  /** Whether one more module may be compiled for this buyer now. */
  readonly mayCompile: (buyer: string) => boolean;
}

/** Sees to it that the executor has the module that a call runs: a service's own, or one that the buyer brings. */
export class Modules {
  readonly #options: ModulesOptions;
  /** Where the modules of services are found, by their hash. */
  readonly #ofServices = new Map<Hex, Hex>();
  readonly #loading = new Map<Hex, Promise<void>>();
  readonly #refused = new LRUCache<Hex, DemecError>({ max: MAX_REFUSED });

  constructor(options: ModulesOptions) {
    this.#options = options;
  }

  /** Gets a service's module, keeps it on disk, and compiles it. @throws network/content-…, wasm/…, executor/… */
  async serve({ codeHash, codeCore }: { readonly codeHash: Hex; readonly codeCore: Hex }): Promise<void> {
    const { fetcher } = this.#options;
    const key = codeHash.toLowerCase() as Hex;
    await this.#load(key, "", () => fetcher.keep({ coreKey: codeCore, sha256: key }, MAX_SERVICE_MODULE_BYTES));
    this.#ofServices.set(key, codeCore);
  }

  /**
   * Resolves when the executor has the call's module.
   * @throws provider/module-refused, provider/content-…, network/content-…, wasm/… for one that the buyer brings
   * @throws executor/unknown-module, executor/… for a service's own
   */
  async ensure(call: Call): Promise<void> {
    const { executor } = this.#options;
    if (executor.has(call.moduleHash)) return;
    const key = bytesToHex(call.moduleHash);
    // What another buyer's line fails to bring may come on this one's.
    await this.#loading.get(key)?.catch(() => undefined);
    if (executor.has(call.moduleHash)) return;
    const loading = this.#get(key, call).finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    await loading;
  }

  async #get(key: Hex, call: Call): Promise<void> {
    const { fetcher, maxModuleBytes, mayCompile } = this.#options;
    const coreKey = this.#ofServices.get(key);
    if (coreKey !== undefined) {
      const bytes = () => fetcher.keep({ coreKey, sha256: key }, MAX_SERVICE_MODULE_BYTES);
      return this.#load(key, "", bytes);
    }
    const module = call.request.byContent?.module;
    if (module === undefined) throw new DemecError("executor/unknown-module", `No module ${key} is loaded.`);
    const refusal = this.#refused.get(key);
    if (refusal !== undefined) throw refusal;
    if (!mayCompile(call.tenant)) {
      throw new DemecError("provider/content-busy", `Too many modules of ${call.tenant} were compiled just now.`);
    }
    try {
      await this.#load(key, call.tenant, () => fetcher.fetch(module, maxModuleBytes, call));
    } catch (error) {
      throw this.#judge(key, error);
    }
  }

  async #load(key: Hex, tenant: string, bytes: () => Promise<Uint8Array>): Promise<void> {
    await this.#options.executor.load(hexToBytes(key), await bytes(), tenant);
  }

  /** What a module did to its compilation it would do again. */
  #judge(key: Hex, error: unknown): unknown {
    if (!isDemecError(error)) return error;
    if (MODULES_FAULT.includes(error.code)) {
      const what = `Module ${key} could not be compiled within this provider's bounds: ${error.message}`;
      const refusal = new DemecError("provider/module-refused", what, { cause: error });
      this.#refused.set(key, refusal);
      return refusal;
    }
    if (error.code.startsWith("wasm/")) this.#refused.set(key, error);
    return error;
  }
}
