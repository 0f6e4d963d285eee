import { formatAge } from "./output.ts";
import type { ReadyJson, Scrape } from "./scrape.ts";

/** What an operator wants to know of a running provider. */
export interface ProviderView {
  readonly ready: boolean;
  /** Parts that are not well, with what was found. */
  readonly troubles: Readonly<Record<string, string>>;
  readonly uptimeSeconds: number;
  readonly sessions: { readonly open: number; readonly attached: number };
  readonly connections: { readonly open: number; readonly strangers: number; readonly refusedPerSecond: number };
  readonly callsPerSecond: number;
  /** Of the calls between both readings; null: there were none. */
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null;
  readonly calls: { readonly ok: number; readonly ended: number; readonly fault: number; readonly refused: number };
  readonly unsignedCredits: number;
  /** Null: the chain has not told yet. */
  readonly stake: { readonly staked: number; readonly bonded: number } | null;
  readonly operatorCoins: number | null;
  readonly process: { readonly rssBytes: number; readonly cpuCores: number };
}

/** @param before an earlier reading of the same provider: rates and latencies are those between both */
export function viewOf(before: Scrape, now: Scrape, { ok, parts }: ReadyJson): ProviderView {
  const seconds = (now.atMs - before.atMs) / 1000;
  const rate = (name: string) => (now.value(name) - before.value(name)) / seconds;
  const calls = (end: string) => now.value("demec_calls_total", { end });
  const callSeconds = "demec_call_seconds";
  const earlier = new Map(before.buckets(callSeconds));
  const buckets = now.buckets(callSeconds).map(([bound, count]) => [bound, count - (earlier.get(bound) ?? 0)] as const);
  const p50 = quantile(buckets, 0.5);
  const p99 = quantile(buckets, 0.99);
  const stake = "demec_stake_tokens";
  const balance = "demec_operator_balance_coins";
  return {
    ready: ok,
    troubles: Object.fromEntries(
      Object.entries(parts).flatMap(([part, finding]) => (finding.ok ? [] : [[part, finding.detail]])),
    ),
    uptimeSeconds: Math.max(0, Math.round(Date.now() / 1000 - now.value("process_start_time_seconds"))),
    sessions: { open: now.value("demec_sessions_open"), attached: now.value("demec_sessions_attached") },
    connections: {
      open: now.value("demec_connections_open"),
      strangers: now.value("demec_connections_strangers"),
      refusedPerSecond: rate("demec_connections_turned_away_total") + rate("demec_connections_shown_out_total"),
    },
    callsPerSecond: rate(`${callSeconds}_count`),
    latencyMs: p50 === null || p99 === null ? null : { p50: p50 * 1000, p99: p99 * 1000 },
    calls: { ok: calls("ok"), ended: calls("ended"), fault: calls("fault"), refused: calls("refused") },
    unsignedCredits: now.value("demec_unsigned_credits"),
    stake: now.has(stake, { state: "staked" })
      ? { staked: now.value(stake, { state: "staked" }), bonded: now.value(stake, { state: "bonded" }) }
      : null,
    operatorCoins: now.has(balance) ? now.value(balance) : null,
    process: { rssBytes: now.value("process_resident_memory_bytes"), cpuCores: rate("process_cpu_seconds_total") },
  };
}

/**
 * A quantile of a cumulative histogram, by linear interpolation within its bucket, as Prometheus's `histogram_quantile`.
 * @param q 0 to 1
 * @returns null when nothing was counted
 */
export function quantile(buckets: readonly (readonly [bound: number, count: number])[], q: number): number | null {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total === 0) return null;
  const rank = q * total;
  const index = buckets.findIndex(([, count]) => count >= rank);
  const [below, under] = buckets[index - 1] ?? [0, 0];
  const [bound, count] = buckets[index]!;
  if (bound === Number.POSITIVE_INFINITY) return below;
  return count === under ? bound : below + ((bound - below) * (rank - under)) / (count - under);
}

/** The view for a terminal. */
export function formatView(view: ProviderView): string {
  const { sessions, connections, latencyMs, calls, stake, process } = view;
  const troubles = Object.entries(view.troubles).map(([part, detail]) => `${part}: ${detail}`);
  const number = (value: number, digits = 0) => value.toLocaleString("en", { maximumFractionDigits: digits });
  const latency = latencyMs === null ? "" : `, p50 ${number(latencyMs.p50, 1)} ms, p99 ${number(latencyMs.p99, 1)} ms`;
  const lines: [string, string][] = [
    ["state", view.ready ? `ready for ${formatAge(view.uptimeSeconds)}` : `NOT READY: ${troubles.join("; ")}`],
    ["sessions", `${number(sessions.attached)} attached, ${number(sessions.open)} open`],
    ["calls", `${number(view.callsPerSecond, 1)} a second${latency}`],
    [
      "since start",
      `${number(calls.ok)} ok, ${number(calls.ended)} ended otherwise, ${number(calls.fault)} faults, ${number(calls.refused)} refused`,
    ],
    ["unsigned", `${number(view.unsignedCredits, 6)} credits`],
    [
      "connections",
      `${number(connections.open)} open, ${number(connections.strangers)} of strangers, ${number(connections.refusedPerSecond, 1)} refused a second`,
    ],
    [
      "stake",
      stake === null ? "unknown" : `${number(stake.staked, 2)} DEMEC, ${number(stake.bonded, 2)} of it behind sessions`,
    ],
    ["gas", view.operatorCoins === null ? "unknown" : `${number(view.operatorCoins, 4)} coins of the operator`],
    ["process", `${number(process.rssBytes / 2 ** 20)} MiB, ${number(process.cpuCores * 100)}% of a core`],
  ];
  return lines.map(([name, text]) => `${name.padEnd(12)} ${text}`).join("\n");
}
