import { DemecError, type Hex, type SessionMessage } from "@demec/protocol";
import type { Effect } from "./effects.ts";
import type { Journal } from "./journal.ts";
import type { JournalRecord } from "./records.ts";

type Of<T extends Effect["type"]> = Extract<Effect, { type: T }>;

/** Who performs a session's effects. Handlers are called synchronously and must not throw. */
export interface EffectHandlers {
  readonly sessionId: Hex;
  readonly journal: Pick<Journal, "append">;
  /** On the connection that the session is attached to now. */
  send(message: SessionMessage): void;
  /** Provider only. */
  execute?(effect: Of<"execute">): void;
  cancelExecution?(callId: number): void;
  /** Buyer only. */
  resolve?(effect: Of<"resolve">): void;
  cosigned?(effect: Of<"cosigned">): void;
  closed?(effect: Of<"closed">): void;
  halt?(effect: Of<"halt">): void;
  /** The journal failed: nothing that depended on it was done, nor will be. Stop serving the session. */
  failed(error: DemecError): void;
}

/** Effects behind one persist; the gate opens when it is durable. */
interface Gate {
  open: boolean;
  readonly effects: Effect[];
}

/**
 * Performs the effects of one session in order, waiting for the journal where the order demands it. Answers to calls
 * overtake whatever waits: they never depend on a signature. Appends start at once, so that the journal can group them.
 */
export class EffectPump {
  readonly #handlers: EffectHandlers;
  /** Gates in order; effects of later arrays line up behind the last. */
  readonly #gates: Gate[] = [];
  #notes: JournalRecord[] = [];
  /** Appends under way, and who waits until there are none. */
  #appends = 0;
  #waiters: (() => void)[] = [];
  /** What came while effects were being performed. */
  readonly #turns: (readonly Effect[] | "open gates")[] = [];
  #busy = false;
  #connection = 0;
  #failed = false;

  constructor(handlers: EffectHandlers) {
    this.#handlers = handlers;
  }

  /** Whether the journal failed. */
  get failed(): boolean {
    return this.#failed;
  }

  /**
   * Performs the effects of one input to the engine. Call it in the order of the inputs; a handler may call it too, and
   * what it adds comes after all that was there before.
   */
  run(effects: readonly Effect[]): void {
    if (effects.length > 0) this.#inTurn(effects);
  }

  #inTurn(work: readonly Effect[] | "open gates"): void {
    if (this.#busy) {
      this.#turns.push(work);
      return;
    }
    this.#busy = true;
    try {
      for (let next: typeof work | undefined = work; next !== undefined; next = this.#turns.shift()) {
        if (next === "open gates") this.#performOpen();
        else this.#run(next);
      }
    } finally {
      this.#busy = false;
    }
  }

  #performOpen(): void {
    while (this.#gates[0]?.open) {
      for (const effect of this.#gates.shift()!.effects) this.#perform(effect);
    }
  }

  #run(effects: readonly Effect[]): void {
    for (let i = 0; i < effects.length && !this.#failed; i++) {
      const effect = effects[i]!;
      if (effect.type === "persist" && effect.alone === true) {
        this.#runAlone(effect.record, effects.slice(i + 1));
        return;
      }
      if (effect.type === "persist") this.#close(effect.record);
      else if (effect.type === "note") this.#note(effect.record);
      else if (this.#gates.length === 0 || overtakes(effect)) this.#perform(effect);
      else this.#gates[this.#gates.length - 1]!.effects.push(effect);
    }
  }

  /** The connection is gone: what waits to be sent on it is dropped, because the engine sends it anew on the next one. */
  detach(): void {
    this.#connection++;
    for (const gate of this.#gates) {
      gate.effects.splice(0, gate.effects.length, ...gate.effects.filter((effect) => effect.type !== "send"));
    }
  }

  /** Resolves when everything run so far is durable and performed. Await it before showing `newest()`. */
  async flush(): Promise<void> {
    // Nobody waited for notes until now.
    if (this.#appends + this.#notes.length > 0 && !this.#failed) this.#write([], {});
    while (this.#appends > 0) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  #close(record: JournalRecord): void {
    const gate: Gate = { open: false, effects: [] };
    this.#gates.push(gate);
    this.#append(record, () => {
      gate.open = true;
      this.#inTurn("open gates");
    });
  }

  #runAlone(record: JournalRecord, rest: readonly Effect[]): void {
    const connection = this.#connection;
    this.#append(record, () => {
      this.run(connection === this.#connection ? rest : rest.filter((effect) => effect.type !== "send"));
    });
  }

  /** Notes of one turn are appended together, or with the next record that somebody waits for. */
  #note(record: JournalRecord): void {
    if (this.#notes.push(record) === 1) queueMicrotask(() => this.#writeNotes());
  }

  #writeNotes(): void {
    if (this.#notes.length > 0 && !this.#failed) this.#write([], { soon: true });
  }

  #append(record: JournalRecord, then: () => void): void {
    this.#write([record], {}, then);
  }

  #write(records: readonly JournalRecord[], options: { soon?: boolean }, then?: () => void): void {
    const { journal, sessionId } = this.#handlers;
    const all = this.#notes;
    for (const record of records) all.push(record);
    this.#notes = [];
    this.#appends++;
    journal.append(sessionId, all, options).then(
      () => this.#appended(then),
      (cause) => {
        this.#fail(cause);
        this.#appended();
      },
    );
  }

  #appended(then?: () => void): void {
    try {
      if (!this.#failed) then?.();
    } catch (cause) {
      this.#fail(cause);
    }
    if (--this.#appends > 0) return;
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #fail(cause: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#gates.length = 0;
    const what = `The journal of session ${this.#handlers.sessionId} couldn't be written.`;
    this.#handlers.failed(new DemecError("session/journal-failed", what, { cause }));
  }

  #perform(effect: Effect): void {
    const handlers = this.#handlers;
    switch (effect.type) {
      case "send":
        handlers.send(effect.message);
        return;
      case "execute":
        handlers.execute?.(effect);
        return;
      case "cancelExecution":
        handlers.cancelExecution?.(effect.callId);
        return;
      case "resolve":
        handlers.resolve?.(effect);
        return;
      case "cosigned":
        handlers.cosigned?.(effect);
        return;
      case "closed":
        handlers.closed?.(effect);
        return;
      case "halt":
        handlers.halt?.(effect);
        return;
      default:
        throw new TypeError(`${effect.type} is no effect to perform`);
    }
  }
}

/** Whether an effect is an answer to a call: it depends on no signature and waits for none. */
function overtakes(effect: Effect): boolean {
  if (effect.type === "send") return effect.message.type === "result" || effect.message.type === "fault";
  return effect.type === "resolve";
}
