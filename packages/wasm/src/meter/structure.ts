import type { ByteReader } from "./bytes.ts";
import { invalidModule } from "./refuse.ts";

/** Lists of value types, as encoded. */
export interface FunctionType {
  readonly params: Uint8Array;
  readonly results: Uint8Array;
}

export interface ExternalLimits {
  readonly initial: number;
  /** Undefined when the module declares none. */
  readonly maximum: number | undefined;
}

export interface TableType extends ExternalLimits {
  readonly elementType: number;
}

export interface ImportedItem {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
  /** Of a function: index of its type. */
  readonly typeIndex: number;
  readonly offset: number;
}

export interface ExportedItem {
  readonly name: string;
  readonly kind: ExternalKind;
  readonly index: number;
  readonly offset: number;
}

export const EXTERNAL_KINDS = ["function", "table", "memory", "global"] as const;
export type ExternalKind = (typeof EXTERNAL_KINDS)[number];

export const SECTION = {
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

/** Where a section's contents stand, behind its count of entries. */
export interface SectionRange {
  readonly count: number;
  readonly start: number;
  readonly end: number;
}

/** What the rewriter needs to know of a module, apart from its code. */
export interface ModuleStructure {
  readonly bytes: Uint8Array;
  readonly sections: ReadonlyMap<number, SectionRange>;
  readonly types: readonly FunctionType[];
  readonly imports: readonly ImportedItem[];
  /** Type index of every function, imported ones first. */
  readonly functionTypes: readonly number[];
  readonly importedFunctions: number;
  readonly tables: readonly TableType[];
  /** Imported or defined, undefined: none. */
  readonly memory: ExternalLimits | undefined;
  /** Value type of every global, imported ones first. */
  readonly globalTypes: readonly number[];
  readonly exports: readonly ExportedItem[];
  readonly startFunction: number | undefined;
  /** Bodies of the defined functions, without their sizes. */
  readonly bodies: readonly { readonly start: number; readonly end: number }[];
}

/** Type of a function by its index. @throws wasm/invalid-module when there is none */
export function typeOfFunction(module: ModuleStructure, index: number, offset: number): FunctionType {
  return typeAt(module, module.functionTypes[index] ?? -1, offset);
}

/** @throws wasm/invalid-module when there is no type of this index */
export function typeAt(module: ModuleStructure, index: number, offset: number): FunctionType {
  return module.types[index] ?? invalidModule(`there is no function type ${index}`, offset);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
export function readName(reader: ByteReader): string {
  const offset = reader.position;
  const bytes = reader.take(reader.u32());
  try {
    return utf8.decode(bytes);
  } catch {
    return invalidModule("a name is not UTF-8", offset);
  }
}
