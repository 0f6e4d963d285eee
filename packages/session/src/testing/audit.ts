import assert from "node:assert/strict";
import { decodeReceipt, type ExecutionRequest, type SessionMessage, type SignedState } from "@demec/protocol";
import type { CallOutcome } from "../effects.ts";
import type { JournalRecord } from "../records.ts";
import { endOf, outcomeOf, TERMS } from "./fixtures.ts";

/** The fixtures' tariff by hand: a bit operation costs 1, a byte 10, a millisecond of latency takes 1 off. */
function cost(bitOps: bigint, bytes: bigint, latencyMs: number): bigint {
  const credits = bitOps + 10n * bytes - BigInt(latencyMs);
  return credits < 0n ? 0n : credits;
}

/**
 * An independent account of one session, kept from what crosses its borders: calls, messages, states, writes. It
 * fails the test at the first thing that must never be.
 */
export class Audit {
  readonly #requests = new Map<number, ExecutionRequest>();
  readonly #streamed = new Set<number>();
  /** Call ids that left the buyer: those that never did may be used again after a crash. */
  readonly #left = new Set<number>();
  readonly #resolved = new Set<number>();
  /** Calls that the buyer took to another provider, or whose output broke off. */
  readonly #abandoned = new Set<number>();
  readonly #signed = new Map<string, string>();
  readonly #states = new Map<bigint, SignedState>();
  readonly #newest = { buyer: 0n, provider: 0n };
  /** What each acknowledged call costs, by the buyer's receipts. */
  readonly #costs = new Map<number, bigint>();
  readonly charged = new Set<number>();
  /** Calls whose results the provider sent since it last started, and that no state covers. */
  readonly delivered = new Map<number, bigint>();
  chargedCredits = 0n;
  readonly faults = new Set<number>();

  invoked(callId: number, request: ExecutionRequest, streamed: boolean): void {
    assert.ok(!this.#left.has(callId), `call id ${callId} was used twice`);
    this.#resolved.delete(callId);
    this.#abandoned.delete(callId);
    this.#requests.set(callId, request);
    if (streamed) this.#streamed.add(callId);
    else this.#streamed.delete(callId);
  }

  resolved(callId: number, outcome: CallOutcome): void {
    assert.ok(!this.#resolved.has(callId), `call ${callId} was answered twice`);
    assert.ok(!this.#abandoned.has(callId), `call ${callId} was answered after it was taken elsewhere`);
    this.#resolved.add(callId);
    if (outcome.type === "result") {
      const expected = endOf(this.#requests.get(callId)!, this.#streamed.has(callId));
      assert.deepEqual(outcome.outcome, expected.outcome, `call ${callId} got another's result`);
      assert.deepEqual(outcome.streamed, expected.streamed);
    } else if (outcome.code === "session/stream-broken") {
      assert.ok(this.#streamed.has(callId));
      // Nobody has its output: nobody may be charged for it.
      this.#abandoned.add(callId);
    }
  }

  abandons(callId: number): void {
    this.#abandoned.add(callId);
  }

  isResolved(callId: number): boolean {
    return this.#resolved.has(callId);
  }

  /** A message leaves; `durable` is what its sender's disk holds. */
  sent(message: SessionMessage, durable: readonly JournalRecord[]): void {
    if (message.type === "propose") {
      const { state } = message;
      this.#signsOnce("operator", state.seq, JSON.stringify({ ...state, ...bigints(state) }));
      const kept = durable.some((record) => record.type === "proposed" && record.operatorSig === message.operatorSig);
      assert.ok(kept, `proposal ${state.seq} was sent before it was durable`);
    } else if (message.type === "accept") {
      this.#signsOnce("session key", message.seq, message.sessionKeySig);
      const kept = durable.some(
        (record) => record.type === "cosigned" && record.signed.sessionKeySig === message.sessionKeySig,
      );
      assert.ok(kept, `acceptance ${message.seq} was sent before it was durable`);
    } else if (message.type === "invoke") {
      this.#left.add(message.callId);
    } else if (message.type === "result") {
      const request = this.#requests.get(message.callId)!;
      const bytes = BigInt(request.input.length + message.output.length + (message.streamed?.stdoutBytes ?? 0));
      if (!this.charged.has(message.callId)) this.delivered.set(message.callId, cost(message.bitOps, bytes, 0));
    }
  }

  /** A record of the buyer reaches its disk or its pump. */
  buyerWrites(record: JournalRecord): void {
    if (record.type === "receipt") {
      const { usage } = decodeReceipt(record.receipt);
      const outcome = outcomeOf(this.#requests.get(record.callId)!);
      assert.equal(usage.bitOps, outcome.bitOps);
      assert.equal(usage.bytes, BigInt(2 + outcome.output.length));
      this.#costs.set(record.callId, cost(usage.bitOps, usage.bytes, usage.latencyMs));
    }
  }

  /** The buyer signed a state: what it agreed to pay. */
  buyerSigned(record: Extract<JournalRecord, { type: "cosigned" }>): void {
    for (const callId of record.callIds) {
      assert.ok(!this.charged.has(callId), `call ${callId} was charged twice`);
      assert.ok(!this.#abandoned.has(callId), `call ${callId} was charged though it was taken elsewhere`);
      assert.ok(!this.faults.has(callId), `call ${callId} was charged after its fault`);
      this.charged.add(callId);
      this.delivered.delete(callId);
      this.chargedCredits += this.#costs.get(callId)!;
    }
    for (const callId of record.faultIds) {
      assert.ok(!this.faults.has(callId), `the fault of call ${callId} was counted twice`);
      this.faults.add(callId);
    }
    const { state } = record.signed;
    assert.equal(state.creditsUsed, this.chargedCredits, "credits used are the sum of what was charged");
    assert.equal(state.invocations, BigInt(this.charged.size + this.faults.size));
    assert.ok(state.creditsUsed <= TERMS.credits);
  }

  /** One side tells of a full state. */
  cosigned(side: "buyer" | "provider", signed: SignedState): void {
    const { state } = signed;
    assert.ok(signed.operatorSig !== null && signed.sessionKeySig !== null);
    const same = this.#states.get(state.seq);
    if (same !== undefined) assert.deepEqual(signed, same, `two full states carry the number ${state.seq}`);
    this.#states.set(state.seq, signed);
    assert.ok(state.seq > this.#newest[side], `${side} went from state ${this.#newest[side]} to ${state.seq}`);
    this.#newest[side] = state.seq;
    for (const [seq, { state: other }] of this.#states) {
      const [earlier, later] = seq < state.seq ? [other, state] : [state, other];
      assert.ok(earlier.creditsUsed <= later.creditsUsed && earlier.invocations <= later.invocations);
      assert.ok(earlier.breaches <= later.breaches);
    }
  }

  /** A side lost what it had not yet written; it may tell of the same state again. */
  restarted(side: "buyer" | "provider", durableSeq: bigint): void {
    this.#newest[side] = durableSeq;
    if (side === "provider") this.delivered.clear();
  }

  /** Price of the work that the provider delivered since it started, and that no state covers. */
  get unpaid(): bigint {
    let sum = 0n;
    for (const [callId, mostCredits] of this.delivered) sum += this.#costs.get(callId) ?? mostCredits;
    return sum;
  }

  #signsOnce(key: string, seq: bigint, what: string): void {
    const known = this.#signed.get(`${key} ${seq}`);
    assert.ok(known === undefined || known === what, `the ${key} signed two states with the number ${seq}`);
    this.#signed.set(`${key} ${seq}`, what);
  }
}

function bigints(state: object): Record<string, string> {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, String(value)]));
}
