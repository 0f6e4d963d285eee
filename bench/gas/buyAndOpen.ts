// What it costs to buy credits and open a session with them in one transaction, by each method of payment.
import * as chain from "@demec/chain";
import { PAYMENT_METHODS, type PaymentMethod, signMessageOf } from "@demec/protocol";
import { privateKeyToAddress } from "viem/accounts";
import { CREDIT, escrowDomain, makeOffer, type TestChain, testKey, USD } from "../../test/support/market.ts";
import { approvePermit2, placePermit2 } from "../../test/support/permit2.ts";

const MAX_COST = 100n * USD;
const NOTES: Readonly<Record<PaymentMethod, string>> = {
  allowance: "approved before",
  permit: "approved in the same transaction",
  permit2: "Permit2 approved once",
  authorization: "ERC-3009; all of maxCost comes in, what is left over becomes a claim",
};

/** Gas of the second session of a buyer by each method: its nonces' words, claims and balances are not zero. */
export async function measureBuyAndOpen(
  market: TestChain,
  {
    buyer,
    operator,
    serviceId,
    provider,
  }: Readonly<{
    buyer: chain.WriteClient;
    /** Number of the operator's test key. */
    operator: number;
    serviceId: bigint;
    provider: chain.WriteClient;
  }>,
): Promise<readonly { method: PaymentMethod; gasUsed: bigint; note: string }[]> {
  const { deployment } = market;
  await placePermit2(market);
  await approvePermit2(market, buyer);
  // The first word of nonces belongs to the other figures.
  let nonce = 1n << 16n;
  const open = (method: PaymentMethod) => {
    const offer = makeOffer(serviceId, provider.account.address, { nonce: nonce++ });
    return chain.buyAndOpenSession(buyer, deployment, {
      method,
      offer,
      operatorSig: signMessageOf(testKey(operator), escrowDomain(deployment), "Offer", offer),
      credits: 100n * CREDIT,
      sessionKey: privateKeyToAddress(testKey(7)),
      maxCost: MAX_COST,
      nonce,
    });
  };
  const figures = [];
  for (const method of PAYMENT_METHODS) {
    if (method === "allowance") {
      const token = deployment.mockUsd;
      await chain.approveExact(buyer, deployment, { token, spender: deployment.market, amount: 10n * MAX_COST });
    }
    await open(method);
    const { gasUsed } = await open(method);
    figures.push({ method, gasUsed, note: NOTES[method] });
  }
  return figures;
}
