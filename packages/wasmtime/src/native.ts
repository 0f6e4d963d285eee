import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** What the add-on exports (src/lib.rs). */
export interface Native {
  NativeEngine: new (contract: NativeContract, options: NativeEngineOptions, exchange: Uint8Array) => NativeEngine;
}

export interface NativeContract {
  workExport: string;
  bitOpsExport: string;
  floatOpsExport: string;
  stackExport: string;
  pagesExport: string;
  startExport: string;
  hostDenied: number;
  opsPerHostCall: number;
  bytesPerOp: number;
  opsPerRandomByte: number;
  opsPerPathByte: number;
  opsPerDirectoryEntry: number;
  fileNodes: number;
  fileBytes: number;
  filePathBytes: number;
  fileNameBytes: number;
  descriptors: number;
  tableElements: number;
  tables: number;
}

export interface NativeEngineOptions {
  instances: number;
  cacheFolder?: string;
  cacheBytes: number;
  compilesAside: boolean;
  hasBackstop: boolean;
}

export interface NativeEngine {
  compile(code: Uint8Array, options: NativeModuleOptions): Promise<NativeModule>;
}

export interface NativeModuleOptions {
  isReactor: boolean;
  hasInitialiser: boolean;
  initialPages: number;
  maximumPages: number;
  instantiationBitOps: number;
}

export interface NativeModule {
  runExchanged(inputBytes: number, stringBytes: number, fileBytes: number): Uint8Array | null;
  run(header: Uint8Array, input: Uint8Array, strings: Uint8Array, files: Uint8Array): Uint8Array;
  runAside(header: Uint8Array, input: Uint8Array, strings: Uint8Array, files: Uint8Array): Promise<Buffer>;
}

/** Where `pnpm build:wasmtime` puts it; as published, the add-on is a package of its own for each platform. */
const BUILT = fileURLToPath(new URL("../native/demec-wasmtime.node", import.meta.url));
const require = createRequire(import.meta.url);

/** The add-on for this machine, by its absolute path; undefined where there is none. */
export function addonPath(): string | undefined {
  if (existsSync(BUILT)) return BUILT;
  try {
    return require.resolve(`@demec/wasmtime-${process.platform}-${process.arch}`);
  } catch {
    return undefined;
  }
}

/** Whether there is an add-on. */
export function isBuilt(): boolean {
  return addonPath() !== undefined;
}

/** Loads the add-on. @throws what Node says when there is none or it is not for this machine */
export function loadNative(): Native {
  return require(addonPath() ?? BUILT) as Native;
}
