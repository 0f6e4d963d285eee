// What our contracts cost: gas of mined transactions (with their 21,000), for accounts whose balances are not zero.
import * as chain from "@demec/chain";
import type { PaymentMethod } from "@demec/protocol";
import {
  CREDIT,
  cosign,
  makeOffer,
  open,
  serviceParams,
  startProvider,
  type TestChain,
  USD,
} from "../../test/support/market.ts";
import type { Figure } from "../figures.ts";
import { measureBuyAndOpen } from "./buyAndOpen.ts";

/** Sessions in the one settlement. */
export const SESSIONS = 100;
const BUYERS = 10;
const OPERATOR = 1;
const BUY_AND_OPEN: Readonly<Record<PaymentMethod, string>> = {
  allowance: "buyAndOpen",
  permit: "buyAndOpenByPermit",
  permit2: "buyAndOpenByPermit2",
  authorization: "buyAndOpenByAuthorization",
};

/** Measures every figure on one deployment. */
export async function measureOurs(market: TestChain): Promise<Figure[]> {
  const { deployment, publicClient } = market;
  const publisher = await market.account();
  const { serviceId } = await chain.createService(publisher, deployment, serviceParams(deployment.mockUsd));
  const owner = await market.account();
  await startProvider(market, owner, OPERATOR, [serviceId], 200_000n * CREDIT);

  const buyers: chain.WriteClient[] = [];
  for (let i = 0; i < BUYERS; i++) buyers.push(await market.account());
  const buyer = buyers[0]!;
  const buy = async (client: chain.WriteClient, credits: bigint) => {
    await chain.approveExact(client, deployment, {
      token: deployment.mockUsd,
      spender: deployment.market,
      amount: 1_000_000n * USD,
    });
    return chain.buyCredits(client, deployment, { serviceId, credits, maxCost: 1_000_000n * USD });
  };
  const sell = (credits: bigint) => chain.sellCredits(buyer, deployment, { serviceId, credits, minProceeds: 1n });
  const sellToClaim = (credits: bigint) =>
    chain.sellCredits(buyer, deployment, { serviceId, credits, minProceeds: 1n, keepAsClaim: true });

  for (const client of buyers) await buy(client, 20_000n * CREDIT);
  const bought = await buy(buyer, 12_345n * CREDIT);
  await sellToClaim(100n * CREDIT);
  const sold = await sellToClaim(1_234n * CREDIT);
  await sell(100n * CREDIT);
  const soldAndWithdrawn = await sell(1_234n * CREDIT);

  const provider = owner.account.address;
  const sessions: chain.OpenedSession[] = [];
  for (let i = 0; i < SESSIONS + BUYERS + 2; i++) {
    sessions.push(
      await open(market, buyers[i % BUYERS]!, OPERATOR, makeOffer(serviceId, provider, { nonce: BigInt(i + 1) })),
    );
  }
  const [collected, closed, ...many] = sessions.map(({ params, sessionId }) => ({
    params,
    signed: (seq: bigint, isFinal: boolean) =>
      cosign(deployment, OPERATOR, {
        sessionId,
        seq,
        creditsUsed: seq * 10n * CREDIT,
        invocations: 1000n,
        breaches: 2n,
        isFinal,
      }),
  }));
  const collect = async (seq: bigint) =>
    chain.collect(owner, deployment, { params: collected!.params, signed: collected!.signed(seq, false) });
  await collect(1n);
  const secondCollect = await collect(2n);
  const close = await chain.closeSession(owner, deployment, {
    params: closed!.params,
    signed: closed!.signed(3n, true),
  });
  const settle = (some: typeof many) =>
    chain.settleMany(
      owner,
      deployment,
      some.map(({ params, signed }) => ({ params, signed: signed(5n, true) })),
    );
  // Every buyer has settled before, so no claim starts at zero.
  await settle(many.slice(SESSIONS));
  const settled = await settle(many.slice(0, SESSIONS));
  if (settled.settled.length !== SESSIONS) throw new Error(`${settled.settled.length} of ${SESSIONS} were settled.`);

  const buyAndOpen = await measureBuyAndOpen(market, { buyer, operator: OPERATOR, serviceId, provider: owner });

  const { gasUsed: withdrawal } = await chain.withdrawClaim(owner, deployment, { token: deployment.mockUsd });
  if ((await chain.supplyOf(publicClient, deployment, serviceId)) === 0n) throw new Error("Nothing was left over.");
  return [
    gas("buy", bought.gasUsed, 100_000),
    gas("sell", sold.gasUsed, 85_000, "proceeds become a claim"),
    gas("sellAndWithdraw", soldAndWithdrawn.gasUsed, null, "proceeds are transferred"),
    gas("open", sessions[SESSIONS]!.gasUsed, 150_000),
    ...buyAndOpen.map(({ method, gasUsed, note }) => gas(BUY_AND_OPEN[method], gasUsed, null, note)),
    gas("collect", secondCollect.gasUsed, null),
    gas("close", close.gasUsed, null),
    gas("withdrawClaim", withdrawal, null),
    gas("settleManyPerSession", settled.gasUsed / BigInt(SESSIONS), 50_000, `${SESSIONS} sessions of ${BUYERS} buyers`),
  ];
}

function gas(name: string, value: bigint, target: number | null, note?: string): Figure {
  return { name, value: Number(value), unit: "gas", target, ...(note !== undefined && { note }) };
}
