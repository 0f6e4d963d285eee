import { type Deployment, listUnsettledSessions, type ReadClient, toDemecError } from "@demec/chain";
import { isDemecError } from "@demec/protocol";
import { readContract } from "viem/actions";
import type { Condition } from "./condition.ts";
import { decide, type Fact, meets, questionOf, type Situation } from "./facts.ts";

/** Tells whether a condition holds for an account, by whatever knows. @throws what makes it impossible to say */
export type Oracle = (condition: Condition, situation: Situation) => Promise<boolean>;

/**
 * Reads a condition's facts from the chain at its newest block. What a contract doesn't answer doesn't hold, and neither
 * does its opposite.
 * @throws chain/rpc
 */
export function chainOracle(client: ReadClient, deployment: Deployment): Oracle {
  const read = async (fact: Fact): Promise<boolean> => {
    const { contract: address, abi, args } = fact;
    try {
      return meets(fact, (await readContract(client, { address, abi: [abi], functionName: abi.name, args })) as never);
    } catch (cause) {
      const error = toDemecError(cause);
      if (isDemecError(error, "chain/rpc")) throw error;
      return false;
    }
  };
  return (condition, situation) => {
    const { account, serviceId, provider } = situation;
    return decide(questionOf(condition, situation, deployment), async (leaf) => {
      if (leaf.type === "fact") return read(leaf);
      const sessions = await listUnsettledSessions(client, deployment, { buyer: account, provider });
      return sessions.some(({ params }) => params.serviceId === serviceId) === leaf.holds;
    });
  };
}
