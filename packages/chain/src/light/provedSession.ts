import { DemecError, type Hex } from "@demec/protocol";
import { sessionIdOf } from "../sessionId.ts";
import { SESSION_STATUSES } from "../sessionStatus.ts";
import type { Session, SessionParams } from "../types.ts";
import type { Answers, Question } from "./stateProver.ts";

/** A session whose every field is proved: its parameters hash to its id, the rest is stored. */
export interface ProvedSession extends Omit<Session, "openedInBlock"> {
  /** Struct hash of the newest state that the chain has seen; zero: none. */
  readonly stateHash: Hex;
  /** A demand waits for its answer. */
  readonly demanded: boolean;
  /** Its bond was slashed. */
  readonly slashed: boolean;
}

/** Flags of `SlaEscrow`. */
const DEMANDED = 8n;
const SLASHED = 16n;

/** What has to be read of a session. */
export function sessionQuestions(sessionId: Hex) {
  return {
    progress: { contract: "escrow", variable: "progressOf", keys: [sessionId] },
    stateHash: { contract: "escrow", variable: "stateHashes", keys: [sessionId] },
  } as const satisfies Record<string, Question>;
}

/** What `SlaEscrow.getSession` makes of the same slots. @throws chain/unknown-session */
export function sessionFrom(
  { stored }: Answers<keyof ReturnType<typeof sessionQuestions>>,
  sessionId: Hex,
  params: SessionParams,
): ProvedSession {
  const progress = stored.progress as Record<"status" | "flags" | "deadline" | "seq" | "collected", bigint>;
  const status = SESSION_STATUSES[Number(progress.status)];
  if (status === undefined || sessionIdOf(params) !== sessionId) {
    throw new DemecError("chain/unknown-session", `No session ${sessionId} was opened with these parameters.`, {
      details: { sessionId },
    });
  }
  return {
    sessionId,
    params,
    status,
    deadline: Number(progress.deadline),
    seq: progress.seq,
    collected: progress.collected,
    stateHash: stored.stateHash as Hex,
    demanded: (progress.flags & DEMANDED) !== 0n,
    slashed: (progress.flags & SLASHED) !== 0n,
  };
}
