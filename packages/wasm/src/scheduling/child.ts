import type { DemecError } from "@demec/protocol/errors";
import type { ExecutionOutcome, ExecutionRequest } from "@demec/protocol/execution";
import type { ModuleInfo } from "../engine.ts";
import type { KnownModule } from "./job.ts";

/** What a child says. */
export type ChildAnswer =
  | { readonly type: "loaded"; readonly info: ModuleInfo }
  | { readonly type: "outcome"; readonly outcome: ExecutionOutcome & { readonly durationMs: number } }
  | { readonly type: "refused"; readonly error: DemecError }
  /** A streamed call has room for so much more input, or has written output; its outcome is yet to come. */
  | { readonly type: "pull"; readonly bytes: number }
  | { readonly type: "output"; readonly bytes: Uint8Array };

/** Why a child is gone. */
export type ExitReason = "crashed" | "deadline" | "out-of-memory" | "closed";

export interface ChildEvents {
  /** It has started and begins with what it was sent. */
  onReady(): void;
  onAnswer(answer: ChildAnswer): void;
  /** After the answers of one read. */
  onBatch(): void;
  onExit(reason: ExitReason): void;
}

export interface ChildCall {
  readonly moduleId: number;
  /** By `performance.now()` here: the child does not begin later than this. */
  readonly deadlineAt: number;
  readonly request: ExecutionRequest;
}

/**
 * What runs strangers' modules, one call at a time and in order, and can be ended at any moment: a process, or a worker of a
 * browser. It answers every `load` and `run` with one answer, in their order.
 */
export abstract class Child {
  /** Modules it has compiled or will have before it begins with what it is sent next. */
  readonly loaded = new Set<number>();
  /** Set by its owner before it is used; a spare has none. */
  events: ChildEvents | undefined;
  isReady = false;
  /** Of its process; undefined where it has none, or not yet. */
  abstract readonly pid: number | undefined;
  /** Its engine ends a call whose time is over. */
  abstract readonly stopsItself: boolean;
  /** Settled when nothing of it is left. */
  abstract readonly gone: Promise<void>;
  abstract readonly hasExited: boolean;
  /** Modules that it is to load before anything else. */
  private readonly preloading: number[] = [];

  protected abstract sendLoad(module: KnownModule): void;
  protected abstract sendDrop(moduleId: number): void;
  abstract run(call: ChildCall, isStreamed: boolean): void;
  /** Next input of the running streamed call; empty: its end. */
  abstract sendInput(bytes: Uint8Array): void;
  /** Reads no more answers for now, so that the child waits when it has written much. */
  abstract pause(): void;
  abstract resume(): void;
  /** Has it send the answers that it holds back, though it is busy. */
  abstract nudge(): void;
  abstract kill(reason: ExitReason): void;
  /** Resident memory; 0 where nobody tells. */
  abstract rssBytes(): number;

  load(module: KnownModule): void {
    this.loaded.add(module.id);
    this.sendLoad(module);
  }

  /** Has a spare load a module that it is likely to need; nobody waits for the answer. */
  preload(module: KnownModule): void {
    this.preloading.push(module.id);
    this.load(module);
  }

  /** Makes it forget a module. */
  drop(moduleId: number): void {
    if (this.loaded.delete(moduleId)) this.sendDrop(moduleId);
  }

  protected started(): void {
    this.isReady = true;
    this.events?.onReady();
  }

  /** @throws on an answer that a child in good health would not give */
  protected answered(answer: ChildAnswer): void {
    const preloaded = this.preloading.shift();
    if (preloaded !== undefined) {
      if (answer.type !== "loaded") this.loaded.delete(preloaded);
      // What it has been given meanwhile begins now.
      this.events?.onReady();
    } else if (this.events === undefined) throw new Error("an answer that nobody asked for");
    else this.events.onAnswer(answer);
  }
}
