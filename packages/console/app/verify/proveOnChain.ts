import type { SessionOpening } from "@demec/chain";
import { lightClientOf, lightOptionsOf, proveSession } from "../chain/light.ts";
import type { Settings } from "../settings.ts";
import { failureOf } from "../wallet/useTransact.ts";
import type { Check } from "./verify.ts";

/**
 * The session as a block has it that most of the endpoints agree on, by proof against that block's state root. Null where
 * there is one endpoint alone: nobody could contradict it.
 */
export async function proveOnChain(
  settings: Settings,
  session: Pick<SessionOpening, "sessionId" | "params">,
): Promise<Check | null> {
  const options = lightOptionsOf(settings);
  if (options === undefined) return null;
  const claim = `${options.quorum} of ${options.nodes.length} endpoints prove that session against one block`;
  try {
    const light = await lightClientOf(settings, options);
    const { value, block, unverified, refused } = await proveSession(light, session);
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
