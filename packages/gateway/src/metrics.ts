import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Endpoint } from "./endpoint.ts";

/** From a call that is answered on this machine to one that takes as long as it may; seconds. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30];

/** How requests to one service ended. */
export interface GatewayMetrics {
  readonly registry: Registry;
  request(endpoint: Endpoint, status: number, seconds: number): void;
  credits(endpoint: Endpoint, credits: bigint): void;
}

/** All metrics of a gateway. No label has values that a stranger could choose. */
export function gatewayMetrics(endpoints: readonly Endpoint[], running: () => number): GatewayMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    ...{ name: "demec_gateway_requests_total", help: "Requests, by service and status code.", registers },
    labelNames: ["service", "status"],
  });
  const seconds = new Histogram({
    ...{ name: "demec_gateway_request_seconds", help: "Time until an answer began.", registers, buckets: BUCKETS },
    labelNames: ["service"],
  });
  const credits = new Counter({
    ...{ name: "demec_gateway_credits_total", help: "What calls cost; whole credits.", registers },
    labelNames: ["service"],
  });
  const amounts = (name: string, help: string, read: (endpoint: Endpoint) => bigint | undefined) =>
    new Gauge({
      ...{ name, help, registers },
      labelNames: ["service"],
      collect() {
        for (const endpoint of endpoints) {
          const amount = read(endpoint);
          if (amount !== undefined) this.set({ service: endpoint.title }, Number(amount));
        }
      },
    });
  amounts("demec_gateway_budget_spent", "Of the budget, spent and reserved; token base units.", ({ spent }) => spent);
  amounts("demec_gateway_unpaid", "Owed by payers, not settled; token base units.", ({ till }) => till?.unpaid);
  new Gauge({
    ...{ name: "demec_gateway_calls_running", help: "Calls under way.", registers },
    collect() {
      this.set(running());
    },
  });
  return {
    registry,
    request({ title: service }, status, took) {
      requests.inc({ service, status });
      seconds.observe({ service }, took);
    },
    credits({ title: service }, used) {
      credits.inc({ service }, Number(used) / 1e18);
    },
  };
}
