import { type Deployment, getSession, type ReadClient, type Session } from "@demec/chain";
import { type Address, type Attach, assertSigned, DemecError, type Hex } from "@demec/protocol";
import { getBlockNumber } from "viem/actions";

export interface AdmissionOptions {
  readonly client: ReadClient;
  readonly deployment: Deployment;
  readonly owner: Address;
  readonly operator: Address;
  /** Blocks on top of the opening's before a session counts. */
  readonly confirmations: number;
}

/**
 * Decides by the chain whether an attachment is one to serve: the session is open, ours, deep enough, and whoever
 * attaches holds its session key on this very connection.
 * @throws chain/unknown-session, provider/foreign-session, provider/session-not-open, protocol/bad-signature: final
 * @throws provider/session-too-shallow: later it counts
 */
export async function admit(
  { client, deployment, owner, operator, confirmations }: AdmissionOptions,
  { sessionId, signature }: Pick<Attach, "sessionId" | "signature">,
  handshakeHash: Hex,
): Promise<Session> {
  const session = await getSession(client, deployment, sessionId);
  const { params, status, openedInBlock } = session;
  if (!sameAddress(params.provider, owner) || !sameAddress(params.operator, operator)) {
    throw new DemecError(
      "provider/foreign-session",
      `Session ${sessionId} was opened with ${params.provider}, operator ${params.operator}.`,
      {
        details: { sessionId, provider: params.provider, operator: params.operator },
      },
    );
  }
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow };
  assertSigned(params.sessionKey, domain, "ChannelAttachment", { sessionId, handshakeHash }, signature);
  if (status !== "open") {
    throw new DemecError("provider/session-not-open", `Session ${sessionId} is ${status}.`, {
      details: { sessionId, status },
    });
  }
  if (confirmations > 0) {
    const depth = (await getBlockNumber(client, { cacheTime: 0 })) - openedInBlock;
    if (depth < BigInt(confirmations)) {
      throw new DemecError(
        "provider/session-too-shallow",
        `Session ${sessionId} is ${depth} of ${confirmations} blocks deep.`,
        {
          details: { sessionId, depth, confirmations },
        },
      );
    }
  }
  return session;
}

function sameAddress(left: Address, right: Address): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
