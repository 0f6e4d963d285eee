import { DemecError, type SessionState, type SignedState } from "@demec/protocol";
import type { SessionParams } from "./types.ts";

/** A session and a state that both sides signed. */
export interface CosignedParameters {
  readonly params: SessionParams;
  readonly signed: SignedState;
}

const ZERO_HASH = `0x${"00".repeat(32)}` as const;

/** Stands for 'no state' where the contracts take one. */
export const noState: SessionState = {
  sessionId: ZERO_HASH,
  seq: 0n,
  creditsUsed: 0n,
  invocations: 0n,
  breaches: 0n,
  receiptsRoot: ZERO_HASH,
  isFinal: false,
};

/** Arguments of the escrow's functions that take a co-signed state. @throws chain/not-cosigned */
export function cosignedArguments({ params, signed }: CosignedParameters) {
  const { state, operatorSig, sessionKeySig } = signed;
  if (operatorSig === null || sessionKeySig === null) {
    throw new DemecError("chain/not-cosigned", `State ${state.seq} of session ${state.sessionId} lacks a signature.`, {
      details: { sessionId: state.sessionId, seq: state.seq },
    });
  }
  return [params, state, operatorSig, sessionKeySig] as const;
}
