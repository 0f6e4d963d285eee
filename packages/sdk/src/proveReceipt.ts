import type { LightClient, Proved, ProvedSession } from "@demec/chain/light";
import type { VerifyReceiptParameters } from "./receiptLinks.ts";
import { verifyReceipt } from "./verifyReceipt.ts";

export interface ProveReceiptParameters extends Omit<VerifyReceiptParameters, "codeHash"> {
  readonly light: LightClient;
  /** SHA-256 of a module of the buyer's own; that of the service's by default. */
  readonly codeHash?: VerifyReceiptParameters["codeHash"];
}

/**
 * Checks a receipt as `verifyReceipt` does, trusting no node: that its session is on chain, and which module its service
 * names, is proved.
 * @returns the session that it belongs to
 * @throws sdk/bad-receipt; chain/unknown-session; light/no-quorum, light/bad-proof
 */
export async function proveReceipt({
  light,
  codeHash,
  ...parameters
}: ProveReceiptParameters): Promise<Proved<ProvedSession>> {
  const { sessionId, params } = parameters;
  const [session, service] = await Promise.all([light.session(sessionId, params), light.service(params.serviceId)]);
  verifyReceipt({ ...parameters, codeHash: codeHash ?? service.value.codeHash });
  return {
    ...session,
    verified: [
      ...session.verified,
      "the receipt by its path to a root that the session's operator signed, and by hashing the call and its result",
    ],
    unverified: [...session.unverified, "that the module gives this result: run it to know"],
  };
}
