import type { SignedGrant, SigningMethod } from "@demec/access";
import type { Deployment, WriteClient } from "@demec/chain";
import { type Address, isDemecError } from "@demec/protocol";
import { getAddress } from "viem";
import type { ProviderLink } from "./providerLink.ts";

export interface EntranceOptions {
  readonly wallet: WriteClient;
  readonly deployment: Deployment;
  readonly serviceName: string;
  readonly serviceId: bigint;
  /** The grants that let the wallet in, root first; none where it enters on its own account. */
  readonly grants: readonly SignedGrant[];
  readonly method: SigningMethod;
}

/** Lets a buyer in to one service wherever a provider asks for it: with a token it has, else by the wallet's signature. */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #tokens = new Map<Address, string>();

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  /**
   * Does what a provider may ask entering for; enters, where it does, and does it again.
   * @throws sdk/refused with the gate's code in its details, access/foreign-challenge, and what `act` throws
   */
  async through<T>(link: ProviderLink, provider: Address, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!isDemecError(error, "sdk/refused") || error.details.code !== "access/required") throw error;
    }
    await this.#enter(link, getAddress(provider));
    return act();
  }

  async #enter(link: ProviderLink, provider: Address): Promise<void> {
    const { wallet, deployment, serviceName, serviceId, grants, method } = this.#options;
    const ask = (step: Parameters<ProviderLink["requestAccess"]>[0]["step"], text: string) =>
      link.requestAccess({ serviceId, step, text });
    const token = this.#tokens.get(provider);
    if (token !== undefined) {
      try {
        await ask("token", token);
        return;
      } catch (error) {
        if (!isDemecError(error, "sdk/refused")) throw error;
        this.#tokens.delete(provider);
      }
    }
    const challenge = await ask("challenge", wallet.account.address);
    const asked = { wallet, market: deployment, challenge, audience: serviceName, provider, grants, method };
    // Most services have no gate, and pages need not load what gets through one.
    const { prove } = await import("./access.ts");
    this.#tokens.set(provider, await ask("enter", await prove(asked)));
  }
}
