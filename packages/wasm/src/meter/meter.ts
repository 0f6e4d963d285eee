import { DemecError, isDemecError } from "@demec/protocol/errors";
import type { Shape } from "@demec/protocol/execution";
import type { ModuleInfo } from "../engine.ts";
import { WASI_FUNCTIONS, WASI_MODULE } from "../wasi/signatures.ts";
import { MODULE_LIMITS, RESERVED_PREFIX } from "./limits.ts";
import { parseModule } from "./parse.ts";
import { assertLimit, invalidModule } from "./refuse.ts";
import { rewriteModule } from "./rewriteModule.ts";
import { type ImportedItem, type ModuleStructure, SECTION, typeAt } from "./structure.ts";
import { I32, I64 } from "./valueType.ts";
import { LENGTH_WEIGHTS } from "./weights.ts";

export interface MeteredModule {
  /** The rewritten module: what engines compile. */
  readonly bytes: Uint8Array;
  readonly info: ModuleInfo;
}

/**
 * Rewrites a module so that it counts and bounds its own work, by the rules of METER_VERSION (docs/meter.md).
 * @param module the module as published
 * @throws wasm/invalid-module wasm/unsupported-feature wasm/import-not-offered wasm/reserved-export wasm/over-limit wasm/no-entry
 */
export function meter(module: Uint8Array): MeteredModule {
  const structure = parseModule(module);
  assertValid(structure);
  for (const item of structure.imports) assertOffered(structure, item);
  const bytes = instrument(structure);
  return { bytes, info: moduleInfo(structure) };
}

/**
 * The rewriting alone, of any module that the meter understands: whatever it imports, whatever it exports. For tests
 * against the specification and for embedders with imports of their own; a market never runs these.
 * @throws wasm/invalid-module wasm/unsupported-feature wasm/reserved-export wasm/over-limit
 */
export function instrumentModule(module: Uint8Array): Uint8Array {
  const structure = parseModule(module);
  assertValid(structure);
  return instrument(structure);
}

function instrument(structure: ModuleStructure): Uint8Array {
  for (const { name, offset } of structure.exports) {
    if (name.startsWith(RESERVED_PREFIX)) {
      throw new DemecError("wasm/reserved-export", `The module exports "${name}" at byte ${offset}.`, {
        details: { name, offset },
      });
    }
  }
  const elements = structure.tables.reduce((sum, table) => sum + table.initial, 0);
  assertLimit("tableElements", elements, structure.sections.get(SECTION.table)?.start ?? 0);
  return rewriteModule(structure).slice();
}

/** @throws wasm/unsupported-feature when an unsupported instruction is why the engine refuses it, else wasm/invalid-module */
function assertValid(structure: ModuleStructure): void {
  if (WebAssembly.validate(structure.bytes as Uint8Array<ArrayBuffer>)) return;
  try {
    rewriteModule(structure);
  } catch (error) {
    if (isDemecError(error)) throw error;
  }
  invalidModule("it does not validate", 0);
}

/** @throws wasm/import-not-offered */
function assertOffered(structure: ModuleStructure, item: ImportedItem): void {
  const { module, name, kind, offset } = item;
  let why = "which no function is offered under";
  if (module === WASI_MODULE && kind === "function" && WASI_FUNCTIONS.has(name)) {
    const { params, results } = typeAt(structure, item.typeIndex, offset);
    const signature = `${typeLetters(params)}:${typeLetters(results)}`;
    const offered = WASI_FUNCTIONS.get(name);
    if (signature === offered) return;
    why = `with type ${signature} instead of ${offered}`;
  }
  throw new DemecError(
    "wasm/import-not-offered",
    `The module imports "${module}" "${name}" at byte ${offset}, ${why}.`,
    {
      details: { module, name, kind, offset },
    },
  );
}

/** i for i32, I for i64, ? for anything else. */
function typeLetters(types: Uint8Array): string {
  return Array.from(types, (type) => (type === I32 ? "i" : type === I64 ? "I" : "?")).join("");
}

function moduleInfo(structure: ModuleStructure): ModuleInfo {
  const signatures = exportSignatures(structure);
  const shape = shapeOf(signatures);
  const { initial, maximum } = structure.memory!;
  const sectionBytes = (id: number) => {
    const section = structure.sections.get(id);
    return section ? section.end - section.start : 0;
  };
  const { opsPerInstance, opsPerPage, opsPerElement, bytesPerOp } = LENGTH_WEIGHTS;
  const elements = structure.tables.reduce((sum, table) => sum + table.initial, 0);
  return {
    shape,
    hasInitialiser: shape === "reactor" && signatures.get("_initialize") === ":",
    initialPages: initial,
    maximumPages: Math.min(maximum ?? MODULE_LIMITS.memoryPages, MODULE_LIMITS.memoryPages),
    instantiationBitOps: BigInt(
      opsPerInstance +
        opsPerPage * initial +
        opsPerElement * elements +
        sectionBytes(SECTION.global) +
        opsPerElement * sectionBytes(SECTION.element) +
        Math.ceil(sectionBytes(SECTION.data) / bytesPerOp),
    ),
  };
}

/** Of every export: parameters, colon, results of a function; else its kind. */
function exportSignatures(structure: ModuleStructure): Map<string, string> {
  const signatures = new Map<string, string>();
  for (const { name, kind, index, offset } of structure.exports) {
    if (kind === "function") {
      const { params, results } = typeAt(structure, structure.functionTypes[index]!, offset);
      signatures.set(name, `${typeLetters(params)}:${typeLetters(results)}`);
    } else signatures.set(name, kind);
  }
  return signatures;
}

/** @throws wasm/no-entry */
function shapeOf(signatures: ReadonlyMap<string, string>): Shape {
  if (signatures.get("memory") === "memory") {
    if (signatures.get("alloc") === "i:i" && signatures.get("handle") === "ii:I") return "reactor";
    if (signatures.get("_start") === ":") return "command";
  }
  const names = [...signatures].slice(0, 20).map(([name, signature]) => `${name} (${signature})`);
  throw new DemecError("wasm/no-entry", `The module exports ${names.join(", ") || "nothing"}: no entry.`, {
    details: { exports: names },
  });
}
