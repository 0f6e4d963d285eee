import { collectDefaultMetrics, type Metric, Registry } from "prom-client";
import { CALL_BOUNDS_MS, type CallStats } from "../callStats.ts";
import type { Balances } from "./balances.ts";
import type { DaemonStatus } from "./daemon.ts";

/** One line of a metric: its labels, and a suffix of its name where it has one. */
interface Reading {
  readonly labels?: Readonly<Record<string, string | number>>;
  readonly suffix?: string;
  readonly value: number;
}
type Kind = "counter" | "gauge" | "histogram";

const CREDIT = 1e18;

/**
 * All metrics of a provider, read from plain numbers when somebody asks: what is not scraped costs nothing. Names end in
 * their units; process metrics are prom-client's own. No label has values that a stranger could choose.
 */
export function providerMetrics(look: () => DaemonStatus, balances: () => Promise<Balances | null>): Registry {
  const registry = new Registry();
  let now: DaemonStatus | null = null;
  /** One look serves all metrics of a scrape, which are read in one turn. */
  const status = () => {
    if (now !== null) return now;
    queueMicrotask(() => {
      now = null;
    });
    now = look();
    return now;
  };
  collectDefaultMetrics({ register: registry });
  const add = (kind: Kind, name: string, help: string, read: () => Reading[] | Promise<Reading[]>) => {
    const get = async () => ({
      ...{ name, help, type: kind, aggregator: "sum" },
      values: (await read()).map(({ labels = {}, suffix = "", value }) => ({
        ...{ labels, value, metricName: `${name}${suffix}` },
      })),
    });
    // A metric is what has these members: prom-client's own classes keep numbers of their own, which these need not.
    registry.registerMetric({ name, help, type: kind, get } as unknown as Metric);
  };
  const gauge = (name: string, help: string, value: (now: DaemonStatus) => number) =>
    add("gauge", name, help, () => [{ value: value(status()) }]);
  const counter = (name: string, help: string, value: (now: DaemonStatus) => number) =>
    add("counter", name, help, () => [{ value: value(status()) }]);

  gauge("demec_accepting", "1 while new sessions are taken.", ({ accepting }) => Number(accepting));
  gauge("demec_sessions_open", "Sessions that are not settled.", ({ openSessions }) => openSessions);
  gauge("demec_sessions_attached", "Of these, those whose buyer is connected.", (now) => now.attachedSessions);
  gauge("demec_unsigned_credits", "Work that no state with both signatures covers; whole credits.", (now) => {
    return Number(now.unsignedCredits) / CREDIT;
  });
  gauge("demec_connections_open", "Connections.", ({ connections }) => connections.open);
  gauge("demec_connections_strangers", "Of these, those without a session.", (now) => now.connections.strangers);
  counter("demec_connections_accepted_total", "Connections that were taken.", (now) => now.connections.accepted);
  counter("demec_connections_turned_away_total", "Connections refused before they cost a channel.", (now) => {
    return now.connections.turnedAway;
  });
  counter("demec_connections_shown_out_total", "Connections ended for want of a session.", (now) => {
    return now.connections.shownOut;
  });
  add("counter", "demec_answers_total", "Requests for offers and attachments, by what was answered.", () =>
    [...status().answers].map(([answer, value]) => {
      const [regarding, code] = answer.split(" ") as [string, string];
      return { labels: { regarding, code }, value };
    }),
  );
  add("counter", "demec_calls_total", "Calls, by how they ended.", () =>
    Object.entries(status().calls.ends).map(([end, value]) => ({ labels: { end }, value })),
  );
  gauge("demec_calls_running", "Calls that run or wait for a child.", ({ calls }) => calls.running);
  add("histogram", "demec_call_seconds", "Time of a call from admission to end, waiting included.", () =>
    histogram(status().calls),
  );
  gauge("demec_executor_queued", "Calls that wait for a child.", ({ executor }) => executor.queued);
  gauge("demec_executor_children", "Child processes that run calls.", ({ executor }) => executor.lanes.length);
  gauge("demec_executor_rss_bytes", "Resident memory of these.", ({ executor }) =>
    executor.lanes.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
  );
  counter("demec_executor_restarts_total", "Children that were replaced.", ({ executor }) => executor.restarts);
  add("gauge", "demec_stake_tokens", "Stake, by what it is doing; whole tokens.", async () => {
    const now = await balances();
    if (now === null) return [];
    return [
      { labels: { state: "staked" }, value: now.staked },
      { labels: { state: "bonded" }, value: now.bonded },
    ];
  });
  add(
    "gauge",
    "demec_operator_balance_coins",
    "What the operator's account has left for gas; whole coins.",
    async () => {
      const now = await balances();
      return now === null ? [] : [{ value: now.operatorCoins }];
    },
  );
  return registry;
}

function histogram({ buckets, sumMs }: CallStats): Reading[] {
  const readings: Reading[] = [];
  let value = 0;
  for (const [index, boundMs] of CALL_BOUNDS_MS.entries()) {
    value += buckets[index]!;
    readings.push({ suffix: "_bucket", labels: { le: Number((boundMs / 1000).toPrecision(6)) }, value });
  }
  value += buckets[CALL_BOUNDS_MS.length]!;
  return [
    ...readings,
    { suffix: "_bucket", labels: { le: "+Inf" }, value },
    { suffix: "_sum", value: sumMs / 1000 },
    { suffix: "_count", value },
  ];
}
