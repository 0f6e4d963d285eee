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

export interface CreditsOptions {
  readonly client: ReadClient;
  readonly wallet: WriteClient;
  readonly deployment: Deployment;
  readonly terms: Service;
  /** Payment-token base units that automatic purchases may spend in all. */
  readonly budget: bigint;
  readonly slippageBps: number;
}

/** Buys credits of one service: on request, or what is missing within the budget. */
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
    await approveExact(wallet, deployment, { token: terms.paymentToken, spender: deployment.market, amount: maxCost });
    const purchase = await buyCredits(wallet, deployment, { serviceId: terms.serviceId, credits, maxCost });
    // What the approval granted beyond the cost is taken back: an allowance is a standing risk.
    if (purchase.cost < maxCost) {
      await approveExact(wallet, deployment, { token: terms.paymentToken, spender: deployment.market, amount: 0n });
    }
    return purchase;
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
        {
          details: { missing, cost, budget, left },
        },
      );
    }
    const withSlippage = cost + (cost * BigInt(slippageBps)) / 10_000n;
    const purchase = await this.buy(missing, withSlippage < left ? withSlippage : left);
    this.#spent += purchase.cost;
  }
}
