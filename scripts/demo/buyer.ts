// The buyer of the demo, in its own process: buys, calls, verifies, settles, loses a provider, goes on, sells.
// Gets its task as JSON in argv[2]; says JSON lines.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDeployment, type Settlement, type SettlementProgress } from "@demec/chain";
import { creditsUp, isDemecError, settle } from "@demec/protocol";
import { type CallResult, makeRequest, nearestFirst, type Service, verifyReceipt } from "@demec/sdk";
import { connect } from "@demec/sdk/node";
import { privateKeyToAccount } from "viem/accounts";
import { ask, type BuyerTask, type Check, say } from "./buyerPort.ts";
import { type DemoCall, thumbnailCalls, wordcountCalls } from "./workload.ts";

const task = JSON.parse(process.argv[2]!) as BuyerTask;
const CREDIT = 10n ** 18n;
const IN_FLIGHT = 16;
const SESSION_CREDITS = 20n * CREDIT;

const checks: Check[] = [];
function check(what: string, holds: boolean, detail?: string): void {
  checks.push({ what, holds, ...(detail === undefined ? {} : { detail }) });
  if (!holds) say({ note: `CHECK FAILED: ${what}${detail === undefined ? "" : ` (${detail})`}` });
}

/** Runs calls, `IN_FLIGHT` at a time, in order of start. */
async function runAll(service: Service, calls: readonly DemoCall[], onDone: () => void): Promise<CallResult[]> {
  const results = new Array<CallResult>(calls.length);
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < calls.length; index = next++) {
      const { input, options } = calls[index]!;
      results[index] = await service.invoke(input, options);
      onDone();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return results;
}

const equal = (left: Uint8Array, right: Uint8Array) => Buffer.compare(left, right) === 0;
const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);

const deployment = parseDeployment(await readFile(task.deploymentFile, "utf8"));
const demec = await connect({
  account: privateKeyToAccount(task.privateKey),
  rpcUrl: task.rpcUrl,
  deployment,
  network: { bootstrap: task.bootstrap, host: "127.0.0.1" },
  dataDir: task.dataDir,
});
const options = { region: task.region, select: nearestFirst, sessionCredits: SESSION_CREDITS };
const assets = join(import.meta.dirname, "../../examples/assets");
const work = [
  {
    name: "thumbnail",
    service: await demec.service(task.thumbnail, options),
    calls: await thumbnailCalls(assets, 500),
  },
  {
    name: "wordcount",
    service: await demec.service(task.wordcount, options),
    calls: await wordcountCalls(assets, 500),
  },
];

// Buy along the curve.
const bought: { name: string; credits: bigint; cost: bigint; priceBefore: bigint; priceAfter: bigint }[] = [];
for (const { name, service } of work) {
  const credits = 100n * CREDIT;
  const priceBefore = await service.price();
  const { cost } = await service.buy(credits, await service.quote(credits));
  const priceAfter = await service.price();
  bought.push({ name, credits, cost, priceBefore, priceAfter });
  say({ note: `bought 100 ${name} credits; the price rose`, priceBefore, priceAfter });
  check(`buying moves the price of ${name} up`, priceAfter > priceBefore);
}

// A thousand calls on the near provider.
let done = 0;
const total = sum(work.map(({ calls }) => BigInt(calls.length)));
const onDone = () => {
  if (++done % 100 === 0) say({ note: `${done} of ${total} calls done` });
};
const firstRound: { service: Service; call: DemoCall; result: CallResult }[] = [];
const startedMs = performance.now();
for (const { name, service, calls } of work) {
  const results = await runAll(service, calls, onDone);
  for (const [index, result] of results.entries()) firstRound.push({ service, call: calls[index]!, result });
  const right = results.filter(
    (result, index) => result.status === "ok" && equal(result.output, calls[index]!.expected),
  );
  check(
    `all ${calls.length} outputs of ${name} equal the reference implementation's`,
    right.length === calls.length,
    `${right.length} equal`,
  );
}
const callsMs = performance.now() - startedMs;
const providers = new Set(firstRound.map(({ result }) => result.session.params.provider.toLowerCase()));
check(
  "the near provider was picked",
  providers.size === 1 && providers.has(task.nearOwner.toLowerCase()),
  [...providers].join(),
);

// One call that traps, one that runs out of fuel: deterministic ends, with receipts, charged exactly.
const [thumbnail, wordcount] = work as [(typeof work)[0], (typeof work)[0]];
const broken: DemoCall = {
  input: new TextEncoder().encode("this is no image"),
  options: {},
  expected: new Uint8Array(),
};
const trapped = await thumbnail.service.invoke(broken.input, broken.options);
check("a call on garbage traps", trapped.status === "unreachable", trapped.status);
check("a trapped call has no output", trapped.output.length === 0);
firstRound.push({ service: thumbnail.service, call: broken, result: trapped });
const FUEL = 100_000n;
const starved: DemoCall = {
  ...wordcount.calls[0]!,
  options: { ...wordcount.calls[0]!.options, limits: { bitOps: FUEL } },
};
const outOfFuel = await wordcount.service.invoke(starved.input, starved.options);
check("a call with too little fuel runs out of it", outOfFuel.status === "outOfFuel", outOfFuel.status);
check("running out of fuel is charged exactly the fuel", outOfFuel.usage.bitOps === FUEL, `${outOfFuel.usage.bitOps}`);
firstRound.push({ service: wordcount.service, call: starved, result: outOfFuel });
try {
  await thumbnail.service.call(broken.input);
  check("call() throws a coded error for a trap", false);
} catch (error) {
  check("call() throws a coded error for a trap", isDemecError(error, "sdk/execution-failed"), String(error));
  say({ note: `a trap, as its caller sees it: ${(error as Error).message}` });
}

