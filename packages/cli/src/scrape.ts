import { DemecError } from "@demec/protocol";

/** One reading of a provider's metrics: what each line of `/metrics` says, by name and labels. */
export class Scrape {
  readonly #values: ReadonlyMap<string, number>;
  /** Monotonic; milliseconds. */
  readonly atMs: number;

  constructor(values: ReadonlyMap<string, number>, atMs: number) {
    this.#values = values;
    this.atMs = atMs;
  }

  /** A line's value; 0 where nothing was counted yet, as Prometheus has it. */
  value(name: string, labels: Readonly<Record<string, string | number>> = {}): number {
    return this.#values.get(keyOf(name, labels)) ?? 0;
  }

  has(name: string, labels: Readonly<Record<string, string | number>> = {}): boolean {
    return this.#values.has(keyOf(name, labels));
  }

  /** Cumulative counts of a histogram: upper bound (seconds) and how many were not above it. */
  buckets(name: string): (readonly [bound: number, count: number])[] {
    const start = `${name}_bucket{"le":`;
    return [...this.#values]
      .filter(([key]) => key.startsWith(start))
      .map(([key, count]) => {
        const bound: unknown = JSON.parse(key.slice(start.length, -1));
        return [bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound), count] as const;
      })
      .sort(([left], [right]) => left - right);
  }
}

interface MetricJson {
  readonly name: string;
  readonly values: readonly {
    readonly metricName?: string;
    readonly labels: Readonly<Record<string, string | number>>;
    readonly value: number;
  }[];
}

export interface ReadyJson {
  readonly ok: boolean;
  readonly parts: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

/** @param url of a provider's metrics, such as http://127.0.0.1:9464 @throws cli/no-metrics */
export async function scrape(url: string): Promise<Scrape> {
  const metrics = (await get(url, "/metrics.json")) as readonly MetricJson[];
  const values = new Map<string, number>();
  for (const { name, values: lines } of metrics) {
    for (const { metricName, labels, value } of lines) values.set(keyOf(metricName ?? name, labels), value);
  }
  return new Scrape(values, performance.now());
}

/** Which part of a provider is not well. @throws cli/no-metrics */
export async function readiness(url: string): Promise<ReadyJson> {
  return (await get(url, "/readyz")) as ReadyJson;
}

async function get(url: string, path: string): Promise<unknown> {
  try {
    const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5_000) });
    return await response.json();
  } catch (cause) {
    throw new DemecError("cli/no-metrics", `No provider's metrics are at ${url}.`, { cause, details: { url } });
  }
}

function keyOf(name: string, labels: Readonly<Record<string, string | number>>): string {
  const names = Object.keys(labels).sort();
  return names.length === 0 ? name : `${name}${JSON.stringify(labels, names)}`;
}
