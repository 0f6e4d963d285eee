// The throughput tool in its own processes, against a provider in its own: what it says is what the provider counted.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { listUnsettledSessions } from "@demec/chain";
import { compileShout } from "./support/functions.ts";
import { LocalMarket, USD } from "./support/localMarket.ts";
import { runCli } from "./support/runCli.ts";

let market: LocalMarket;
before(async () => {
  market = await LocalMarket.start();
});
after(() => market.stop());

/** So that many calls fit what both sides risk unsigned. */
const CHEAP = { a: 10n ** 11n, b: 0n, c: 10n ** 11n, d: 0n, e: 0n, f: 0n };

test("light and full clients in two processes call at the rate that was asked, pay, verify, settle, and give a base for sizing", async () => {
  const service = await market.publish(await compileShout(), { tariff: CHEAP });
  const provider = await market.spawnProvider({ services: [service], args: ["--metrics", "0"] });
  const account = await market.account({ usd: 1_000n * USD });
  const env = market.environment(account);
  const folder = market.newFolder();
  const [out, plot] = [`${folder}.json`, join(market.folder, "plot.svg")];
  const args = ["--light", "4", "--full", "2", "--rate", "5", "--seconds", "4", "--warm-up", "1", "--processes", "2"];
  const files = ["--session-credits", "2", "--budget", "1", "--out", out, "--plot", plot, "--json"];
  const { code, stdout, stderr } = await runCli(["bench", service, ...args, ...files], env);
  assert.ok(code === 0 || code === 4, stderr);
  const results = JSON.parse(String(stdout));
  assert.deepEqual([results.needed, results.sent, results.errors], [30, 120, {}]);
  assert.deepEqual([results.ok, results.providers, results.receiptsVerified], [120, 1, 40]);
  assert.deepEqual(JSON.parse(await readFile(out, "utf8")), results);
  assert.match(await readFile(plot, "utf8"), /^<svg .*needed/s);

  const metrics = await (await fetch(`${provider.metricsUrl}/metrics`)).text();
  assert.match(metrics, /^demec_calls_total\{end="ok"\} 150$/m, "warm-up and measurement");
  const left = await listUnsettledSessions(market.client, market.deployment, { buyer: account.address });
  assert.deepEqual(left, [], "every session was settled");

  const capacity = ["capacity", "--rate", "1000", "--from", out, "--spare", "2", "--max-p99", "100000", "--json"];
  const sized = JSON.parse(String((await runCli(capacity, {})).stdout));
  assert.equal(sized.providers, Math.ceil(1_300 / results.achieved) + 2);
  await provider.process.kill("SIGTERM");
});

test("a service that nobody serves, a budget of nothing and senseless numbers are told as what they are", async () => {
  const service = await market.publish(await compileShout(), { tariff: CHEAP });
  const env = market.environment(await market.account({ usd: 10n * USD }));
  const refused = async (args: readonly string[]) => {
    const { code, stderr } = await runCli([...args, "--json"], env);
    assert.equal(code, 1);
    return JSON.parse(stderr.trim().split("\n").at(-1)!) as { code: string; details: { code?: string } };
  };
  const nobody = await refused(["bench", service, "--light", "1", "--seconds", "1"]);
  assert.deepEqual([nobody.code, nobody.details.code], ["cli/bench-failed", "sdk/no-provider"]);
  assert.equal((await refused(["bench", service, "--light", "0", "--full", "0"])).code, "cli/bad-option");
  assert.equal((await refused(["bench", service, "--rate", "-1"])).code, "cli/bad-option");
  assert.equal((await refused(["capacity", "--rate", "10", "--from", "package.json"])).code, "cli/unfit-results");
  assert.equal((await refused(["capacity", "--rate", "10", "--from", "nowhere.json"])).code, "cli/bad-option");
});
