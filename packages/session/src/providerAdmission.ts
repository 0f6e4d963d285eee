import { type AnnouncedInvoke, type ExecutionRequest, inputBytes, type Limits } from "@demec/protocol";
import type { Core } from "./core.ts";
import type { ProviderCalls } from "./providerCalls.ts";
import { heldBytes, refusalOf, WorstCase } from "./worstCase.ts";

/** What decides whether a call may start: known when it has come, or from its announcement. */
export interface Applicant {
  readonly callId: number;
  readonly limits: Limits;
  readonly inputLength: bigint;
  /** Bytes of it that come with the call. */
  readonly heldBytes: number;
  readonly deadlineMs: number;
}

/** A call is taken at its worst case, or refused in a fault. */
export type Verdict =
  | { readonly credits: bigint }
  | { readonly credits: null; readonly code: string; readonly message: string; readonly breach: boolean };

export const FAULTED = "The call ended in a fault.";

/** Decides whether the provider takes a call: by the state of the session, the credits left, and its exposure policy. */
export class ProviderAdmission {
  readonly #core: Core;
  readonly #calls: ProviderCalls;
  readonly #worstCase: WorstCase;

  constructor(core: Core, calls: ProviderCalls) {
    this.#core = core;
    this.#calls = calls;
    this.#worstCase = new WorstCase(core.terms);
  }

  /** @param isClosing no call that comes new is taken any more */
  judge({ callId, limits, inputLength, heldBytes, deadlineMs }: Applicant, isClosing: boolean): Verdict {
    const { ledger, terms, policy } = this.#core;
    if (ledger.halt !== null) return refused("session/halted", ledger.halt.message);
    if (ledger.hasFault(callId)) return refused("session/faulted", FAULTED, true);
    if (isClosing || ledger.final) return refused("session/closing", "The session is closing.");
    const credits = this.#worstCase.credits({ limits }, inputLength, deadlineMs);
    const load = {
      creditsUsed: ledger.creditsUsed,
      chargeable: this.#calls.occupied + ledger.uncoveredCredits,
      writtenOff: ledger.writtenOff,
      inFlight: this.#calls.size,
      heldBytes: this.#calls.inputBytes,
    };
    const refusal = refusalOf(terms, policy, load, credits, heldBytes);
    return refusal === null ? { credits } : refused(refusal.code, refusal.message);
  }
}

function refused(code: string, message: string, breach = false): Verdict {
  return { credits: null, code, message, breach };
}

/** A call that has come. */
export function applicantOf(callId: number, request: ExecutionRequest, deadlineMs: number): Applicant {
  const inputLength = inputBytes(request);
  return { callId, limits: request.limits, inputLength, heldBytes: heldBytes(request, inputLength), deadlineMs };
}

/** A call that is to come in fragments: what of its input is none of the message travels by content. */
export function applicantAnnounced({
  callId,
  limits,
  inputBytes,
  messageBytes,
  deadlineMs,
}: AnnouncedInvoke): Applicant {
  const held = Math.min(inputBytes, messageBytes);
  return { callId, limits, inputLength: BigInt(inputBytes), heldBytes: held, deadlineMs };
}
