import type { Hex, NewestStates, SessionMessage, SignedState } from "@demec/protocol";
import type { Effect, Halt } from "./effects.ts";
import type { Snapshot } from "./journal.ts";
import { Ledger, type ProvenReceipt } from "./ledger.ts";
import type { JournalRecord } from "./records.ts";
import { type Comparison, type Signer, signerOf } from "./states.ts";
import { assertPolicy, assertTerms, type ExposurePolicy, type SessionTerms } from "./terms.ts";

/** What one end of a session is made with. */
export interface SessionOptions {
  readonly terms: SessionTerms;
  readonly policy: ExposurePolicy;
  /** What the journal kept of the session; null or absent for a new one. */
  readonly restored?: Snapshot | null | undefined;
}

/** What both engines are built on: terms, keys, the ledger, and the emission of effects in the right order. */
export class Core {
  readonly terms: SessionTerms;
  readonly policy: ExposurePolicy;
  readonly sign: Signer;
  readonly ledger: Ledger;
  attached = false;

  constructor(options: SessionOptions, address: Hex, key: Hex | Signer) {
    assertTerms(options.terms);
    assertPolicy(options.policy);
    this.terms = options.terms;
    this.policy = options.policy;
    this.sign = signerOf(address, key);
    this.ledger = new Ledger(options.terms, options.restored ?? undefined);
  }

  /** Sends while attached. What is due when detached is sent anew on attaching. */
  send(message: SessionMessage, out: Effect[]): void {
    if (this.attached) out.push({ type: "send", message });
  }

  note(record: JournalRecord, out: Effect[]): void {
    this.ledger.apply(record);
    out.push({ type: "note", record });
  }

  persist(record: JournalRecord, out: Effect[]): void {
    this.ledger.apply(record);
    out.push({ type: "persist", record });
  }

  /** Ends the session at its newest state. */
  halt(code: string, message: string, out: Effect[]): void {
    this.persist({ type: "halted", code, message }, out);
    out.push({ type: "halt", code, message });
  }

  /** Tells of a state that just got its second signature. */
  tellCosigned(out: Effect[]): void {
    const state = this.ledger.full!;
    out.push({ type: "cosigned", state });
    if (state.state.isFinal) out.push({ type: "closed", state });
  }

  /** Keeps a newer valid state for settlement, and says why the session can't go on after a comparison; null if it can. */
  adopt(seen: Comparison, out: Effect[]): Halt | null {
    switch (seen.type) {
      case "forged":
        return { code: "session/foreign-key", message: seen.message };
      case "rolledBack":
        return { code: "session/rolled-back", message: seen.message };
      case "ahead": {
        this.persist({ type: "adopted", signed: seen.signed }, out);
        this.tellCosigned(out);
        const message = `The other side shows state ${seen.signed.state.seq}, which this journal can't explain.`;
        return { code: "session/rolled-back", message };
      }
      default:
        return null;
    }
  }
}

/** What can be asked of either end. */
export abstract class SessionEnd {
  protected readonly core: Core;

  constructor(core: Core) {
    this.core = core;
  }

  get terms(): SessionTerms {
    return this.core.terms;
  }
  get policy(): ExposurePolicy {
    return this.core.policy;
  }
  /** Newest state with both signatures: what to settle at. */
  get state(): SignedState | null {
    return this.core.ledger.full;
  }
  /** Credits of the newest full state. */
  get creditsUsed(): bigint {
    return this.core.ledger.creditsUsed;
  }
  /** Why the session takes no further work, or null. */
  get halted(): Halt | null {
    return this.core.ledger.halt;
  }
  /** Whether the final state carries both signatures. */
  get closed(): boolean {
    return this.core.ledger.final;
  }
  /** Acknowledged results that no full state covers yet. */
  get uncovered(): number {
    return this.core.ledger.uncovered.size;
  }
  /** Credits at risk: calls in flight at their worst, results that no full state covers, and what was written off. */
  abstract get exposure(): bigint;
  /** Calls without their end: unanswered (buyer), running or unacknowledged (provider). */
  abstract get inFlight(): number;

  /** Receipt of a co-signed call with its proof under the newest full state, or null. */
  receiptFor(callId: number): ProvenReceipt | null {
    return this.core.ledger.prove(callId);
  }

  /** What to show when attaching. Await all persisting first: what is shown must be durable. */
  newest(): NewestStates {
    return this.core.ledger.newest();
  }

  /** The connection is gone. What was under way is sent anew on the next one. */
  detach(): Effect[] {
    this.core.attached = false;
    return [];
  }
}
