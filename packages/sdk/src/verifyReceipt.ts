import { type Deployment, type SessionParams, sessionIdOf } from "@demec/chain";
import {
  assertSigned,
  DemecError,
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

/**
 * Checks, trusting nothing but the chain's word on the session, that the provider's operator signed for exactly this
 * execution with exactly this result.
 * @throws sdk/bad-receipt naming the link that does not hold; protocol/bad-signature
 */
export function verifyReceipt({
  deployment,
  params,
  sessionId,
  codeHash,
  request,
  result,
  proven,
}: VerifyReceiptParameters): void {
  const { receipt, leafIndex, path, size, root, state } = proven;
  const fail = (link: string) => {
    throw new DemecError("sdk/bad-receipt", `The receipt of call ${leafIndex} does not hold: ${link}.`, {
      details: { sessionId, leafIndex, link },
    });
  };
  if (sessionIdOf(params) !== sessionId) fail("the session's parameters are another session's");
  const { executionHash, outputHash } = resultHashes(hexToBytes(codeHash), request, result);
  if (bytesToHex(receipt.executionHash) !== bytesToHex(executionHash)) fail("it is for another execution");
  if (bytesToHex(receipt.outputHash) !== bytesToHex(outputHash)) fail("it is for another result");
  if (statusName(receipt.status) !== result.status) fail("it tells of another end");
  if (!verifyReceiptProof(root, size, leafIndex, receiptLeaf(receipt), path))
    fail("its path does not lead to the root");
  if (state.state.receiptsRoot !== bytesToHex(root)) fail("the root is not the one that was signed");
  if (state.state.sessionId !== sessionId) fail("the state is of another session");
  if (state.operatorSig === null) fail("the operator has not signed the state");
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow };
  assertSigned(params.operator, domain, "SessionState", state.state, state.operatorSig!);
}
