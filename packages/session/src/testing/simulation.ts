import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { ExecutionRequest, NewestStates, SessionMessage } from "@demec/protocol";
import type { BuyerSession } from "../buyer.ts";
import type { Effect } from "../effects.ts";
import type { ProviderSession } from "../provider.ts";
import { EffectPump } from "../pump.ts";
import { sameState } from "../states.ts";
import type { ExposurePolicy } from "../terms.ts";
import { Audit } from "./audit.ts";
import { endOf, newBuyer, newProvider, requestOf, SESSION_ID } from "./fixtures.ts";
import { SimJournal } from "./simJournal.ts";

type Name = "buyer" | "provider";
/** On the wire: an attachment, or its answer, by the newest states that it shows; else a session's message. */
type Wire = { readonly newest: NewestStates } | SessionMessage;

const POLICY = {
  maxUnsignedCredits: 12_000n,
  maxInFlight: 6,
  checkpointCredits: 1_500n,
  checkpointCalls: 5,
  checkpointMs: 300,
  // The simulated wires hold a message back for as long as they like.
  latencySlackMs: 1_000_000,
} satisfies Partial<ExposurePolicy>;

/** One end: an engine, the pump that performs its effects, and a disk; all but the disk die in a crash. */
interface End<E> {
  engine: E;
  pump: EffectPump;
  readonly journal: SimJournal;
  /** Connection that it believes in. */
  connection: number | null;
  /** Dies after so many effects of its next input. */
  fuse: number | null;
}

/**
 * Both engines with real pumps and real signatures over simulated disks, wires, clocks and executors. A list of
 * numbers decides everything that happens, so that a failing run can be replayed and shrunk.
 */
export class Simulation {
  readonly audit = new Audit();
  readonly buyer: End<BuyerSession>;
  readonly provider: End<ProviderSession>;
  nowMs = 0;
  crashes = 0;
  #connections = 0;
  /** The wires of the one living connection. */
  #wire: { id: number; buyer: Wire[]; provider: Wire[] } | null = null;
  #executions: { callId: number; request: ExecutionRequest; streamed: boolean }[] = [];
  /** Streamed calls that run and of whose output something has gone to the buyer. */
  readonly #begun = new Set<number>();
  /** Calls of the buyer's present life. */
  #open = new Set<number>();
  #calls = 0;

  /** How likely trouble is: dying processes, lost connections, a slow disk. */
  readonly #weights: { readonly crash: number; readonly cut: number; readonly disk: number };

  readonly #policy: Partial<ExposurePolicy>;

