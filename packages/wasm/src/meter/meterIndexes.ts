import type { ByteWriter } from "./bytes.ts";
import type { HelperName } from "./helpers.ts";
import type { FunctionType, ModuleStructure } from "./structure.ts";

/**
 * What the meter appends, always behind the module's own, so that no index of the module changes: globals, types,
 * and helper functions, the latter two as they are needed.
 */
export class MeterIndexes {
  readonly workGlobal: number;
  readonly bitGlobal: number;
  readonly floatGlobal: number;
  readonly stackGlobal: number;
  readonly pagesGlobal: number;
  readonly elementsGlobal: number;
  readonly addedTypes: FunctionType[] = [];
  readonly helpers: HelperName[] = [];
  private readonly module: ModuleStructure;
  private readonly typeIndexes = new Map<string, number>();

  constructor(module: ModuleStructure) {
    this.module = module;
    const base = module.globalTypes.length;
    this.workGlobal = base;
    this.bitGlobal = base + 1;
    this.floatGlobal = base + 2;
    this.stackGlobal = base + 3;
    this.pagesGlobal = base + 4;
    this.elementsGlobal = base + 5;
  }

  /** Index of an added function type. */
  typeIndex(params: Uint8Array, results: Uint8Array): number {
    const key = `${params}>${results}`;
    let index = this.typeIndexes.get(key);
    if (index === undefined) {
      index = this.module.types.length + this.addedTypes.length;
      this.addedTypes.push({ params, results });
      this.typeIndexes.set(key, index);
    }
    return index;
  }

  /** Function index of a helper. */
  helper(name: HelperName): number {
    let at = this.helpers.indexOf(name);
    if (at < 0) at = this.helpers.push(name) - 1;
    return this.module.functionTypes.length + at;
  }

  /** Function index of the helper that grows this table. */
  tableGrower(table: number): number {
    return this.helper(`growTable ${table}`);
  }

  /** Writes a block type without parameters. */
  writeBlockType(output: ByteWriter, results: Uint8Array): void {
    if (results.length === 0) output.byte(0x40);
    else if (results.length === 1) output.byte(results[0]!);
    else output.signed(this.typeIndex(new Uint8Array(0), results));
  }
}
