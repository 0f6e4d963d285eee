import type { SessionMessage } from "@demec/protocol";
import type { BuyerSession } from "../buyer.ts";
import type { CallOutcome, Effect, ExecutionResult } from "../effects.ts";
import type { ProviderSession } from "../provider.ts";
import type { JournalRecord } from "../records.ts";
import { newBuyer, newProvider, outcomeOf, type Variation } from "./fixtures.ts";

type Execute = Extract<Effect, { type: "execute" }>;
type Side = "buyer" | "provider";

/** Both engines joined by wires that a test moves by hand, with everything they did on record. */
export class Pair {
  nowMs = 1_000;
  provider: ProviderSession;
  buyer: BuyerSession;
  readonly variation: { buyer: Variation; provider: Variation };
  /** Messages under way, by their receiver. */
  readonly wire: Record<Side, SessionMessage[]> = { buyer: [], provider: [] };
  readonly journal: Record<Side, JournalRecord[]> = { buyer: [], provider: [] };
  readonly executions: Execute[] = [];
  readonly outcomes = new Map<number, CallOutcome>();
  readonly effects: Record<Side, Effect[]> = { buyer: [], provider: [] };

  constructor(both: Variation = {}, one: { buyer?: Variation; provider?: Variation } = {}) {
    this.variation = { buyer: { ...both, ...one.buyer }, provider: { ...both, ...one.provider } };
    this.buyer = newBuyer(this.variation.buyer);
    this.provider = newProvider(this.variation.provider);
    this.attach();
  }

  attach(): void {
    this.wire.buyer.length = 0;
    this.wire.provider.length = 0;
    const newest = { buyer: this.buyer.newest(), provider: this.provider.newest() };
    this.do("provider", this.provider.attach(newest.buyer, this.nowMs));
    this.do("buyer", this.buyer.attach(newest.provider, this.nowMs));
  }

  detach(): void {
    this.do("provider", this.provider.detach());
    this.do("buyer", this.buyer.detach());
    this.wire.buyer.length = 0;
    this.wire.provider.length = 0;
  }

  /** A crash after everything was written; `lost` records from the journal's end are gone as well. */
  restart(side: Side, lost = 0): void {
    this.detach();
    this.journal[side].length -= lost;
    const restored = { records: [...this.journal[side]] };
    if (side === "buyer") this.buyer = newBuyer({ ...this.variation.buyer, restored });
    else this.provider = newProvider({ ...this.variation.provider, restored });
    if (side === "provider") this.executions.length = 0;
  }

  do(side: Side, effects: readonly Effect[]): readonly Effect[] {
    for (const effect of effects) {
      this.effects[side].push(effect);
      if (effect.type === "send") this.wire[side === "buyer" ? "provider" : "buyer"].push(effect.message);
      else if (effect.type === "persist" || effect.type === "note") this.journal[side].push(effect.record);
      else if (effect.type === "execute") this.executions.push(effect);
      else if (effect.type === "resolve") this.outcomes.set(effect.callId, effect.outcome);
    }
    return effects;
  }

  invoke(request: Parameters<BuyerSession["invoke"]>[0], deadlineMs = 1_000): number {
    const { callId, effects } = this.buyer.invoke(request, deadlineMs, this.nowMs);
    this.do("buyer", effects);
    return callId;
  }

  /** Delivers the next message to one side; what it did. */
  deliver(side: Side): readonly Effect[] {
    const message = this.wire[side].shift();
    if (message === undefined) throw new Error(`nothing is under way to the ${side}`);
    return this.say(side, message);
  }

  /** Gives one side a message that nobody sent. */
  say(side: Side, message: SessionMessage): readonly Effect[] {
    return this.do(side, this[side].receive(message, this.nowMs));
  }

  /** Ends the oldest execution, by default as the function does. */
  execute(result?: ExecutionResult): readonly Effect[] {
    const next = this.executions.shift();
    if (next === undefined) throw new Error("nothing is to be executed");
    const ended = result ?? { outcome: outcomeOf(next.request), durationMs: 1 };
    return this.do("provider", this.provider.executed(next.callId, ended, this.nowMs));
  }

  tick(ms = 0): void {
    this.nowMs += ms;
    this.do("provider", this.provider.tick(this.nowMs));
    this.do("buyer", this.buyer.tick(this.nowMs));
  }

  /** Lets everything under way arrive and run. */
  settle(): void {
    for (;;) {
      if (this.wire.provider.length > 0) this.deliver("provider");
      else if (this.wire.buyer.length > 0) this.deliver("buyer");
      else if (this.executions.length > 0) this.execute();
      else return;
    }
  }

  /** A co-signed state over everything acknowledged. */
  checkpoint(): void {
    this.tick(this.provider.policy.checkpointMs);
    this.settle();
  }

  last<T extends Effect["type"]>(side: Side, type: T): Extract<Effect, { type: T }> | undefined {
    return this.effects[side].findLast((effect) => effect.type === type) as Extract<Effect, { type: T }> | undefined;
  }

  sent<T extends SessionMessage["type"]>(side: Side, type: T): Extract<SessionMessage, { type: T }>[] {
    const messages: SessionMessage[] = [];
    for (const effect of this.effects[side]) {
      if (effect.type === "send" && effect.message.type === type) messages.push(effect.message);
    }
    return messages as Extract<SessionMessage, { type: T }>[];
  }
}
