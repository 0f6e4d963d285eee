// A receipt, checked link by link, from the program to the session on chain. Nothing the provider says is taken on trust.
import { getSession, moduleHashOf, type ReadClient, sessionIdOf } from "@demec/chain";
import {
  assertSigned,
  creditsUp,
  type ExecutionRequest,
  receiptLeaf,
  statusName,
  verifyReceiptProof,
} from "@demec/protocol";
import type { CallResult, Service } from "@demec/sdk";
import { resultHashes } from "@demec/session";
import { bytesToHex, type Hex } from "viem";
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
  const { session, callId } = result;
  const proven = await session.prove(callId);
  const { receipt, leafIndex, path, size, root, state } = proven;
  const onChain = await getSession(client, deployment, session.sessionId);
  const { params } = onChain;
  const moduleHash = moduleHashOf(service.terms) ?? new Uint8Array(32);
  const { executionHash, outputHash } = resultHashes(moduleHash, request, result);
  const credits = creditsUp(service.terms.tariff, receipt.usage);
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow };
  const signed = (signer: Hex, signature: Hex | null) => {
    if (signature === null) return false;
    try {
      assertSigned(signer, domain, "SessionState", state.state, signature);
      return true;
    } catch {
      return false;
    }
  };
  const same = (a: Uint8Array, b: Uint8Array) => bytesToHex(a) === bytesToHex(b);
  const checks: Check[] = [
    {
      claim: "It is for this program with this input, and nothing else",
      holds: same(receipt.executionHash, executionHash),
      evidence: [
        ["program, as on chain", service.terms.codeHash],
        ["computed here", bytesToHex(executionHash)],
        ["in the receipt", bytesToHex(receipt.executionHash)],
      ],
    },
    {
      claim: "The result you see is the one that was signed for",
      holds: same(receipt.outputHash, outputHash) && statusName(receipt.status) === result.status,
      evidence: [
        ["computed here", bytesToHex(outputHash)],
        ["in the receipt", bytesToHex(receipt.outputHash)],
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
      holds: verifyReceiptProof(root, size, leafIndex, receiptLeaf(receipt), path),
      evidence: [
        ["leaf", bytesToHex(receiptLeaf(receipt))],
        ...path.map((node, index) => [`step ${index + 1}`, bytesToHex(node)] as const),
        ["root", bytesToHex(root)],
      ],
    },
    {
      claim: `The provider signed that root, as state ${state.state.seq} of the session`,
      holds: state.state.receiptsRoot === bytesToHex(root) && signed(params.operator, state.operatorSig),
      evidence: [
        ["provider’s key", params.operator],
        ["signature", state.operatorSig ?? "none"],
      ],
    },
    {
      claim: "You signed the same state",
      holds: signed(params.sessionKey, state.sessionKeySig),
      evidence: [
        ["your session’s key", params.sessionKey],
        ["signature", state.sessionKeySig ?? "none"],
      ],
    },
    {
      claim: "The chain knows the session and both keys",
      holds: sessionIdOf(params) === session.sessionId && state.state.sessionId === session.sessionId,
      evidence: [
        ["session", session.sessionId],
        ["opened in block", String(onChain.openedInBlock)],
        ["it is", onChain.status],
      ],
    },
  ];
  const proved = await proveOnChain(settings, { sessionId: session.sessionId, params });
  return { checks: proved === null ? checks : [...checks, proved], trustsOne: proved === null };
}
