import { DemecError, type Hex } from "@demec/protocol";
import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import { getContractEvents } from "../reads.ts";
import { SESSION_STATUSES } from "../sessionStatus.ts";
import type { ReadClient, Session } from "../types.ts";

/** A session: what was fixed when it opened, from its event, and what has changed since. @throws chain/unknown-session */
export async function getSession(client: ReadClient, deployment: Deployment, sessionId: Hex): Promise<Session> {
  const [[log], { status, deadline, seq, collected }] = await Promise.all([
    getContractEvents(client, {
      address: deployment.escrow,
      abi: slaEscrowAbi,
      eventName: "SessionOpened",
      args: { sessionId },
      fromBlock: deployment.deploymentBlock,
      strict: true,
    }),
    read(client, {
      address: deployment.escrow,
      abi: slaEscrowAbi,
      functionName: "getSession",
      args: [sessionId],
    }),
  ]);
  const statusName = SESSION_STATUSES[status];
  if (log === undefined || statusName === undefined) {
    throw new DemecError(
      "chain/unknown-session",
      `No session ${sessionId} was opened on chain ${deployment.chainId}.`,
      {
        details: { sessionId, escrow: deployment.escrow },
      },
    );
  }
  return {
    sessionId,
    params: log.args.params,
    status: statusName,
    deadline,
    seq,
    collected,
    openedInBlock: log.blockNumber,
  };
}
