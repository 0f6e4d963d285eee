import { type BodyFacts, gatherFacts } from "./bodyFacts.ts";
import { ByteReader } from "./bytes.ts";
import { INLINING } from "./limits.ts";
import { readLocals } from "./locals.ts";
import { type FunctionType, type ModuleStructure, typeOfFunction } from "./structure.ts";

/** A defined function as the rewriter reads it. */
export interface FunctionSource {
  readonly index: number;
  readonly type: FunctionType;
  /** Types of parameters and declared locals. */
  readonly localTypes: Uint8Array;
  readonly facts: BodyFacts;
  /** Byte offsets of the code behind the declarations of locals. */
  readonly start: number;
  readonly end: number;
}

/**
 * The functions of a module, read when they are asked for, and which of them stand in for their calls: a call costs more
 * than anything else the meter adds to, because every function has a charge and a check of its own.
 */
export class FunctionSources {
  private readonly module: ModuleStructure;
  /** What was found of functions that were called; null: they can't stand in for calls. */
  private readonly leaves = new Map<number, FunctionSource | null>();

  constructor(module: ModuleStructure) {
    this.module = module;
  }

  /** @throws wasm/invalid-module wasm/unsupported-feature wasm/over-limit */
  source(index: number): FunctionSource {
    const { module } = this;
    const body = module.bodies[index - module.importedFunctions]!;
    const type = typeOfFunction(module, index, body.start);
    const reader = new ByteReader(module.bytes, body.start, body.end);
    const localTypes = readLocals(reader, type.params);
    const start = reader.position;
    const facts = gatherFacts(module.bytes, start, body.end, localTypes, type.params.length);
    return { index, type, localTypes, facts, start, end: body.end };
  }

  /** Bytes of a defined function's body, 0: it is imported or there is none. */
  private size(index: number): number {
    const body = this.module.bodies[index - this.module.importedFunctions];
    return body === undefined ? 0 : body.end - body.start;
  }

  /** The function if it may stand in for a call of it: small, without loops, and calling nothing. */
  leaf(index: number): FunctionSource | undefined {
    let leaf = this.leaves.get(index);
    if (leaf === undefined) {
      const size = this.size(index);
      const source = size === 0 || size > INLINING.bodyBytes ? undefined : this.source(index);
      const isLeaf = source !== undefined && isSmall(source) && !source.facts.usesCounters;
      leaf = isLeaf ? source : null;
      this.leaves.set(index, leaf);
    }
    return leaf ?? undefined;
  }
}

/** Whether a function may stand in for calls of it in itself. */
export function mayRepeat(source: FunctionSource): boolean {
  return source.end - source.start <= INLINING.bodyBytes && isSmall(source) && !source.facts.hasTailCall;
}

function isSmall({ facts, localTypes }: FunctionSource): boolean {
  return !facts.hasLoop && localTypes.length <= INLINING.locals;
}
