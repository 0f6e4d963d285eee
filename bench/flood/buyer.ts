// A buyer that pays: calls at a steady rate, and for each line on stdin says how long the calls since the last one took.
// Its settings come from the environment (DEMEC_*), the service from argv[2], the rate from argv[3].
import { createInterface } from "node:readline";
import { connect } from "@demec/sdk/node";

export interface BuyerReport {
  readonly calls: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const [name, rate] = [process.argv[2]!, Number(process.argv[3])];
const demec = await connect();
const service = await demec.service(name, { budget: 100_000_000n, sessionCredits: 20n * 10n ** 18n });
const first = await service.invoke("first");
console.log(JSON.stringify({ sessionId: first.session.sessionId }));

let times: number[] = [];
let failed = 0;
const started = performance.now();
let sent = 0;
setInterval(() => {
  for (; sent < ((performance.now() - started) * rate) / 1000; sent++) {
    const intended = started + (sent * 1000) / rate;
    service.invoke("x".repeat(256)).then(
      () => times.push(performance.now() - intended),
      () => failed++,
    );
  }
}, 1);
for await (const _ of createInterface(process.stdin)) {
  times.sort((a, b) => a - b);
  const at = (q: number) => times[Math.min(times.length - 1, Math.floor(q * times.length))] ?? Number.NaN;
  const report: BuyerReport = { calls: times.length, failed, p50Ms: at(0.5), p99Ms: at(0.99) };
  console.log(JSON.stringify({ report }));
  times = [];
  failed = 0;
}
process.exit(0);