// Every receipt against the signed root.
let receiptsVerified = 0;
for (const { service, call, result } of firstRound) {
  const proven = await result.session.prove(result.callId);
  verifyReceipt({
    deployment,
    params: result.session.params,
    sessionId: result.session.sessionId,
    codeHash: service.terms.codeHash,
    request: makeRequest(call.input, call.options, service.metadata),
    result,
    proven,
  });
  check("a receipt's cost is the tariff's integer", creditsUp(service.terms.tariff, result.usage) === result.credits);
  receiptsVerified++;
}
say({ note: `${receiptsVerified} receipts verified against the signed root` });

// Settle on chain.
const settlements: Settlement[] = [];
const closing: SettlementProgress[] = [];
async function closeAll(): Promise<void> {
  for (const { service } of work) {
    for (const progress of await service.close()) {
      if (progress.type === "settled") settlements.push(progress.settlement);
      else closing.push(progress);
    }
  }
}
const sessions = new Map(firstRound.map(({ result }) => [result.session.sessionId, result.session]));
await closeAll();
check(
  "both sessions settled by final states",
  settlements.length === 2 && closing.length === 0,
  `${settlements.length} settled`,
);
for (const { sessionId, state, providerAmount, buyerAmount } of settlements) {
  const { params } = sessions.get(sessionId)!;
  const due = settle({ ...params, ...state, collected: 0n });
  check(
    "the chain paid what the shared arithmetic says",
    due.providerAmount === providerAmount && due.buyerAmount === buyerAmount,
  );
}
// The call() that threw was charged too: the same work as the trapped one before it.
const charged = sum(firstRound.map(({ result }) => result.credits)) + trapped.credits;
const settledCredits = sum(settlements.map(({ state }) => state.creditsUsed));
check(
  "the chain charged exactly the credits of the receipts",
  settledCredits === charged,
  `${settledCredits} on chain, ${charged} by receipts`,
);

// A second round, in which the near provider dies.
const second = await runAll(wordcount.service, wordcount.calls.slice(0, 20), () => {});
check(
  "the second round began near",
  second.every(({ session }) => session.params.provider.toLowerCase() === task.nearOwner.toLowerCase()),
);
await second[19]!.session.prove(second[19]!.callId);
await ask({ ask: "kill-near" });
const killedMs = performance.now();
const afterKill = await runAll(wordcount.service, wordcount.calls.slice(20, 60), () => {});
const failoverMs = performance.now() - killedMs;
check(
  "calls were completed by the other provider",
  afterKill.every(({ session }) => session.params.provider.toLowerCase() === task.farOwner.toLowerCase()),
);
check(
  "outputs after the failover are right",
  afterKill.every((result, index) => equal(result.output, wordcount.calls[20 + index]!.expected)),
);
say({ note: `the near provider died; 40 calls were completed by the far one, ${Math.round(failoverMs)} ms after` });

// Leave the dead provider's session alone: closing starts now and ends after the challenge period.
await closeAll();
check(
  "the dead provider's session is closing without it",
  closing.length === 1 && settlements.length === 3,
  `${closing.length} closing`,
);
const [left] = closing.splice(0);
if (left?.type === "closing") {
  await ask({ ask: "pass-time", until: `${left.deadline}` });
  await closeAll();
}
check("every session is settled", settlements.length === 4 && closing.length === 0, `${settlements.length} settled`);

// Sell what is left, take out what was refunded.
const sold: { name: string; credits: bigint; proceeds: bigint }[] = [];
for (const { name, service } of work) {
  const credits = await service.credits();
  const { proceeds } = await service.sell(credits);
  sold.push({ name, credits, proceeds });
}
const refunded = await thumbnail.service.withdraw();
check(
  "the refunds on chain are what was withdrawn",
  refunded === sum(settlements.map(({ buyerAmount }) => buyerAmount)),
  `${refunded}`,
);

say({
  result: {
    invocations: firstRound.length + 1 + second.length + afterKill.length,
    receiptsVerified,
    callsPerSecond: Math.round((Number(total) * 1000) / callsMs),
    failoverMs: Math.round(failoverMs),
    bought,
    sold,
    settlements: settlements.map(({ sessionId, provider, providerAmount, buyerAmount, state }) => ({
      sessionId,
      provider,
      providerAmount,
      buyerAmount,
      creditsUsed: state.creditsUsed,
      invocations: state.invocations,
      breaches: state.breaches,
    })),
    refunded,
    checks,
  },
});
await demec.close();
process.exit(0);
