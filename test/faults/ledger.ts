// The independent ledger: what is owed to whom, by what the test saw itself, with arithmetic of its own. It reads nothing that
// the code under test says of its own accounts before it has checked it: outputs are recomputed, prices are, hashes are, and a
// signature counts when it recovers to the key that the chain has.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { SessionParams, Settlement } from "@demec/chain";
import {
  decodeReceipt,
  executionHash,
  type Hex,
  streamedExecutionHash,
  type Tariff,
  type Usage,
} from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";
import { bytesToHex, hexToBytes, recoverTypedDataAddress } from "viem";
import type { SessionReport, SteadyLine } from "./steadyBuyer.ts";
import { type CallKind, kindOf, outputOf, type SteadyCall, steadyCall } from "./steadyCall.ts";

export interface LedgerTerms {
  readonly chainId: number;
  readonly escrow: Hex;
  readonly moduleHash: Uint8Array;
  readonly tariff: Tariff;
}

type Answer = Extract<SteadyLine, { answered: unknown }>["answered"];

/** What became of a call, as its buyer saw it. */
interface Call {
  readonly buyer: string;
  readonly receipt: Hex;
  readonly credits: bigint;
  proven: boolean;
}

interface Account {
  readonly buyer: string;
  /** By call id. */
  readonly answered: Map<number, Call>;
  /** Of these, credits and number of those proven under a state that both signed. */
  provenCredits: bigint;
  proven: number;
  /** Newest state that the test verified. */
  seq: bigint;
  creditsUsed: bigint;
  /** Kills of one of its parties since it was first heard of: each may cost what was unsigned then, once. */
  kills: number;
}

/** What one side's journal says of a session: receipts in the order of the tree, and how many each state covers, by its number. */
export interface Evidence {
  readonly leaves: readonly Hex[];
  readonly sizes: ReadonlyMap<bigint, number>;
}

/** What the audit of a settled session found. */
export interface Finding {
  readonly sessionId: Hex;
  readonly charged: bigint;
  /** Answered and never charged: what the kills cost the provider. */
  readonly lost: bigint;
  /** Charged, though its caller was gone before it could say that it had the answer. */
  readonly unheard: number;
}

/** Codes of calls that ended for their caller while the provider was still at work: it may be paid for them. */
const MAY_BE_CHARGED = new Set(["session/deadline"]);

export class Ledger {
  readonly #terms: LedgerTerms;
  readonly #accounts = new Map<Hex, Account>();
  /** Inputs that were answered, and those whose failure was told; the others of a killed buyer are anybody's guess. */
  readonly #answered = new Set<string>();
  readonly #failed = new Map<string, string>();
  /** Leaves that have been charged in any session, by execution. */
  readonly #charged = new Map<Hex, Hex>();

  constructor(terms: LedgerTerms) {
    this.#terms = terms;
  }

