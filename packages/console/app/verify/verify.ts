// A receipt, checked link by link, from the program to the session on chain. Nothing the provider says is taken on trust.
import { getSession, type ReadClient } from "@demec/chain";
import { assertSigned, creditsUp, type ExecutionRequest } from "@demec/protocol";
import { type CallResult, type ReceiptLinks, receiptLinks, type Service } from "@demec/sdk";
import { bytesToHex } from "viem";
import type { Settings } from "../settings.ts";
import { proveOnChain } from "./proveOnChain.ts";

/** One link of the chain of proof. */
export interface Check {
  /** What is claimed, in plain words. */
  readonly claim: string;
  readonly holds: boolean;
  /** What was compared. */
  readonly evidence: readonly (readonly [name: string, value: string])[];
}

export interface Verified {
  readonly checks: readonly Check[];
  /** What the chain says, one endpoint alone has told. */
  readonly trustsOne: boolean;
}

/** @throws sdk/not-cosigned, sdk/provider-lost while no state covers the call; chain/rpc */
export async function verify(
  client: ReadClient,
  settings: Settings,
  { service, request, result }: { service: Service; request: ExecutionRequest; result: CallResult },
): Promise<Verified> {
  const { deployment } = settings;
  const { terms } = service;
  const { session, callId } = result;
  const { sessionId } = session;
  const proven = await session.prove(callId);
  const { receipt, leafIndex, path, size, state } = proven;
  const onChain = await getSession(client, deployment, sessionId);
  const { params } = onChain;
  const { codeHash } = terms;
  const links = receiptLinks({ deployment, params, sessionId, codeHash, request, result, proven });
  const hold = (...names: (keyof ReceiptLinks)[]) => names.every((name) => links[name].holds);
  const credits = creditsUp(terms.tariff, receipt.usage);
  const isSignedHere = () => {
    if (state.sessionKeySig === null) return false;
    try {
      const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow };
      assertSigned(params.sessionKey, domain, "SessionState", state.state, state.sessionKeySig);
      return true;
    } catch {
      return false;
    }
  };
  const checks: Check[] = [
    {
      claim: "It is for this program with this input, and nothing else",
      holds: hold("execution"),
      evidence: [
        ["program, as on chain", codeHash],
        ["computed here", links.execution.expected],
        ["in the receipt", links.execution.found],
      ],
    },
    {
      claim: "The result you see is the one that was signed for",
      holds: hold("output", "status"),
      evidence: [
        ["computed here", links.output.expected],
        ["in the receipt", links.output.found],
      ],
    },
    {
      claim: "You were charged what the service’s rates say",
      holds: credits === result.credits,
      evidence: [
        ["rates × work", `${credits} credit units`],
        ["charged", `${result.credits} credit units`],
      ],
    },
    {
      claim: `The receipt is number ${leafIndex + 1} of ${size} in the session’s tree`,
      holds: hold("path"),
      evidence: [
        ["leaf", links.path.found],
        ...path.map((node, index) => [`step ${index + 1}`, bytesToHex(node)] as const),
        ["root", links.path.expected],
      ],
    },
    {
      claim: `The provider signed that root, as state ${state.state.seq} of the session`,
      holds: hold("root", "operator"),
      evidence: [
        ["provider’s key", links.operator.expected],
        ["signature", links.operator.found],
      ],
    },
    {
      claim: "You signed the same state",
      holds: isSignedHere(),
      evidence: [
        ["your session’s key", params.sessionKey],
        ["signature", state.sessionKeySig ?? "none"],
      ],
    },
    {
      claim: "The chain knows the session and both keys",
      holds: hold("session", "state"),
      evidence: [
        ["session", sessionId],
        ["opened in block", String(onChain.openedInBlock)],
        ["it is", onChain.status],
      ],
    },
  ];
  const proved = await proveOnChain(settings, { sessionId, params });
  return { checks: proved === null ? checks : [...checks, proved], trustsOne: proved === null };
}
