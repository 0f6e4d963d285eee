import assert from "node:assert/strict";
import { test } from "node:test";
import { STATUS, signMessageOf } from "@demec/protocol";
import type { ProvenReceipt } from "@demec/session";
import type { CallResult } from "./paidSession.ts";
import { type ReceiptLinks, receiptLinks, type VerifyReceiptParameters } from "./receiptLinks.ts";
import {
  CHAIN_ID,
  CODE_HASH,
  Counterparty,
  ESCROW,
  PARAMS,
  paidSession,
  requestOf,
  SESSION_ID,
} from "./testing/counterparty.ts";
import { verifyReceipt } from "./verifyReceipt.ts";

const ZERO = `0x${"00".repeat(20)}` as const;
const deployment = {
  chainId: CHAIN_ID,
  escrow: ESCROW,
  demecToken: ZERO,
  staking: ZERO,
  delegation: ZERO,
  registry: ZERO,
  accessToken: ZERO,
  market: ZERO,
  court: ZERO,
  guardian: ZERO,
  administration: ZERO,
  limitOrders: ZERO,
  deploymentBlock: 0n,
};

/** Receipts of a session that really took place. */
async function calls(): Promise<{ input: string; result: CallResult; proven: ProvenReceipt }[]> {
  const provider = new Counterparty();
  const session = await paidSession(provider);
  await session.reattach();
  const inputs = ["one", "two", "three", "four", "five"];
  const results = await Promise.all(inputs.map((input) => session.invoke(requestOf(input), { deadlineMs: 5_000 })));
  const proven = await Promise.all(results.map(({ callId }) => session.prove(callId)));
  await session.release();
  await provider.stop();
  return results.map((result, index) => ({ input: inputs[index]!, result, proven: proven[index]! }));
}

const all = await calls();
const good: VerifyReceiptParameters = {
  deployment,
  params: PARAMS,
  sessionId: SESSION_ID,
  codeHash: CODE_HASH,
  request: requestOf("three"),
  result: all[2]!.result,
  proven: all[2]!.proven,
};
const flipped = (bytes: Uint8Array) => bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte));

test("the receipt of every call holds", () => {
  for (const { input, result, proven } of all) verifyReceipt({ ...good, request: requestOf(input), result, proven });
});

test("a receipt of which any one link was tampered with does not hold, and is told which", () => {
  const { proven, result, request } = good;
  const { state } = proven.state;
  const other = "0x0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c" as const;
  const domain = { chainId: CHAIN_ID, verifyingContract: ESCROW };
  const withReceipt = (changes: Partial<ProvenReceipt["receipt"]>) => ({
    proven: { ...proven, receipt: { ...proven.receipt, ...changes } },
  });
  const withState = (changes: Partial<ProvenReceipt["state"]>) => ({
    proven: { ...proven, state: { ...proven.state, ...changes } },
  });
  const tampered: [link: RegExp, changes: Partial<VerifyReceiptParameters>][] = [
    [/another execution/, { request: { ...request, input: new Uint8Array(1) } }],
    [/another execution/, { request: { ...request, clockNs: 1n } }],
    [/another execution/, { request: requestOf("three", { bitOps: 999n }) }],
    [/another execution/, { codeHash: `0x${"08".repeat(32)}` }],
    [/another result/, { result: { ...result, output: flipped(result.output) } }],
    [/another result/, { result: { ...result, exitCode: 1 } }],
    [/another result/, { result: { ...result, stderr: new Uint8Array(1) } }],
    [/another end/, { result: { ...result, status: "unreachable" } }],
    [/another end/, withReceipt({ status: STATUS.outOfFuel })],
    [/path/, withReceipt({ usage: { ...proven.receipt.usage, bitOps: proven.receipt.usage.bitOps + 1n } })],
    [/path/, withReceipt({ breached: !proven.receipt.breached })],
    [/path/, { proven: { ...proven, path: proven.path.slice(1) } }],
    [/path/, { proven: { ...proven, path: [flipped(proven.path[0]!), ...proven.path.slice(1)] } }],
    [/path/, { proven: { ...proven, leafIndex: proven.leafIndex + 1 } }],
    [/path/, { proven: { ...proven, root: flipped(proven.root) } }],
    [/root is not/, withState({ state: { ...state, receiptsRoot: `0x${"01".repeat(32)}` } })],
    [/another session/, withState({ state: { ...state, sessionId: `0x${"01".repeat(32)}` } })],
    [/another session/, { params: { ...PARAMS, operator: ZERO } }],
    [/another session/, { sessionId: `0x${"01".repeat(32)}` }],
    [/has not signed/, withState({ operatorSig: null })],
    [/has not signed/, withState({ operatorSig: signMessageOf(other, domain, "SessionState", state) })],
    [/has not signed/, withState({ operatorSig: proven.state.sessionKeySig })],
    [/has not signed/, withState({ state: { ...state, creditsUsed: state.creditsUsed + 1n } })],
    [/has not signed/, { deployment: { ...deployment, chainId: 1 } }],
  ];
  for (const [link, changes] of tampered) {
    assert.throws(() => verifyReceipt({ ...good, ...changes }), { message: link }, `${link} ${Object.keys(changes)}`);
  }
});

test("what is shown of a receipt's links is what is checked: one that was tampered with breaks its own link, and shows both values", () => {
  const brokenIn = (changes: Partial<VerifyReceiptParameters>) => {
    const links = Object.entries(receiptLinks({ ...good, ...changes })) as [keyof ReceiptLinks, ReceiptLinks["path"]][];
    return links.filter(([, { holds }]) => !holds);
  };
  assert.deepEqual(brokenIn({}), []);
  const [[name, { expected, found }] = assert.fail(), ...others] = brokenIn({ request: requestOf("four") });
  assert.deepEqual([name, others], ["execution", []]);
  assert.equal(found, receiptLinks(good).execution.expected);
  assert.notEqual(expected, found);
  const { proven } = good;
  const unsigned = { ...proven, state: { ...proven.state, operatorSig: null } };
  assert.deepEqual(
    brokenIn({ proven: unsigned }).map(([broken]) => broken),
    ["operator"],
  );
});
