import { DemecError, type ExecutionRequest, type Limits, type ServiceMetadata, type Shape } from "@demec/protocol";

/** Everything of a call but its input; what is left out is taken from the service's metadata, then from defaults. */
export interface CallOptions {
  /** Arguments; commands only. */
  readonly args?: readonly string[];
  /** Environment; commands only. */
  readonly env?: Readonly<Record<string, string>>;
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

const DEFAULT_LIMITS: Limits = {
  bitOps: 1_000_000_000n,
  floatOps: 1_000_000_000n,
  memoryPages: 1024,
  outputBytes: 8 << 20,
};

/** Makes the request that is hashed, sent and run. @throws sdk/unknown-shape when neither caller nor service names the shape */
export function makeRequest(input: Uint8Array, options: CallOptions, metadata: ServiceMetadata): ExecutionRequest {
  const shape = options.shape ?? metadata.shape;
  if (shape === undefined) {
    throw new DemecError(
      "sdk/unknown-shape",
      `Service "${metadata.name}" does not say whether it is a command or a reactor.`,
    );
  }
  const env = Object.entries(options.env ?? {});
  return {
    shape,
    input,
    args: options.args ?? [],
    env,
    // The salt keeps an environment from being guessed out of the execution hash; without one there is nothing to guess.
    envSalt: env.length === 0 ? new Uint8Array(32) : crypto.getRandomValues(new Uint8Array(32)),
    clockNs: options.clockNs ?? 0n,
    seed: options.seed ?? new Uint8Array(32),
    limits: { ...DEFAULT_LIMITS, ...metadata.limits, ...options.limits },
  };
}
