import {
  claimOf,
  creditsOf,
  quoteSell,
  type Sale,
  type SettlementProgress,
  sellCredits,
  sellToPrice,
  withdrawClaim,
} from "@demec/chain";
import { isDemecError } from "@demec/protocol";
import type { BuyerContext } from "./context.ts";
import { leastValueUp } from "./slippage.ts";

/** How what is left of a service is turned into money again. */
export interface SellBack {
  /**
   * What every credit that is sold must yield at least, in payment-token base units per whole credit × 1e18; credits for
   * which the curve gives less stay in the wallet. Left out: all are sold, at the price of the moment less the service's
   * `slippageBps`.
   */
  readonly minPriceWad?: bigint | undefined;
}

export interface CloseOptions {
  /** `true`: without a least price. */
  readonly sellBack: true | SellBack;
}

/** What leaving a service has brought. */
export interface Closing {
  /** As `Service.close` without options gives them. */
  readonly sessions: readonly SettlementProgress[];
  /** The sale of the credits in the wallet; null when there were none, or none at the least price. */
  readonly sale: Sale | null;
  /** What was sent to the wallet out of the market: proceeds, and what sessions have left; payment-token base units. */
  readonly withdrawn: bigint;
}

export interface SellBackOptions extends SellBack {
  readonly serviceId: bigint;
  readonly paymentToken: `0x${string}`;
  /** In 1/10,000. */
  readonly slippageBps: number;
}

/**
 * Sells the wallet's credits of a service, and then withdraws all that the market owes the wallet in its payment token. Each
 * step begins from what the chain says, so that who was interrupted does it again: what was sold is a claim, and what was
 * withdrawn is none any more.
 * @throws chain/slippage, chain/rpc
 */
export async function sellBack(
  { client, wallet, deployment }: Pick<BuyerContext, "client" | "wallet" | "deployment">,
  { serviceId, paymentToken: token, minPriceWad, slippageBps }: SellBackOptions,
): Promise<Omit<Closing, "sessions">> {
  const account = wallet.account.address;
  const credits = await creditsOf(client, deployment, { serviceId, account });
  const sell = async () => {
    if (minPriceWad !== undefined)
      return sellToPrice(wallet, deployment, { serviceId, minPriceWad, maxCredits: credits });
    const quote = await quoteSell(client, deployment, { serviceId, credits });
    const minProceeds = leastValueUp(quote, slippageBps);
    return sellCredits(wallet, deployment, { serviceId, credits, minProceeds, keepAsClaim: true });
  };
  const sale = credits === 0n ? null : await sell().catch(nothingAtThatPrice);
  const claim = await claimOf(client, deployment, { token, account });
  const withdrawn = claim === 0n ? 0n : (await withdrawClaim(wallet, deployment, { token })).amount;
  return { sale, withdrawn };
}

/** The price is below the least one already, or the whole curve is. */
function nothingAtThatPrice(error: unknown): null {
  if (isDemecError(error, "chain/zero-amount") || isDemecError(error, "curve/out-of-range")) return null;
  throw error;
}
