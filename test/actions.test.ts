// The layers below `demec.service`, used one by one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { claimOf } from "@demec/chain";
import { isDemecError } from "@demec/protocol";
import * as actions from "@demec/sdk/actions";
import { privateKeyToAddress } from "viem/accounts";
import { runPrograms, snippets } from "./support/docPrograms.ts";
import { compileShout } from "./support/functions.ts";
import { LocalMarket, USD } from "./support/localMarket.ts";

let market: LocalMarket;
let service: string;
let owner: `0x${string}`;
before(async () => {
  let shout: Uint8Array;
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  service = await market.publish(shout);
  ({ owner } = (await market.startProvider({ services: [service] })).daemon);
});
after(() => market?.stop());

test("the program of docs/guides/actions.md buys, opens, calls, settles and withdraws", async () => {
  const [program, ...others] = snippets("guides/actions.md", "ts");
  assert.deepEqual(others, []);
  const account = await market.account({ usd: USD });
  const ran = await runPrograms({ "program.ts": program! }, [service], market.environment(account));
  assert.deepEqual([ran.stderr, ran.stdout.toString()], ["", "ok HELLO, LAYERS\ntrue\n"]);
  const owed = { token: market.network.mockUsd, account: account.address };
  assert.equal(await claimOf(market.client, market.deployment, owed), 0n);
});

test("docs/guides/actions.md lists the actions that there are", () => {
  const page = readFileSync(join(import.meta.dirname, "../docs/guides/actions.md"), "utf8");
  const listed = [...page.matchAll(/^- \*\*.*$/gm)].flatMap(([row]) =>
    [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  assert.deepEqual(listed.sort(), Object.keys(actions).sort());
});

test("an offer for more than the provider would sell is refused before anything is paid", async () => {
  const { client, deployment } = market;
  const { network } = (await market.connect(await market.account())).options;
  const channel = await actions.connectProvider(client, deployment, { network, owner });
  const asked = { serviceId: BigInt(service.split("/").at(-1)!), buyer: owner, credits: 10n ** 30n };
  await assert.rejects(actions.requestOffer(channel, deployment, asked), (error) => isDemecError(error, "sdk/refused"));
  await channel.link.connection.close();
});

test("a session is taken up again by its key and journal alone, and by no other key", async () => {
  const { client, deployment } = market;
  const account = await market.account({ usd: USD });
  const demec = await market.connect(account, { dataDir: market.newFolder() });
  const { network, journal, vault } = demec.options;
  const bought = await demec.service(service, { budget: USD });
  const { sessionId, params } = await bought.session();
  const sessionPrivateKey = (await vault.load(params.sessionKey))!;
  assert.equal(privateKeyToAddress(sessionPrivateKey), params.sessionKey);
  await demec.release();

  const attach = async (key: `0x${string}`) => {
    const channel = await actions.connectProvider(client, deployment, { network, owner });
    const parameters = { channel, network, sessionId, sessionPrivateKey: key, journal };
    return actions.attachSession(client, deployment, parameters);
  };
  await assert.rejects(attach(`0x${"01".repeat(32)}`), (error) => isDemecError(error));
  const session = await attach(sessionPrivateKey);
  const { output } = await actions.callSession(session, { input: "again", shape: "reactor" });
  assert.equal(new TextDecoder().decode(output), "AGAIN");
  const signed = await session.finalise(15_000);
  const settled = await actions.closeSession(market.wallet(account), deployment, { params, signed });
  assert.ok(signed.state.creditsUsed > 0n);
  assert.equal(settled.buyerAmount + settled.providerAmount, params.value);
  await session.release();
});