  /** @param temper decides how troubled this run is */
  constructor(temper: number) {
    this.#weights = { crash: temper % 4, cut: (temper >> 2) % 6, disk: [4, 15, 50][(temper >> 5) % 3]! };
    // In a run without crashes every result is acknowledged in the end, and nothing may be written off.
    this.#policy = { ...POLICY, ackTimeoutMs: this.#weights.crash === 0 ? 1_000_000_000 : 3_000 };
    const buyer = new SimJournal();
    const provider = new SimJournal();
    const blank = { connection: null, fuse: null };
    this.buyer = {
      ...blank,
      journal: buyer,
      engine: newBuyer({ policy: this.#policy }),
      pump: this.#pump("buyer", buyer),
    };
    this.provider = {
      ...blank,
      journal: provider,
      engine: newProvider({ policy: this.#policy }),
      pump: this.#pump("provider", provider),
    };
  }

  /** One step, chosen by `choice` among all that can happen now. */
  async step(choice: number): Promise<void> {
    const kinds = this.#possible();
    const total = kinds.reduce((sum, [weight]) => sum + weight, 0);
    let left = choice % total;
    const [, act] = kinds.find(([weight]) => {
      left -= weight;
      return left < 0;
    })!;
    act(Math.floor(choice / total));
    await turn();
    this.#check();
  }

  /** Peace: everything works, until nothing is left to do; then the session is closed. */
  async finish(): Promise<void> {
    this.buyer.fuse = null;
    this.provider.fuse = null;
    for (let round = 0; round < 60; round++) {
      if (round === 20) this.#perform("buyer", this.buyer.engine.requestClose(this.nowMs));
      this.#connect();
      await this.#drain();
      this.#tick(500);
      await this.#drain();
    }
    const { buyer, provider, audit } = this;
    assert.equal(buyer.engine.halted, null, "an honest buyer never halts an honest session");
    assert.equal(provider.engine.halted, null, "an honest provider never halts an honest session");
    for (const callId of this.#open) assert.ok(audit.isResolved(callId), `call ${callId} was never answered`);
    assert.ok(buyer.engine.closed && provider.engine.closed, "the session closes");
    assert.deepEqual(buyer.engine.state, provider.engine.state);
    assert.equal(buyer.engine.creditsUsed, audit.chargedCredits);
    assert.equal(buyer.engine.inFlight + provider.engine.inFlight, 0);
    if (this.#weights.crash === 0) {
      assert.equal(buyer.engine.uncovered + provider.engine.uncovered, 0, "without crashes everything is charged");
      assert.equal(provider.engine.writtenOff, 0n, "without crashes nothing is written off");
    }
    for (const side of ["buyer", "provider"] as const) this.#assertRestores(side);
  }

  #possible(): [weight: number, act: (detail: number) => void][] {
    const kinds: [number, (detail: number) => void][] = [];
    const { crash, cut, disk } = this.#weights;
    const wire = this.#wire;
    if (this.#calls < 60) kinds.push([40, (detail) => this.#invoke(detail)]);
    for (const side of ["buyer", "provider"] as const) {
      const end = this[side];
      if (wire !== null && wire[side].length > 0) kinds.push([60, () => this.#deliver(side)]);
      if (end.journal.pending > 0) kinds.push([disk, () => end.journal.commit()]);
      if (end.connection !== null && end.connection !== wire?.id) kinds.push([20, () => this.#detach(side)]);
      kinds.push([crash, (detail) => this.#crash(side, detail)]);
      kinds.push([crash, (detail) => (end.fuse = detail % 4)]);
    }
    if (this.#executions.length > 0) {
      kinds.push([40, (detail) => this.#execute(detail, false)], [3, (detail) => this.#execute(detail, true)]);
      kinds.push([15, (detail) => this.#begin(detail)]);
    }
    if (wire === null) kinds.push([30, () => this.#connect()]);
    else kinds.push([cut, () => (this.#wire = null)]);
    kinds.push([12, (detail) => this.#tick(detail % 60)], [2, (detail) => this.#tick(500 + (detail % 3_000))]);
    kinds.push([2, (detail) => this.#cancel(detail)]);
    // What is abandoned is written off where its result was on its way; so is a stream that ends after its first byte (`#invoke`).
    if (crash > 0) kinds.push([2, (detail) => this.#abandon(detail)]);
    return kinds;
  }

  #invoke(detail: number): void {
    const streamed = detail % 3 === 0 && this.#weights.crash > 0;
    const request: ExecutionRequest = { ...requestOf(detail), shape: streamed ? "command" : "reactor" };
    try {
      const { callId, effects } = this.buyer.engine.invoke(request, 200 + (detail % 2_000), this.nowMs, streamed);
      this.#calls++;
      this.audit.invoked(callId, request, streamed);
      this.#open.add(callId);
      this.#perform("buyer", effects);
    } catch (error) {
      assert.ok((error as { retryable?: boolean }).retryable, String(error));
    }
  }

  #cancel(detail: number): void {
    const open = [...this.#open];
    const callId = open[detail % Math.max(1, open.length)];
    if (callId !== undefined) this.#perform("buyer", this.buyer.engine.cancel(callId));
  }

  #abandon(detail: number): void {
    const open = [...this.#open].filter((callId) => !this.audit.isResolved(callId));
    const callId = open[detail % Math.max(1, open.length)];
    if (callId === undefined) return;
    this.#open.delete(callId);
    this.audit.abandons(callId);
    this.#perform("buyer", this.buyer.engine.abandon(callId));
  }

  #execute(detail: number, fails: boolean): void {
    const [next] = this.#executions.splice(detail % this.#executions.length, 1);
    const { callId, request, streamed } = next!;
    this.#begun.delete(callId);
    if (streamed) this.provider.engine.delivered(callId);
    const fault = { code: "wasm/executor-crashed", message: "The executor died.", breach: true };
    const result = fails ? { fault } : endOf(request, streamed);
    this.#perform("provider", this.provider.engine.executed(callId, result, this.nowMs));
  }

  /** Some output of a streamed call that runs goes to the buyer. */
  #begin(detail: number): void {
    const streams = this.#executions.filter(({ streamed }) => streamed);
    const stream = streams[detail % Math.max(1, streams.length)];
    if (stream === undefined) return;
    this.#begun.add(stream.callId);
    this.provider.engine.delivered(stream.callId);
  }

  #tick(ms: number): void {
    this.nowMs += ms;
    this.#perform("provider", this.provider.engine.tick(this.nowMs));
    this.#perform("buyer", this.buyer.engine.tick(this.nowMs));
  }

  #connect(): void {
    if (this.#wire !== null || this.buyer.journal.pending > 0) return;
    if (this.buyer.connection !== null) this.#detach("buyer");
    const id = ++this.#connections;
    this.#wire = { id, buyer: [], provider: [{ newest: this.buyer.engine.newest() }] };
  }

  #detach(side: Name): void {
    const end = this[side];
    const { pump } = end;
    end.connection = null;
    pump.detach();
    const { writtenOff } = this.provider.engine;
    const begun = side === "provider" ? this.#begun.size : 0;
    this.#perform(side, end.engine.detach());
    // A provider that died meanwhile knows of nothing.
    if (end.pump === pump) {
      assert.equal(this.provider.engine.writtenOff > writtenOff, begun > 0, "streams that break are written off");
    }
  }

  #deliver(side: Name): void {
    const wire = this.#wire!;
    const end = this[side];
    const message = wire[side][0]!;
    if ("newest" in message) {
      if (end.journal.pending > 0) return;
      if (end.connection !== null) this.#detach(side);
      end.connection = wire.id;
      if (side === "provider") wire.buyer.push({ newest: end.engine.newest() });
      wire[side].shift();
      this.#perform(side, end.engine.attach(message.newest, this.nowMs));
      return;
    }
    wire[side].shift();
    if (end.connection === wire.id) this.#perform(side, end.engine.receive(message, this.nowMs));
  }

  #perform(side: Name, effects: readonly Effect[]): void {
    const end = this[side];
    const burnt = end.fuse !== null && effects.length > end.fuse;
    const performed = burnt ? effects.slice(0, end.fuse!) : effects;
    for (const effect of performed) {
      if (side === "buyer" && (effect.type === "note" || effect.type === "persist"))
        this.audit.buyerWrites(effect.record);
    }
    end.pump.run(performed);
    if (burnt) this.#crash(side, effects.length);
  }

  /** The process dies, with it whatever its disk has not got; it starts again from what the disk has. */
  #crash(side: Name, detail: number): void {
    const end = this[side];
    this.crashes++;
    end.journal.crash(detail % (end.journal.pending + 1));
    end.fuse = null;
    end.connection = null;
    this.#wire = null;
    const restored = { records: [...end.journal.durable] };
    if (side === "buyer") {
      this.buyer.engine = newBuyer({ policy: this.#policy, restored });
      this.#open.clear();
    } else {
      this.provider.engine = newProvider({ policy: this.#policy, restored });
      this.#executions = [];
      this.#begun.clear();
    }
    end.pump = this.#pump(side, end.journal);
    this.audit.restarted(side, end.engine.state?.state.seq ?? 0n);
    this.#countSigned();
  }

  #pump(side: Name, journal: SimJournal): EffectPump {
    const pump: EffectPump = new EffectPump({
      sessionId: SESSION_ID,
      journal: {
        // What a dead process still meant to write, it never writes.
        append: (id, records) => (this[side].pump === pump ? journal.append(id, records) : new Promise(() => {})),
      },
      send: (message) => {
        const end = this[side];
        if (end.pump !== pump) return;
        this.audit.sent(message, journal.durable);
        if (end.connection !== null && end.connection === this.#wire?.id) {
          this.#wire[side === "buyer" ? "provider" : "buyer"].push(message);
        }
      },
      execute: ({ callId, request, streamed }) => {
        if (this[side].pump === pump) this.#executions.push({ callId, request, streamed });
      },
      cancelExecution: (callId) => {
        this.#executions = this.#executions.filter((execution) => execution.callId !== callId);
        this.#begun.delete(callId);
      },
      resolve: ({ callId, outcome }) => this.audit.resolved(callId, outcome),
      cosigned: ({ state }) => {
        if (this[side].pump === pump) this.audit.cosigned(side, state);
      },
      failed: (error) => assert.fail(error),
    });
    return pump;
  }

  /** What the buyer's disk holds is what it agreed to. */
  #countedRecords = 0;
  #countSigned(): void {
    const { durable } = this.buyer.journal;
    for (; this.#countedRecords < durable.length; this.#countedRecords++) {
      const record = durable[this.#countedRecords]!;
      if (record.type === "cosigned") this.audit.buyerSigned(record);
    }
  }

  #check(): void {
    this.#countSigned();
    const buyer = this.buyer.engine;
    const provider = this.provider.engine;
    assert.ok(buyer.exposure <= POLICY.maxUnsignedCredits, "the buyer's exposure stays in its policy");
    assert.ok(provider.exposure <= POLICY.maxUnsignedCredits, "the provider's exposure stays in its policy");
    assert.ok(this.audit.unpaid <= POLICY.maxUnsignedCredits, "unpaid work stays in the provider's policy");
    const ours = buyer.state?.state;
    const { full, half } = provider.newest();
    const even = ours === undefined ? full === null : full !== null && sameState(ours, full.state);
    const ahead = ours !== undefined && half !== null && sameState(ours, half.state);
    assert.ok(even || ahead, "the newest full states differ by one half-signed step at most");
  }

  async #drain(): Promise<void> {
    for (let quiet = 0; quiet < 2; ) {
      quiet++;
      for (const side of ["buyer", "provider"] as const) {
        while (this[side].journal.pending > 0) {
          this[side].journal.commit();
          quiet = 0;
          await turn();
        }
        if ((this.#wire?.[side].length ?? 0) > 0) {
          this.#deliver(side);
          quiet = 0;
        }
      }
      if (this.#executions.length > 0) {
        this.#execute(0, false);
        quiet = 0;
      }
      await turn();
      this.#check();
    }
  }

  #assertRestores(side: Name): void {
    const end = this[side];
    const restored = { records: end.journal.durable };
    const again =
      side === "buyer" ? newBuyer({ policy: this.#policy, restored }) : newProvider({ policy: this.#policy, restored });
    assert.deepEqual(again.newest(), end.engine.newest(), `the ${side} restores what it was`);
    assert.equal(again.uncovered, end.engine.uncovered);
  }
}
