import type { Deployment, SessionParams } from "@demec/chain";
import type { Hex } from "@demec/protocol";
import { failureOf } from "../wallet/useTransact.ts";
import type { Check } from "./verify.ts";

/** Of so many endpoints a majority has to agree. */
const quorumOf = (endpoints: number): number => Math.floor(endpoints / 2) + 1;

/**
 * The session as a block has it that most of the endpoints agree on, by proof against that block's state root. Null where
 * there is one endpoint alone: nobody could contradict it.
 */
export async function proveOnChain(
  deployment: Deployment,
  rpcUrls: readonly string[],
  { sessionId, params }: { readonly sessionId: Hex; readonly params: SessionParams },
): Promise<Check | null> {
  if (rpcUrls.length < 2) return null;
  const quorum = quorumOf(rpcUrls.length);
  const claim = `${quorum} of ${rpcUrls.length} endpoints prove that session against one block`;
  try {
    const { createLightClient } = await import("@demec/chain/light");
    const light = createLightClient({ deployment, nodes: rpcUrls, quorum, depth: 0 });
    const { value, block, unverified, refused } = await light.session(sessionId, params);
    return {
      claim,
      holds: true,
      evidence: [
        ["block", `${block.number} ${block.hash}`],
        ["state root", block.stateRoot],
        ["session is", value.status],
        ...unverified.map((what) => ["not proved", what] as const),
        ...refused.map(({ rpc, reason }) => ["not believed", `${rpc}: ${reason}`] as const),
      ],
    };
  } catch (error) {
    const { what, next } = failureOf(error);
    return { claim, holds: false, evidence: [["why not", `${what} ${next}`]] };
  }
}
