// What an operator sees of a provider that runs in its own process, and how it is stopped: with metrics and health over
// HTTP, calls under way, a chain and a DHT that vanish.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { getSession } from "@demec/chain";
import { Node } from "@demec/network";
import { decodeAdvert, type Hex, isDemecError } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import { BuyerPeer } from "./support/buyerPeer.ts";
import { compileShout } from "./support/functions.ts";
import { LocalMarket, USD } from "./support/localMarket.ts";
import { runCli } from "./support/runCli.ts";

let market: LocalMarket;
let shout: Uint8Array;

before(async () => {
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
});
after(() => market.stop());

/** So that a call with fuel for minutes fits what both sides risk unsigned. */
const CHEAP = { a: 10n ** 9n, b: 0n, c: 10n ** 12n, d: 0n, e: 0n, f: 0n };
const METRICS = ["--metrics", "0"];
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function start(args: readonly string[] = METRICS) {
  const name = await market.publish(shout, { tariff: CHEAP });
  const provider = await market.spawnProvider({ services: [name], args });
  const account = await market.account({ usd: 100n * USD });
  const demec = await market.connect(account);
  const service = await demec.service(name, { budget: 10n * USD });
  return { name, provider, service, account };
}

interface Ready {
  readonly ok: boolean;
  readonly parts: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}
const ready = async (url: string): Promise<Ready & { readonly status: number }> => {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, ...((await response.json()) as Ready) };
};

/** Resolves when a call is being run. */
const running = (url: string) =>
  until("it runs", async () => /^demec_calls_running 1$/m.test(await (await fetch(`${url}/metrics`)).text()));

async function readAdvert(nodeKey: Hex) {
  const node = await Node.create(market.nodeOptions);
  try {
    return decodeAdvert((await node.readAdvert(nodeKey))!);
  } finally {
    await node.close();
  }
}

/** Time that a spinning call takes: its fuel is far away. */
const SPIN_MS = 4_000;
const spinning = { deadlineMs: SPIN_MS, limits: { bitOps: 10n ** 12n } };

test("metrics tell what really happened, and the status command shows them", async () => {
  const { provider, service } = await start();
  const url = provider.metricsUrl!;
  for (let i = 0; i < 20; i++) assert.equal(text(await service.call(`call ${i}`)), `CALL ${i}`);
  await assert.rejects(service.call("trap"), { code: "sdk/execution-failed" });

  const lines = (await (await fetch(`${url}/metrics`)).text()).split("\n");
  const value = (line: string) => Number(lines.find((other) => other.startsWith(`${line} `))?.slice(line.length));
  assert.equal(value('demec_calls_total{end="ok"}'), 20);
  assert.equal(value('demec_calls_total{end="ended"}'), 1);
  assert.equal(value('demec_call_seconds_bucket{le="+Inf"}'), 21);
  assert.equal(value("demec_call_seconds_count"), 21);
  assert.equal(value('demec_answers_total{regarding="offer",code="granted"}'), 1);
  assert.equal(value('demec_answers_total{regarding="attach",code="granted"}'), 1);
  assert.deepEqual([value("demec_sessions_open"), value("demec_sessions_attached")], [1, 1]);
  assert.equal(value('demec_stake_tokens{state="staked"}'), 5_000);
  assert.ok(value("demec_operator_balance_coins") > 99);
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  assert.equal((await fetch(`${url}/nothing`)).status, 404);
  assert.equal((await fetch(`${url}/metrics`, { method: "POST" })).status, 405);

  const port = new URL(url).port;
  const { code, stdout, stderr } = await runCli(["provider", "status", "--metrics", port, "--json"], {});
  assert.equal(code, 0, stderr);
  const view = JSON.parse(String(stdout));
  assert.deepEqual([view.ready, view.troubles, view.calls.ok, view.stake.staked], [true, {}, 20, 5_000]);
  assert.match(String((await runCli(["provider", "status", "--metrics", port], {})).stdout), /^state +ready for/m);

  await service.close();
  assert.equal(await provider.process.kill("SIGTERM"), 0);
  const gone = await runCli(["provider", "status", "--metrics", port, "--json"], {});
  assert.equal(JSON.parse(gone.stderr).code, "cli/no-metrics");
});

