import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from "hdr-histogram-js";

/** What one process counted, as it crosses to another. Histograms are compressed; their values are microseconds. */
export interface TallyReport {
  readonly sent: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly latency: string;
  /** One for each second of the schedule, by when its calls were due. */
  readonly seconds: readonly string[];
  /** From the begin of the measurement to the last answer; milliseconds. */
  readonly lastMs: number;
}

/** Errors to two or three digits, which is what it says of a histogram's precision. */
const histogram = (digits: 2 | 3) =>
  build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 600_000_000,
    numberOfSignificantValueDigits: digits,
    bitBucketSize: 32,
  });

/** Counts what became of calls, by HDR histograms: exact to three digits from a microsecond to ten minutes. */
export class Tally {
  readonly latency: Histogram = histogram(3);
  readonly seconds: Histogram[] = [];
  readonly errors = new Map<string, number>();
  sent = 0;
  lastMs = 0;

  get ok(): number {
    return this.latency.totalCount;
  }

  /** @param dueMs since the begin of the measurement; @param endedMs the same, of the answer */
  answered(dueMs: number, endedMs: number): void {
    const micros = Math.max(1, Math.round((endedMs - dueMs) * 1000));
    this.latency.recordValue(micros);
    this.#second(Math.floor(dueMs / 1000)).recordValue(micros);
    this.lastMs = Math.max(this.lastMs, endedMs);
  }

  failed(code: string, count = 1): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + count);
  }

  report(): TallyReport {
    return {
      sent: this.sent,
      errors: Object.fromEntries(this.errors),
      latency: encodeIntoCompressedBase64(this.latency),
      seconds: this.seconds.map((one) => encodeIntoCompressedBase64(one)),
      lastMs: this.lastMs,
    };
  }

  /** Adds what another process counted. */
  add(report: TallyReport): void {
    this.sent += report.sent;
    for (const [code, count] of Object.entries(report.errors)) this.failed(code, count);
    this.latency.add(decodeFromCompressedBase64(report.latency));
    for (const [second, encoded] of report.seconds.entries()) {
      this.#second(second).add(decodeFromCompressedBase64(encoded));
    }
    this.lastMs = Math.max(this.lastMs, report.lastMs);
  }

  #second(second: number): Histogram {
    while (this.seconds.length <= second) this.seconds.push(histogram(2));
    return this.seconds[second]!;
  }
}