  get calls(): number {
    return this.#answered.size;
  }
  /** Answered calls of one kind. */
  callsOf(kind: CallKind): number {
    return [...this.#answered].filter((input) => kindOf(input) === kind).length;
  }
  /** Calls that nobody meant to fail, with their codes. */
  get failures(): ReadonlyMap<string, string> {
    return new Map([...this.#failed].filter(([, code]) => code !== "cut"));
  }

  /** A result, checked down to its receipt and its price. */
  enterAnswer(buyer: string, { input, output, sessionId, callId, receipt, credits }: Answer): void {
    const call = steadyCall(input);
    const expected = outputOf(call);
    if (output !== null) assert.equal(output, bytesToHex(sha256(expected)), "the function's result");
    assert.ok(!this.#answered.has(input), `one answer to ${input}`);
    this.#answered.add(input);
    const { executionHash, outputHash, status, usage } = decodeReceipt(hexToBytes(receipt));
    assert.deepEqual(executionHash, this.#executionOf(input), "the receipt is for this execution");
    assert.deepEqual(Buffer.from(outputHash), hashOfOutput(call, expected), "and for this output");
    assert.equal(status, 0);
    assert.equal(usage.bytes, BigInt(call.input.length + expected.length));
    assert.equal(BigInt(credits), priceOf(this.#terms.tariff, receipt));
    const account = this.#account(sessionId, buyer);
    assert.ok(!account.answered.has(callId), `call ${callId} of ${sessionId} has one result`);
    account.answered.set(callId, { buyer, receipt, credits: BigInt(credits), proven: false });
  }

  enterFailure(input: string, code: string): void {
    assert.ok(!this.#answered.has(input));
    this.#failed.set(input, code);
  }

  /** A process was killed. @param concerns whether it was a party of a session between this buyer and that session's provider */
  enterKill(concerns: (sessionId: Hex, buyer: string) => boolean): void {
    for (const [sessionId, account] of this.#accounts) if (concerns(sessionId, account.buyer)) account.kills++;
  }

  /** Calls of one buyer that were answered and not yet proven, for it to prove. */
  unproven(buyer: string): Record<Hex, number[]> {
    const list: Record<Hex, number[]> = {};
    for (const [sessionId, account] of this.#accounts) {
      if (account.buyer !== buyer) continue;
      list[sessionId] = [...account.answered].filter(([, call]) => !call.proven).map(([callId]) => callId);
    }
    return list;
  }

  /** Checks a buyer's word on its session against what was seen: each credit of the state must be a call's. */
  async enterReport(report: SessionReport, params: SessionParams): Promise<void> {
    const { sessionId, state, size, proven } = report;
    const account = this.#accounts.get(sessionId)!;
    const { creditsUsed, seq, invocations, breaches, receiptsRoot } = parsed(state.state);
    await this.#assertSigned(params.operator, sessionId, state.state, state.operatorSig!);
    await this.#assertSigned(params.sessionKey, sessionId, state.state, state.sessionKeySig!);
    assert.ok(seq >= account.seq && creditsUsed >= account.creditsUsed, "no state goes back, over any kill");
    account.seq = seq;
    account.creditsUsed = creditsUsed;
    for (const { callId, leafIndex, path } of proven) {
      const call = account.answered.get(callId)!;
      assert.equal(rootByPath(call.receipt, leafIndex, size, path), receiptsRoot, `call ${callId} is under the root`);
      call.proven = true;
      account.provenCredits += call.credits;
      account.proven++;
    }
    if (proven.length === 0) return;
    assert.equal(invocations - breaches, BigInt(size), "what is no receipt is a breach that the provider owned up to");
    const unheard = size - account.proven;
    assert.ok(unheard >= 0);
    const rest = creditsUsed - account.provenCredits;
    if (unheard === 0) assert.equal(rest, 0n, `session ${sessionId} charges what was answered`);
    else
      assert.ok(
        account.kills > 0 && rest > 0n && rest <= exposureOf(params),
        `${unheard} calls of ${account.buyer} at ${params.provider} were charged, ${rest} credits, in ${account.kills} kills: ${sessionId}; ` +
          `${account.proven} proven of ${account.answered.size}; failures ${[...this.#failed].slice(-8)}`,
      );
  }

  /**
   * A session that was settled, against every leaf of its tree: the leaves make the root that the chain has; each is a call that
   * this buyer made, charged here and nowhere else, at its price.
   */
  audit(settlement: Settlement, params: SessionParams, buyer: string, sides: readonly Evidence[]): Finding {
    const { sessionId, state } = settlement;
    const account = this.#account(sessionId, buyer);
    for (const { sizes } of sides) {
      // Only a side that could not write, or was away, may have let an older one stand.
      const isNewest = [...sizes.keys()].every((seq) => seq <= state.seq);
      assert.ok(
        isNewest || account.kills > 0,
        `session ${sessionId} is settled at state ${state.seq} of ${sizes.size}`,
      );
    }
    const side = sides.find(({ sizes }) => sizes.has(state.seq));
    const leaves = side?.leaves.slice(0, side.sizes.get(state.seq)) ?? [];
    if (state.seq > 0n) assert.equal(treeRoot(leaves), state.receiptsRoot);
    else assert.equal(leaves.length, 0);
    assert.equal(state.invocations - state.breaches, BigInt(leaves.length));
    const answers = new Map([...account.answered.values()].map((call) => [call.receipt, call]));
    let charged = 0n;
    let unheard = 0;
    for (const receipt of leaves) {
      charged += priceOf(this.#terms.tariff, receipt);
      const execution = bytesToHex(decodeReceipt(hexToBytes(receipt)).executionHash);
      assert.ok(
        !this.#charged.has(execution),
        `execution ${execution} is charged once, not in ${this.#charged.get(execution)} too`,
      );
      this.#charged.set(execution, sessionId);
      if (!answers.delete(receipt)) unheard++;
    }
    assert.equal(state.creditsUsed, charged);
    const lost = [...answers.values()].reduce((sum, { credits }) => sum + credits, 0n);
    assert.ok(
      lost <= BigInt(account.kills) * exposureOf(params),
      `${lost} credits of ${sessionId} in ${account.kills} kills`,
    );
    assert.ok(unheard === 0 || account.kills > 0 || this.#anyMayBeCharged, `${unheard} calls nobody heard of`);
    const [providerAmount, buyerAmount] = split(params, state);
    assert.deepEqual([settlement.providerAmount, settlement.buyerAmount], [providerAmount, buyerAmount]);
    return { sessionId, charged, lost, unheard };
  }

  /** After all audits: whatever was charged was asked for by somebody, and never when its failure had been told. */
  assertAsked(inputs: Iterable<string>): void {
    const asked = new Map([...inputs].map((input) => [bytesToHex(this.#executionOf(input)), input]));
    for (const execution of this.#charged.keys()) {
      const input = asked.get(execution);
      assert.ok(input !== undefined, `execution ${execution} was asked for`);
      const failure = this.#failed.get(input);
      assert.ok(failure === undefined || MAY_BE_CHARGED.has(failure), `${input} failed (${failure}) and was charged`);
    }
  }

  get #anyMayBeCharged(): boolean {
    return [...this.#failed.values()].some((code) => MAY_BE_CHARGED.has(code));
  }

  #account(sessionId: Hex, buyer: string): Account {
    let account = this.#accounts.get(sessionId);
    if (account === undefined) {
      account = { buyer, answered: new Map(), provenCredits: 0n, proven: 0, seq: 0n, creditsUsed: 0n, kills: 0 };
      this.#accounts.set(sessionId, account);
    }
    assert.equal(account.buyer, buyer);
    return account;
  }

  #executionOf(input: string): Uint8Array {
    const call = steadyCall(input);
    const request = bareRequest({ shape: "command", input: call.input, limits: call.limits });
    const { moduleHash } = this.#terms;
    return isStreamed(call)
      ? streamedExecutionHash(moduleHash, request, streamHash(call.input))
      : executionHash(moduleHash, request);
  }

  async #assertSigned(
    signer: Hex,
    sessionId: Hex,
    state: SessionReport["state"]["state"],
    signature: Hex,
  ): Promise<void> {
    const { chainId, escrow } = this.#terms;
    const recovered = await recoverTypedDataAddress({
      domain: { name: "deMEC", version: "1", chainId, verifyingContract: escrow },
      types: { SessionState: STATE_FIELDS },
      primaryType: "SessionState",
      message: { ...parsed(state), sessionId },
      signature,
    });
    assert.equal(recovered, signer);
  }
}

const STATE_FIELDS = [
  { name: "sessionId", type: "bytes32" },
  { name: "seq", type: "uint64" },
  { name: "creditsUsed", type: "uint128" },
  { name: "invocations", type: "uint64" },
  { name: "breaches", type: "uint64" },
  { name: "receiptsRoot", type: "bytes32" },
  { name: "isFinal", type: "bool" },
] as const;

/** A state as it comes out of JSON. */
function parsed(state: SessionReport["state"]["state"]) {
  const { seq, creditsUsed, invocations, breaches, ...rest } = state;
  return {
    ...rest,
    ...{ seq: BigInt(seq), creditsUsed: BigInt(creditsUsed) },
    ...{ invocations: BigInt(invocations), breaches: BigInt(breaches) },
  };
}

/** What either side may lose in one fault, by the default policy: a tenth of the session. */
export const exposureOf = ({ credits }: Pick<SessionParams, "credits">): bigint => (credits + 9n) / 10n;

/** Design section 5, rounded up. */
export function creditsOfUsage({ a, b, c, d, e, f }: Tariff, usage: Usage): bigint {
  const { bitOps, floatOps, bytes, durationMs, latencyMs, pingMs } = usage;
  const thousandths = d * BigInt(durationMs) + e * BigInt(latencyMs) + f * BigInt(pingMs);
  const millionths = a * bitOps + b * floatOps + c * bytes + 1_000n * thousandths;
  return millionths <= 0n ? 0n : (millionths + 999_999n) / 1_000_000n;
}

const priceOf = (tariff: Tariff, receipt: Hex) => creditsOfUsage(tariff, decodeReceipt(hexToBytes(receipt)).usage);

/** docs/escrow.md. @returns what the provider and the buyer get */
function split(params: SessionParams, { creditsUsed, invocations, breaches }: Settlement["state"]): [bigint, bigint] {
  const { value, credits, toleranceBps, rebateBps } = params;
  const earned = (value * (creditsUsed < credits ? creditsUsed : credits)) / credits;
  const excess = breaches - up(invocations * BigInt(toleranceBps), 10_000n);
  const rebate = excess <= 0n ? 0n : up(earned * BigInt(rebateBps) * excess, 10_000n * invocations);
  const provider = earned - (rebate < earned ? rebate : earned);
  return [provider, value - provider];
}

const up = (a: bigint, b: bigint) => (a + b - 1n) / b;
const sha256 = (...parts: (Uint8Array | Hex)[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(typeof part === "string" ? hexToBytes(part) : part);
  return hash.digest();
};

const isStreamed = ({ kind }: SteadyCall) => kind === "streamed" || kind === "cut";

/** Of a call that ended well and said nothing on stderr. */
function hashOfOutput(call: SteadyCall, output: Uint8Array): Buffer {
  const exitCode = new Uint8Array(4);
  return isStreamed(call)
    ? sha256(Buffer.from("deMEC streamed output v1"), exitCode, streamHash(output), sha256())
    : sha256(Buffer.from("deMEC output v1"), exitCode, sha256(output), sha256());
}

/** docs/wasi.md, of a stream that is not empty. */
function streamHash(bytes: Uint8Array): Buffer {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) chunks.push(bytes.subarray(at, at + 65_536));
  return sha256(Buffer.from("deMEC stream v1"), uint64(bytes.length), treeHash(chunks));
}

const leafHash = (receipt: Hex | Uint8Array) => sha256(Uint8Array.of(0), receipt);
const nodeHash = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right);
function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

const committed = (size: number, root: Uint8Array) => bytesToHex(sha256(Uint8Array.of(2), uint64(size), root));
const treeRoot = (leaves: readonly Hex[]) => committed(leaves.length, treeHash(leaves));

/** RFC 9162, 2.1.1. */
function treeHash(leaves: readonly (Hex | Uint8Array)[]): Uint8Array {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leafHash(leaves[0]!);
  const split = largestPowerOfTwoBelow(leaves.length);
  return nodeHash(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

/** RFC 9162, 2.1.3.1: the path is folded from the leaf up; which side a sibling is on follows from how the tree was cut. */
function rootByPath(receipt: Hex, index: number, size: number, path: readonly Hex[]): Hex {
  const siblings = [...path];
  const hashOf = (from: number, to: number): Uint8Array => {
    if (to - from === 1) return leafHash(receipt);
    const split = from + largestPowerOfTwoBelow(to - from);
    const isLeft = index < split;
    const sibling = hexToBytes(siblings.pop()!);
    return isLeft ? nodeHash(hashOf(from, split), sibling) : nodeHash(sibling, hashOf(split, to));
  };
  return committed(size, hashOf(0, size));
}

const largestPowerOfTwoBelow = (count: number) => 2 ** Math.floor(Math.log2(count - 1));
