import {
  DemecError,
  type ExecutionRequest,
  type Limits,
  makeFiles,
  type ServiceMetadata,
  type Shape,
} from "@demec/protocol";

/** Everything of a call but its input; what is left out is taken from the service's metadata, then from defaults. */
export interface CallOptions {
  /** Arguments; commands only. */
  readonly args?: readonly string[];
  /** Environment; commands only. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further environment, sealed to the provider: nobody but the executions of this service, for this buyer, gets to see it. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What the function finds in its root directory, by path (`data/rates.csv`); its own files vanish with the call. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** What every clock reads, nanoseconds since the epoch; 0 by default. */
  readonly clockNs?: bigint;
  /** 32 bytes that seed the random source; zeros by default. */
  readonly seed?: Uint8Array;
  readonly limits?: Partial<Limits>;
  readonly shape?: Shape;
  /** Wall-clock backstop; 30 s by default. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

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
export function makeRequest(input: Uint8Array, options: CallOptions, metadata: ServiceMetadata): ExecutionRequest {
  const shape = options.shape ?? metadata.shape;
  if (shape === undefined) {
    throw new DemecError(
      "sdk/unknown-shape",
      `Service "${metadata.name}" does not say whether it is a command or a reactor.`,
    );
  }
  const env = options.env === undefined ? NONE : Object.entries(options.env);
  return {
    shape,
    input,
    args: options.args ?? NONE,
    env,
    files: options.files === undefined ? NONE : makeFiles(options.files),
    // The salt keeps an environment from being guessed out of the execution hash; without one there is nothing to guess.
    envSalt: env.length === 0 ? ZEROS : crypto.getRandomValues(new Uint8Array(32)),
    clockNs: options.clockNs ?? 0n,
    seed: options.seed ?? ZEROS,
    limits: limitsOf(metadata.limits, options.limits),
  };
}
