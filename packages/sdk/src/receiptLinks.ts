import { type Deployment, type SessionParams, sessionIdOf } from "@demec/chain";
import {
  assertSigned,
  type ExecutionRequest,
  receiptLeaf,
  type StatusName,
  type StreamedEnd,
  statusName,
  verifyReceiptProof,
} from "@demec/protocol";
import { type ProvenReceipt, resultHashes } from "@demec/session";
import { bytesToHex, type Hex, hexToBytes } from "viem";

export interface VerifyReceiptParameters {
  readonly deployment: Deployment;
  /** The session as the chain has it. */
  readonly params: SessionParams;
  readonly sessionId: Hex;
  /** SHA-256 of the module as published; the service's `codeHash`. */
  readonly codeHash: Hex;
  readonly request: ExecutionRequest;
  readonly result: {
    readonly status: StatusName;
    readonly exitCode: number;
    readonly output: Uint8Array;
    readonly stderr: Uint8Array;
    /** Of a streamed call; a digest of what came of it is the caller's to check against `stdoutHash`. */
    readonly streamed?: StreamedEnd | undefined;
  };
  readonly proven: ProvenReceipt;
}

/** One thing that has to be so, for people to look at. */
export interface ReceiptLink {
  readonly holds: boolean;
  /** As computed here, or as the chain has it. */
  readonly expected: string;
  /** As the receipt, or the state over it, has it. */
  readonly found: string;
}

/** What binds a result to a session that the chain knows, in the order in which it is looked at. */
export type ReceiptLinks = Readonly<
  Record<"session" | "execution" | "output" | "status" | "path" | "root" | "state" | "operator", ReceiptLink>
>;

/**
 * Everything that `verifyReceipt` checks, each with what was compared: that the parameters are the session's; that the
 * receipt is for this execution, with this output and this end; that its path leads to a root; that this root and session
 * are those of the state, and the operator has signed it.
 */
export function receiptLinks(parameters: VerifyReceiptParameters): ReceiptLinks {
  const { deployment, params, sessionId, codeHash, request, result, proven } = parameters;
  const { receipt, leafIndex, path, size, root, state } = proven;
  const { executionHash, outputHash } = resultHashes(hexToBytes(codeHash), request, result);
  const leaf = receiptLeaf(receipt);
  const rootHex = bytesToHex(root);
  return {
    session: link(sessionId, sessionIdOf(params)),
    execution: link(bytesToHex(executionHash), bytesToHex(receipt.executionHash)),
    output: link(bytesToHex(outputHash), bytesToHex(receipt.outputHash)),
    status: link(result.status, statusName(receipt.status) ?? String(receipt.status)),
    path: { holds: verifyReceiptProof(root, size, leafIndex, leaf, path), expected: rootHex, found: bytesToHex(leaf) },
    root: link(rootHex, state.state.receiptsRoot),
    state: link(sessionId, state.state.sessionId),
    operator: {
      holds: isSigned(params.operator, deployment, proven),
      expected: params.operator,
      found: state.operatorSig ?? "none",
    },
  };
}

const link = (expected: string, found: string): ReceiptLink => ({ holds: expected === found, expected, found });

function isSigned(operator: Hex, deployment: Deployment, { state: { state, operatorSig } }: ProvenReceipt): boolean {
  if (operatorSig === null) return false;
  try {
    const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow };
    assertSigned(operator, domain, "SessionState", state, operatorSig);
    return true;
  } catch {
    return false;
  }
}
