// `demec gateway` as a process, and the example client as another: from nothing but a URL, a token's address and a key.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { listUnsettledSessions } from "@demec/chain";
import { decodePaymentRequiredHeader } from "@x402/core/http";
import type { JsonProcess } from "../../scripts/local/jsonProcess.ts";
import { compileShout } from "../support/functions.ts";
import { LocalMarket, type TestAccount, USD } from "../support/localMarket.ts";
import { run, runCli } from "../support/runCli.ts";

let market: LocalMarket;
let service: string;
let operator: TestAccount;
let gateway: JsonProcess;
let url: string;
before(async () => {
  market = await LocalMarket.start();
  service = await market.publish(await compileShout());
  await market.startProvider({ services: [service] });
  operator = await market.account({ usd: 100n * USD });
  const args = ["gateway", service, "--x402", "--budget", "10", "--listen", "0", "--log-level", "warn"];
  gateway = market.cli(args, market.environment(operator));
  ({ url } = (await gateway.nextObject()) as { url: string });
});
after(() => market.stop());

test("the example client pays the command's gateway, and the books say what it was told", async () => {
  const payer = await market.account({ usd: USD });
  const path = `${url}/v1/${encodeURIComponent(service)}`;
  const unpaid = await fetch(path, { method: "POST", body: "hello, edge" });
  const { accepts } = decodePaymentRequiredHeader(unpaid.headers.get("payment-required")!);
  const before = await market.books();
  const ran = await run("examples/x402-client/client.ts", [path, accepts[0]!.asset, "hello, edge"], {
    PRIVATE_KEY: payer.privateKey,
    CHAIN_ID: `${market.deployment.chainId}`,
  });
  assert.deepEqual([ran.stdout.toString(), ran.code], ["HELLO, EDGE\n", 0], ran.stderr);
  const books = await market.books();
  const [account] = Object.entries(before).find(([, amount]) => amount === USD)!;
  assert.equal(before[account]! - books[account]!, BigInt(accepts[0]!.amount));
});

test("nobody is let in by default, and what is wrong with the options is said before anything is served", async () => {
  const env = market.environment(await market.account({ usd: USD }));
  const policy = join(market.folder, "policy.json");
  await writeFile(policy, '{"condition":{"type":"nothing"}}');
  const wrong: [code: string, args: string[]][] = [
    ["cli/bad-option", []],
    ["cli/bad-option", ["--open", "--pay-to", "0x12"]],
    ["cli/bad-option", ["--open", "--budget", "a lot"]],
    ["cli/bad-option", ["--open", "--gate", policy]],
    ["cli/bad-option", ["--gate", `99=${policy}`]],
    ["access/bad-policy", ["--gate", policy]],
  ];
  for (const [code, args] of wrong) {
    const { stderr, code: exit } = await runCli(["gateway", service, ...args, "--listen", "0", "--json"], env);
    assert.equal(exit, 1);
    assert.partialDeepStrictEqual(JSON.parse(stderr.trim().split("\n").at(-1)!), { code }, args.join(" "));
  }
});

test("asked to end, it settles its sessions and leaves", async () => {
  assert.equal(await gateway.kill("SIGTERM"), 0);
  assert.deepEqual(await listUnsettledSessions(market.client, market.deployment, { buyer: operator.address }), []);
});

test("a gateway that was killed goes on from what it had spent", async () => {
  const env = market.environment(await market.account({ usd: 100n * USD }));
  const args = ["gateway", service, "--open", "--budget", "0.5", "--listen", "0", "--metrics", "127.0.0.1:0"];
  const start = async () => {
    const process = market.cli([...args, "--log-level", "warn"], env);
    const { url, metricsUrl } = (await process.nextObject()) as Record<"url" | "metricsUrl", string>;
    const spent = async () => {
      const metrics = await (await fetch(`${metricsUrl}/metrics`)).text();
      return Number(/^demec_gateway_budget_spent\{.*\} (\d+)$/m.exec(metrics)![1]);
    };
    return { process, path: `${url}/v1/${encodeURIComponent(service)}`, spent };
  };
  const first = await start();
  for (let calls = 0; calls < 3; calls++) {
    const answer = await fetch(first.path, { method: "POST", body: "hello" });
    assert.equal(await answer.text(), "HELLO");
  }
  const spent = await first.spent();
  assert.ok(spent > 0);
  await first.process.kill("SIGKILL");
  const second = await start();
  assert.equal(await second.spent(), spent);
  await second.process.kill("SIGTERM");
});
