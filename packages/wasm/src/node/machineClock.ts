/** Of the machine's monotonic clock, which starts no later than its oldest process, when this process began to count. */
const [seconds, nanoseconds] = process.hrtime();
const ORIGIN_MS = seconds * 1_000 + nanoseconds / 1_000_000 - performance.now();

/** Milliseconds that all processes of this machine count alike, and that nobody sets: a deadline holds over a change of the time of day. */
export const machineMs = (): number => toMachineMs(performance.now());

/** The same of a moment by this process's `performance.now()`. */
export const toMachineMs = (hereMs: number): number => ORIGIN_MS + hereMs;
