import type { Engine } from "../engine.ts";

/** An engine of another package, as children load it: by the address of its code, since this package imports none. */
export interface EngineModule {
  /** What `status` calls it. */
  readonly name: string;
  /** file: URL of an {@link EngineEntry}. */
  readonly url: string;
  /** Files and folders that it reads: children see no others. */
  readonly roots: readonly string[];
  /** It is native code in part. */
  readonly usesAddons: boolean;
  /** `run` ends by itself when its deadline is over. */
  readonly stopsItself: boolean;
}

/** What the module at {@link EngineModule.url} exports. */
export interface EngineEntry {
  createEngine(): Engine;
}
