import {
  approveExact,
  buyCredits,
  creditsOf,
  type Deployment,
  type Purchase,
  quoteBuy,
  type ReadClient,
  type Service,
  type WriteClient,
} from "@demec/chain";
import { DemecError } from "@demec/protocol";
import { mostCostDown } from "./slippage.ts";

export interface CreditsOptions {
  readonly client: ReadClient;
  readonly wallet: WriteClient;
  readonly deployment: Deployment;
  readonly terms: Service;
  /** Payment-token base units that automatic purchases may spend in all. */
  readonly budget: bigint;
  readonly slippageBps: number;
}

/** Buys credits of one service: on request, or what is missing within the budget. One purchase at a time. */
export class Credits {
  readonly #options: CreditsOptions;
  #spent = 0n;

  constructor(options: CreditsOptions) {
    this.#options = options;
  }

  balance(): Promise<bigint> {
    const { client, wallet, deployment, terms } = this.#options;
    return creditsOf(client, deployment, { serviceId: terms.serviceId, account: wallet.account.address });
  }

  /** @param maxCost most to pay, fees included; payment-token base units. @throws chain/slippage, chain/insufficient-funds */
  async buy(credits: bigint, maxCost: bigint): Promise<Purchase> {
    const { wallet, deployment, terms } = this.#options;
    const allow = (amount: bigint) =>
      approveExact(wallet, deployment, { token: terms.paymentToken, spender: deployment.market, amount });
    await allow(maxCost);
    let unused = maxCost;
    try {
      const purchase = await buyCredits(wallet, deployment, { serviceId: terms.serviceId, credits, maxCost });
      unused -= purchase.cost;
      return purchase;
    } finally {
      // What was approved and not spent is taken back, for an allowance is a standing risk; where that fails, what came
      // of the purchase matters more.
      if (unused > 0n) await allow(0n).catch(() => undefined);
    }
  }

  /** Sees to it that the wallet holds `credits`. @throws sdk/over-budget before anything is spent */
  async ensure(credits: bigint): Promise<void> {
    const { client, deployment, terms, budget, slippageBps } = this.#options;
    const missing = credits - (await this.balance());
    if (missing <= 0n) return;
    const { cost } = await quoteBuy(client, deployment, { serviceId: terms.serviceId, credits: missing });
    const left = budget - this.#spent;
    if (cost > left) {
      throw new DemecError(
        "sdk/over-budget",
        `${missing} credit units cost ${cost}, of a budget of ${budget} there is ${left} left.`,
        { details: { missing, cost, budget, left } },
      );
    }
    const withSlippage = mostCostDown(cost, slippageBps);
    const purchase = await this.buy(missing, withSlippage < left ? withSlippage : left);
    this.#spent += purchase.cost;
  }
}
