import { openSession } from "@demec/chain";
import type { Address, Hex, OfferReply } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import { BuyerPeer } from "./buyerPeer.ts";
import type { LocalMarket, TestAccount } from "./localMarket.ts";

/** A session as the chain has it, opened without the SDK: nobody attaches to it unless the test does. The buyer holds the credits. */
export async function openByHand(
  market: LocalMarket,
  session: {
    readonly nodeKey: Hex;
    readonly buyer: TestAccount;
    readonly serviceId: bigint;
    readonly credits: bigint;
    readonly sessionKey: Address;
  },
) {
  const { nodeKey, buyer, serviceId, credits, sessionKey } = session;
  const { offer, operatorSig } = await BuyerPeer.with(market.nodeOptions, nodeKey, (peer) =>
    until("an offer by the chain's time", async () => {
      const reply = (await peer.offer({ serviceId, buyer: buyer.address, credits })) as OfferReply;
      const { timestamp } = await market.client.getBlock();
      return reply.offer.expiry > timestamp && reply;
    }),
  );
  const order = { offer, operatorSig, credits, sessionKey, minValue: 1n };
  return openSession(market.wallet(buyer), market.deployment, order);
}
