// Secrets reach the environment of the named service's executions, and nothing else: with a daemon and an executor.
import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeKeyOf, nodeKeySealer, type Reader, sealVariables } from "@demec/access";
import { approveExact, demand, faultCourtAbi, listUnsettledSessions } from "@demec/chain";
import { formatServiceMetadata, isDemecError } from "@demec/protocol";
import { bareRequest, until } from "@demec/protocol/testing";
import { hexToString } from "viem";
import { getContractEvents } from "viem/actions";
import { compilePrintenv } from "../support/functions.ts";
import { CREDIT, LocalMarket, USD } from "../support/localMarket.ts";

const LIMITS = { bitOps: 10_000_000n, floatOps: 0n, memoryPages: 64, outputBytes: 4096 };
const DEMANDS = { maxInputBytes: 4096, maxOutputBytes: 256, windowSeconds: 3600, deposit: 20_000n };
const text = (output: Uint8Array) => new TextDecoder().decode(output);

test("a secret reaches the named service's function, and no other service, buyer, provider or log", async (t) => {
  const [market, wasm] = await Promise.all([LocalMarket.start(), compilePrintenv()]);
  t.after(() => market.stop());
  const metadata = formatServiceMetadata({ name: "printenv", shape: "command", limits: LIMITS });
  const [name, otherName] = [await market.publish(wasm, { metadata }), await market.publish(wasm, { metadata })];
  const provider = await market.startProvider({ services: [name, otherName], policy: { demands: DEMANDS } });
  const reader = { owner: provider.owner.address, nodeKey: provider.daemon.nodeKey };
  const buyer = await market.account({ usd: 100n * USD });
  const stranger = await market.account({ usd: 100n * USD });
  const options = { budget: 10n * USD, sessionCredits: 2n * CREDIT };
  const demec = await market.connect(buyer);
  const service = await demec.service(name.toLowerCase(), options);
  const other = await demec.service(otherName, options);
  const strangers = await (await market.connect(stranger)).service(name, options);

  const secrets = { TOKEN: "hunter2" };
  const clear = await service.invoke("", { env: { A: "1" }, secrets });
  assert.equal(text(clear.output), "A=1\0TOKEN=hunter2\0");

  const context = { audience: name, subject: buyer.address };
  const seal = async (changes: Partial<typeof context> = {}, readers: Reader[] = [reader]) =>
    Object.fromEntries([await sealVariables(nodeKeySealer, secrets, { ...context, ...changes }, readers)]);
  const refused = (code: string, work: Promise<unknown>) =>
    assert.rejects(work, (error) => {
      assert.ok(isDemecError(error, "sdk/call-fault"), `${error}`);
      assert.deepEqual([error.details.code, error.details.breach], [code, false]);
      return true;
    });
  const box = await seal();
  assert.equal(text(await service.call("", { env: box })), "TOKEN=hunter2\0");
  await refused("access/foreign-box", other.call("", { env: box }));
  await refused("access/foreign-box", strangers.call("", { env: box }));
  const elsewhere = { ...reader, nodeKey: nodeKeyOf(new Uint8Array(32).fill(7)) };
  await refused("access/sealed-to-others", service.call("", { env: await seal({}, [elsewhere]) }));
  const [[variable, value]] = Object.entries(box) as [[string, string]];
  const tampered = value.replace(/"ciphertext":"./, (start) => start.slice(0, -1) + (start.endsWith("A") ? "B" : "A"));
  await refused("access/tampered-box", service.call("", { env: { [variable]: tampered } }));
  // For several providers at once; what others read of it is ciphertext.
  assert.equal(text(await service.call("", { env: await seal({}, [elsewhere, reader]) })), "TOKEN=hunter2\0");

  // The same execution demanded on chain has the same result: a provider must not contradict itself.
  const { client, deployment } = market;
  const sessions = await listUnsettledSessions(client, deployment, { buyer: buyer.address });
  const { params } = sessions.find(({ sessionId }) => sessionId === clear.session.sessionId)!;
  const wallet = market.wallet(buyer);
  const amount = 10n * DEMANDS.deposit;
  await approveExact(wallet, deployment, { token: params.paymentToken, spender: deployment.market, amount });
  const request = bareRequest({ shape: "command", env: Object.entries(box), limits: LIMITS });
  const { demandId } = await demand(wallet, deployment, { params, newest: null, request });
  const filter = { address: deployment.court, abi: faultCourtAbi, args: { demandId }, fromBlock: 0n } as const;
  const answers = () => getContractEvents(client, { ...filter, eventName: "DemandAnswered", strict: true });
  const { args } = await until("the demand has an answer", async () => (await answers())[0]);
  assert.equal(hexToString(args.output.output), "TOKEN=hunter2\0");
  // That output was the buyer's to publish. The log has nothing of it.
  assert.ok(
    !JSON.stringify(provider.log.lines, (_, item) => (typeof item === "bigint" ? `${item}` : item)).includes("hunter2"),
  );
});
