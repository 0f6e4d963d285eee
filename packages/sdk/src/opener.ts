import { getProvider, openSession, quoteSell, type Service, type SessionParams } from "@demec/chain";
import { type Address, assertSigned, DemecError, type Hex, isDemecError } from "@demec/protocol";
import type { ExposurePolicy } from "@demec/session";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { type FindOptions, type FoundProvider, findProviders } from "./finder.ts";
import type { DemecOptions } from "./options.ts";
import { PaidSession } from "./paidSession.ts";
import { ProviderLink } from "./providerLink.ts";

/** A reconnect must not take longer than moving on to another provider would. */
const RECONNECT_MS = 1_500;
/** Attempts to attach a session that is not yet deep enough in the chain, and the time between them; milliseconds. */
const ATTACH_TRIES = 30;
const ATTACH_PAUSE_MS = 1_000;

export interface OpenerOptions extends DemecOptions {
  readonly terms: Service;
  readonly find: Omit<FindOptions, "client" | "deployment" | "network" | "serviceId">;
  readonly slippageBps: number;
  readonly exposure?: Partial<ExposurePolicy> | undefined;
  /** A session that was paid for but can't be used: somebody must leave it on chain. */
  readonly onStranded: (session: PaidSession) => void;
}

/** Opens sessions with providers of one service, and takes up those that an earlier process left open. */
export class Opener {
  readonly #options: OpenerOptions;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /**
   * Opens a session with the best provider that agrees. Providers that refuse or fail are passed over.
   * @throws sdk/no-provider, or what the last provider's refusal was; chain/… when the wallet can't open
   */
  async open(credits: bigint, exclude: ReadonlySet<Hex>): Promise<PaidSession> {
    const { client, deployment, network, terms, find } = this.#options;
    const found = await findProviders({ ...find, client, deployment, network, serviceId: terms.serviceId, exclude });
    let refusal: unknown;
    let chosen: ProviderLink | undefined;
    try {
      for (const candidate of found) {
        try {
          const session = await this.#openWith(candidate, credits);
          chosen = candidate.link;
          return session;
        } catch (error) {
          // A wallet that can't pay one provider can't pay the next.
          if (isDemecError(error) && error.code.startsWith("chain/insufficient")) throw error;
          refusal = error;
        }
      }
      throw refusal;
    } finally {
      for (const { link } of found) if (link !== chosen) void link.connection.close();
    }
  }

  /** Takes up a session that the journal and the vault know, with its provider as it is now. */
  async resume(sessionId: Hex, params: SessionParams): Promise<PaidSession | null> {
    const { client, deployment, vault } = this.#options;
    const privateKey = await vault.load(params.sessionKey);
    if (privateKey === null) return null;
    const { nodeKey } = await getProvider(client, deployment, params.provider);
    const session = await this.#session(sessionId, params, privateKey, nodeKey);
    try {
      await session.attach(await this.#link(nodeKey));
      return session;
    } catch {
      this.#options.onStranded(session);
      return null;
    }
  }

  async #openWith({ provider, link }: FoundProvider, credits: bigint): Promise<PaidSession> {
    const { client, wallet, deployment, terms, vault, slippageBps } = this.#options;
    const buyer = wallet.account.address;
    const { serviceId } = terms;
    const { offer, operatorSig } = await link.requestOffer({ serviceId, buyer, credits });
    if (
      !same(offer.provider, provider.owner) ||
      !same(offer.buyer, buyer) ||
      offer.serviceId !== serviceId ||
      credits < offer.minCredits ||
      credits > offer.maxCredits
    ) {
      throw new DemecError("sdk/bad-offer", `Provider ${provider.owner} offered something other than was asked.`, {
        details: { offer },
      });
    }
    const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow };
    assertSigned(provider.operator, domain, "Offer", offer, operatorSig);

    const privateKey = generatePrivateKey();
    const sessionKey = privateKeyToAddress(privateKey);
    await vault.save(sessionKey, privateKey);
    const value = await quoteSell(client, deployment, { serviceId, credits });
    const minValue = value - (value * BigInt(slippageBps)) / 10_000n;
    const { sessionId, params } = await openSession(wallet, deployment, {
      offer,
      operatorSig,
      credits,
      sessionKey,
      minValue,
    });

    const session = await this.#session(sessionId, params, privateKey, provider.nodeKey);
    try {
      await attachWhenDeep(session, link);
      return session;
    } catch (error) {
      this.#options.onStranded(session);
      throw error;
    }
  }

  async #session(sessionId: Hex, params: SessionParams, sessionPrivateKey: Hex, nodeKey: Hex): Promise<PaidSession> {
    const { deployment, journal, terms, exposure } = this.#options;
    return new PaidSession({
      sessionId,
      params,
      service: terms,
      nodeKey,
      chainId: deployment.chainId,
      escrow: deployment.escrow,
      sessionPrivateKey,
      journal,
      restored: await journal.load(sessionId),
      exposure,
      reconnect: () => this.#link(nodeKey),
    });
  }

  async #link(nodeKey: Hex): Promise<ProviderLink> {
    return new ProviderLink(await this.#options.network.connect(nodeKey, { timeoutMs: RECONNECT_MS }));
  }
}

/** Attaches, waiting while the provider finds the session not deep enough in the chain. */
async function attachWhenDeep(session: PaidSession, link: ProviderLink): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await session.attach(link);
    } catch (error) {
      const shallow = isDemecError(error, "sdk/refused") && error.details.code === "provider/session-too-shallow";
      if (!shallow || tries === ATTACH_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, ATTACH_PAUSE_MS));
    }
  }
}

function same(left: Address, right: Address): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