test("a stopped provider finishes what runs, has it signed for, takes nothing new, and ends within its bound", async () => {
  const { provider, service, name } = await start([...METRICS, "--drain", "8"]);
  const nodeKey = provider.nodeKey;
  await service.call("warm");
  await BuyerPeer.with(market.nodeOptions, nodeKey, async (stranger) => {
    const slow = service.invoke("spin", spinning).then(
      () => assert.fail("it can't end"),
      (error) => error,
    );
    const quick = await service.invoke("just before");
    await running(provider.metricsUrl!);
    const stoppedAt = performance.now();
    const exit = once(provider.process.child, "exit");
    provider.process.child.kill("SIGTERM");
    const draining = await until("not accepting", async () => {
      const now = await ready(provider.metricsUrl!);
      return now.parts.serving!.ok ? null : now;
    });
    assert.equal(draining.status, 503);
    const buyer = await market.account();
    const request = { serviceId: BigInt(name.split("/").at(-1)!), buyer: buyer.address, credits: 10n ** 18n };
    assert.equal(await stranger.offer(request), "provider/stops");
    await until("no room is advertised any more", async () => {
      const advert = await readAdvert(nodeKey);
      return advert.services.every(({ freeSessions }) => freeSessions === 0);
    });

    // The end it would have had anyway: its own deadline, as a breach, and not the provider's departure.
    assert.ok(isDemecError(await slow, "sdk/call-fault"));
    const [code] = await exit;
    assert.equal(code, 0);
    assert.ok(performance.now() - stoppedAt < 8_000);
    const { session } = quick;
    assert.notEqual(session.engine.receiptFor(quick.callId), null);
    assert.equal(session.state!.state.breaches, 1n);
    assert.equal((await getSession(market.client, market.deployment, session.sessionId)).status, "open");
  });
});

test("calls that come while a provider drains are answered by another", async () => {
  const { provider, service, name } = await start([...METRICS, "--drain", "8"]);
  await service.call("warm");
  const other = await market.spawnProvider({ services: [name], region: "us-va-iad" });
  const slow = service.invoke("spin", spinning).catch((error) => error);
  await running(provider.metricsUrl!);
  provider.process.child.kill("SIGTERM");
  await until("draining", async () => !(await ready(provider.metricsUrl!)).parts.serving!.ok);
  const result = await service.invoke("on the way out");
  assert.equal(text(result.output), "ON THE WAY OUT");
  assert.equal(result.session.nodeKey, other.nodeKey);
  await slow;
});

test("a buyer whose attachment comes while strangers ask too much asks again, and is served", async () => {
  const name = await market.publish(shout);
  const strangers = {
    ...{ maxConnections: 10, maxConnectionsPerHost: 10, idleMs: 60_000 },
    ...{ connectionsPerSecond: 10, connectionBurst: 10 },
    ...{ requestsPerSecond: 0.5, requestBurst: 1 },
  };
  const { daemon } = await market.startProvider({ services: [name], policy: { strangers } });
  const demec = await market.connect(await market.account({ usd: 100n * USD }));
  const service = await demec.service(name, { budget: 10n * USD });
  assert.equal(text(await service.call("at last")), "AT LAST");
  const { answers, connections } = daemon.status();
  assert.ok(answers.get("attach provider/too-many-requests")! > 0);
  assert.deepEqual([answers.get("attach granted"), connections.strangers], [1, 0]);
});

test("a buyer that calls faster than it may is slowed down, and every call is answered", async () => {
  const name = await market.publish(shout);
  const { daemon } = await market.startProvider({ services: [name], policy: { callsPerSecondPerBuyer: 20 } });
  const demec = await market.connect(await market.account({ usd: 100n * USD }));
  const service = await demec.service(name, { budget: 10n * USD });
  const outputs = await Promise.all(Array.from({ length: 60 }, (_, i) => service.call(`call ${i}`)));
  assert.deepEqual(
    outputs.map(text),
    Array.from({ length: 60 }, (_, i) => `CALL ${i}`),
  );
  const { calls } = daemon.status();
  assert.deepEqual([calls.ends.ok, calls.ends.fault, calls.ends.refused > 0], [60, 0, true]);
  await service.close();
});

test("a second signal ends a draining provider at once", async () => {
  const { provider, service } = await start([...METRICS, "--drain", "60"]);
  const slow = service.invoke("spin", { ...spinning, deadlineMs: 30_000 }).catch(() => undefined);
  await running(provider.metricsUrl!);
  const { child } = provider.process;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await until("draining", async () => !(await ready(provider.metricsUrl!)).parts.serving!.ok);
  const signalled = performance.now();
  child.kill("SIGTERM");
  await exit;
  assert.ok(performance.now() - signalled < 2_000);
  assert.notEqual(child.exitCode, 0);
  await Promise.race([slow, service.close().catch(() => undefined)]);
});

test("readiness names the part that is not well: the DHT, then the chain", async (t) => {
  const own = await LocalMarket.start();
  t.after(() => own.stop());
  const name = await own.publish(shout);
  const provider = await own.spawnProvider({ services: [name], args: METRICS });
  const url = provider.metricsUrl!;
  const well = await ready(url);
  assert.deepEqual([well.status, well.ok], [200, true], JSON.stringify(well));
  await own.network.stopDht();
  const noDht = await until("the DHT is missed", async () => {
    const now = await ready(url);
    return now.parts.dht!.ok ? null : now;
  });
  assert.deepEqual([noDht.status, noDht.parts.chain!.ok, noDht.parts.journal!.ok], [503, true, true]);
  await own.network.stopChain();
  const noChain = await until("the chain is missed", async () => {
    const now = await ready(url);
    return now.parts.chain!.ok ? null : now;
  });
  assert.equal(noChain.parts.executor!.ok, true);
  assert.equal((await fetch(`${url}/livez`)).status, 200);
});
