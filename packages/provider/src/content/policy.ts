/** What calls by content may cost a provider, before and beside their execution. */
export interface ContentPolicy {
  /** Largest input and largest output that travels by content; bytes. */
  readonly maxBytes: number;
  /** Largest module that a buyer may bring; bytes. */
  readonly maxModuleBytes: number;
  /** Inputs in memory and outputs that wait to be fetched, of one buyer and of all together; bytes. */
  readonly maxHeldBytesPerBuyer: number;
  readonly maxHeldBytes: number;
  /** What is fetched for one buyer: so many bytes at once after a quiet time, and so many a second. */
  readonly fetchBurstBytes: number;
  readonly fetchBytesPerSecond: number;
  /** Modules compiled for one buyer: so many at once after a quiet time, and so many a second. */
  readonly compileBurst: number;
  readonly compilesPerSecond: number;
  /** How long a fetch may take, beside the call's own deadline; milliseconds. */
  readonly fetchMs: number;
  /** How long an output waits to be fetched; milliseconds. */
  readonly outputMs: number;
}

const MIB = 2 ** 20;

export const DEFAULT_CONTENT_POLICY: ContentPolicy = {
  maxBytes: 64 * MIB,
  maxModuleBytes: 16 * MIB,
  maxHeldBytesPerBuyer: 256 * MIB,
  maxHeldBytes: 1024 * MIB,
  fetchBurstBytes: 1024 * MIB,
  fetchBytesPerSecond: 16 * MIB,
  compileBurst: 16,
  compilesPerSecond: 0.2,
  fetchMs: 60_000,
  outputMs: 120_000,
};
