import { DemecError } from "@demec/protocol";
import { type ReceiptLinks, receiptLinks, type VerifyReceiptParameters } from "./receiptLinks.ts";

const FAULTS: Readonly<Record<keyof ReceiptLinks, string>> = {
  session: "the session's parameters are another session's",
  execution: "it is for another execution",
  output: "it is for another result",
  status: "it tells of another end",
  path: "its path does not lead to the root",
  root: "the root is not the one that was signed",
  state: "the state is of another session",
  operator: "the operator has not signed the state",
};

/**
 * Checks, trusting nothing but the chain's word on the session, that the provider's operator signed for exactly this
 * execution with exactly this result. `receiptLinks` shows what was compared.
 * @throws sdk/bad-receipt naming the first link that does not hold
 */
export function verifyReceipt(parameters: VerifyReceiptParameters): void {
  const { sessionId, proven } = parameters;
  const links = receiptLinks(parameters);
  const broken = (Object.keys(FAULTS) as (keyof ReceiptLinks)[]).find((name) => !links[name].holds);
  if (broken === undefined) return;
  const { leafIndex } = proven;
  const fault = FAULTS[broken];
  const { expected, found } = links[broken];
  throw new DemecError("sdk/bad-receipt", `The receipt of call ${leafIndex} does not hold: ${fault}.`, {
    details: { sessionId, leafIndex, link: fault, expected, found },
  });
}
