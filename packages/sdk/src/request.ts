import {
  type ByContent,
  type ContentReference,
  DemecError,
  type ExecutionRequest,
  type Limits,
  makeFiles,
  type ServiceMetadata,
  type Shape,
} from "@demec/protocol";
import type { CallInput } from "./service.ts";

/** Everything of a call but its input; what is left out is taken from the service's metadata, then from defaults. */
export interface CallOptions {
  /** Arguments; commands only. */
  readonly args?: readonly string[];
  /** Environment; commands only. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further environment, sealed to the provider: nobody but the executions of this service, for this buyer, gets to see it. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Variables that were sealed before, each with its box: what `sealVariables` of `@demec/access` made, eight at most. */
  readonly sealed?: readonly (readonly [name: string, box: string])[];
  /** What the function finds in its root directory, by path (`data/rates.csv`); its own files vanish with the call. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** What every clock reads, nanoseconds since the epoch; 0 by default. */
  readonly clockNs?: bigint;
  /** 32 bytes that seed the random source; zeros by default. */
  readonly seed?: Uint8Array;
  readonly limits?: Partial<Limits>;
  readonly shape?: Shape;
  /** The caller's own module, for services that have none; see `Service.withModule`. */
  readonly module?: ContentReference;
  /** Whether the output is fetched by content instead of being sent: for more than one message carries. */
  readonly outputByContent?: boolean;
  /** Wall-clock backstop, for what is fetched too; 30 s by default. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** What a streamed call may name: its output comes on the channel. */
export type StreamOptions = Omit<CallOptions, "outputByContent">;

/**
 * A call that names no limits may cost a tenth of a credit at most under the default tariff of `demec deploy`: what the
 * default session of one credit leaves unsigned.
 */
const DEFAULT_LIMITS: Limits = {
  bitOps: 250_000_000n,
  floatOps: 250_000_000n,
  memoryPages: 1024,
  outputBytes: 4 << 20,
};

/** Shared by all requests that leave these at their defaults: nobody writes to a request. */
const NONE: readonly never[] = [];
const NOTHING = new Uint8Array(0);
const ZEROS = new Uint8Array(32);

function limitsOf(service: Limits | undefined, call: Partial<Limits> | undefined): Limits {
  if (call === undefined) return service ?? DEFAULT_LIMITS;
  return { ...DEFAULT_LIMITS, ...service, ...call };
}

/**
 * Makes the request that is hashed, sent and run.
 * @throws sdk/unknown-shape when neither caller nor service names the shape
 * @throws protocol/bad-files for paths that are none, and for more than the bounds allow
 */
export function makeRequest(input: CallInput, options: CallOptions, metadata: ServiceMetadata): ExecutionRequest {
  const shape = options.shape ?? metadata.shape;
  if (shape === undefined) {
    throw new DemecError(
      "sdk/unknown-shape",
      `Service "${metadata.name}" does not say whether it is a command or a reactor.`,
    );
  }
  const byContent = byContentOf(input, options);
  const env = environmentOf(options);
  return {
    shape,
    input: bytesOf(input),
    args: options.args ?? NONE,
    env,
    files: options.files === undefined ? NONE : makeFiles(options.files),
    // The salt keeps an environment from being guessed out of the execution hash; without one there is nothing to guess.
    envSalt: env.length === 0 ? ZEROS : crypto.getRandomValues(new Uint8Array(32)),
    clockNs: options.clockNs ?? 0n,
    seed: options.seed ?? ZEROS,
    limits: limitsOf(metadata.limits, options.limits),
    ...(byContent === undefined ? undefined : { byContent }),
  };
}

function environmentOf({ env, sealed }: CallOptions): ExecutionRequest["env"] {
  const plain = env === undefined ? NONE : Object.entries(env);
  return sealed === undefined ? plain : [...plain, ...sealed];
}

function bytesOf(input: CallInput): Uint8Array {
  if (typeof input === "string") return new TextEncoder().encode(input);
  return input instanceof Uint8Array ? input : NOTHING;
}

function byContentOf(input: CallInput, { module, outputByContent }: CallOptions): ByContent | undefined {
  const isNamed = typeof input !== "string" && !(input instanceof Uint8Array);
  if (!isNamed && module === undefined && outputByContent !== true) return undefined;
  return {
    ...(isNamed ? { input } : undefined),
    ...(module === undefined ? undefined : { module }),
    ...(outputByContent === true ? { output: true } : undefined),
  };
}
