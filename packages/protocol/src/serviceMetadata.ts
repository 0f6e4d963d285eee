import { assertContent, type ContentReference } from "./content.ts";
import type { Limits, Shape } from "./execution.ts";
import { toJson } from "./json.ts";

/** Largest document of schemas that a service may ship, in bytes: it is checked by interpreting it. */
export const MAX_SCHEMA_BYTES = 65_536;

/**
 * What a publisher says about a service for people and for callers' defaults. JSON in the event of its creation:
 * a hint, never a term, and never trusted with money.
 */
export interface ServiceMetadata {
  readonly name: string;
  readonly description?: string;
  readonly shape?: Shape;
  /** Limits that suit an ordinary call. */
  readonly limits?: Limits;
  /**
   * Where JSON Schemas of its input and output are found, as one document. The event holds their hash for ever, so that
   * everybody checks the same ones, whoever served them.
   */
  readonly schema?: ContentReference;
  /** Whether providers that run in a browser's tab may serve it; where it is left out they may not. */
  readonly browserProviders?: boolean;
}

export function formatServiceMetadata(metadata: ServiceMetadata): string {
  return toJson(metadata);
}

/** Reads what it understands and leaves out the rest; text that is not JSON is taken as the name. Never throws. */
export function parseServiceMetadata(text: string): ServiceMetadata {
  let json: Partial<Record<string, unknown>>;
  try {
    json = JSON.parse(text) as Partial<Record<string, unknown>>;
    if (json === null || typeof json !== "object") return { name: text };
  } catch {
    return { name: text };
  }
  const limits = parseLimits(json.limits);
  const schema = parseSchema(json.schema);
  const shape = json.shape;
  return {
    name: typeof json.name === "string" ? json.name : "",
    ...(typeof json.description === "string" ? { description: json.description } : {}),
    ...(shape === "command" || shape === "reactor" ? { shape } : {}),
    ...(limits === undefined ? {} : { limits }),
    ...(schema === undefined ? {} : { schema }),
    ...(json.browserProviders === true ? { browserProviders: true } : {}),
  };
}

function parseSchema(value: unknown): ContentReference | undefined {
  if (value === null || typeof value !== "object") return undefined;
  const { coreKey, sha256, length } = value as ContentReference;
  const schema = { coreKey, sha256, length };
  try {
    assertContent("schema", schema);
  } catch {
    return undefined;
  }
  return length <= MAX_SCHEMA_BYTES ? schema : undefined;
}

function parseLimits(value: unknown): Limits | undefined {
  if (value === null || typeof value !== "object") return undefined;
  const { bitOps, floatOps, memoryPages, outputBytes } = value as Record<string, unknown>;
  const uint64 = (text: unknown) => typeof text === "string" && /^\d{1,19}$/.test(text);
  const uint32 = (number: unknown) => Number.isInteger(number) && Number(number) >= 0 && Number(number) <= 0xffff_ffff;
  if (!uint64(bitOps) || !uint64(floatOps) || !uint32(memoryPages) || !uint32(outputBytes)) return undefined;
  return {
    bitOps: BigInt(bitOps as string),
    floatOps: BigInt(floatOps as string),
    memoryPages: Number(memoryPages),
    outputBytes: Number(outputBytes),
  };
}
