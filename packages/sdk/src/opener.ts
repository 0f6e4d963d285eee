import { listUnsettledSessions, openSession, quoteSell, type Service, type SessionOpening } from "@demec/chain";
import { type Address, DemecError, type Hex, isDemecError, type SignedState } from "@demec/protocol";
import type { ExposurePolicy } from "@demec/session";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { isOver } from "./absence.ts";
import { attachWhenDeep } from "./attachWhenDeep.ts";
import type { BuyerContext } from "./context.ts";
import type { Leaving } from "./departure.ts";
import type { Entrance } from "./entrance.ts";
import { type FindOptions, type FoundProvider, findProviders } from "./finder.ts";
import { assertOffer } from "./offer.ts";
import { PaidSession } from "./paidSession.ts";
import { ProviderLink, type SignedOffer } from "./providerLink.ts";
import { leastValueUp } from "./slippage.ts";

/** A reconnect must not take longer than moving on to another provider would. */
const RECONNECT_MS = 1_500;
/** Where a relay was needed, it is tried only after the direct ways have failed. */
const RECONNECT_RELAYED_MS = 3_000;

/** The light client's nodes are away, or contradict each other. */
const UNPROVED = new Set(["light/no-quorum", "light/bad-proof"]);
/** Failures on this side: the next provider would not help. */
const OURS = new Set([
  "chain/insufficient-credits",
  "chain/insufficient-funds",
  "chain/insufficient-allowance",
  "chain/insufficient-gas-money",
  "chain/deadline-passed",
  "chain/wrong-chain",
  "chain/rpc",
  "chain/transaction-overdue",
  "chain/transaction-replaced",
  ...UNPROVED,
  "light/foreign-code",
  "light/false-session",
  "sdk/over-budget",
  "session/vault-failed",
]);

export interface OpenerOptions {
  readonly context: BuyerContext;
  readonly terms: Service;
  readonly find: Pick<FindOptions, "serviceName" | "region" | "browserProviders" | "select">;
  readonly entrance: Entrance;
  readonly slippageBps: number;
  readonly exposure: Partial<ExposurePolicy> | undefined;
  /** Sees to it that the wallet holds so many credits; called in a turn of the wallet. */
  readonly ensureCredits: (credits: bigint) => Promise<void>;
  /** A session that was paid for but can't be used: somebody must leave it on chain. */
  readonly onStranded: (session: Leaving) => void;
  /** A session that was paid for, and whose provider is away for now. */
  readonly onAbsent: (session: PaidSession) => void;
  /** See `PaidSessionOptions`. */
  readonly onChange: (session: PaidSession) => void;
}

/** Opens sessions with providers of one service, and takes up those that an earlier process left open. */
export class Opener {
  readonly #options: OpenerOptions;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /**
   * Opens a session with the best provider that agrees. Providers that refuse or fail are passed over; nothing is bought
   * before one has agreed.
   * @throws sdk/no-provider, or what the last provider's refusal was; chain/… and sdk/over-budget when the wallet can't;
   * session/journal-failed and session/vault-failed when the disk can't; light/… when what the node tells is not proved
   */
  async open(credits: bigint, exclude: ReadonlySet<Hex>): Promise<PaidSession> {
    const { context, terms, find } = this.#options;
    context.released.throwIfAborted();
    // Another session would end as the last one did: on chain, before it did any work.
    if (context.journal.failed) {
      throw new DemecError("session/journal-failed", "A write to the journal has failed: no session is opened.");
    }
    const found = await findProviders({ ...find, ...context, serviceId: terms.serviceId, credits, exclude });
    let refusal: unknown;
    let chosen: ProviderLink | undefined;
    try {
      for (const candidate of found) {
        try {
          const session = await this.#openWith(candidate, credits);
          chosen = candidate.link;
          return session;
        } catch (error) {
          // Whoever lets go must not pay a second provider because the first session came too late.
          context.released.throwIfAborted();
          if (isDemecError(error) && OURS.has(error.code)) throw error;
          refusal = error;
        }
      }
      throw refusal;
    } finally {
      for (const { link } of found) if (link !== chosen) void link.connection.close();
    }
  }

  /** Takes up the sessions of this service that the chain knows and whose keys are in the vault. */
  async resume(): Promise<PaidSession[]> {
    const { context, terms } = this.#options;
    const { client, deployment, wallet, taken } = context;
    const openings = await listUnsettledSessions(client, deployment, { buyer: wallet.account.address });
    const ours = openings.filter(
      ({ sessionId, params }) => params.serviceId === terms.serviceId && !taken.has(sessionId),
    );
    const resumed = await Promise.all(ours.map((opening) => this.#resumeOne(opening)));
    return resumed.filter((session) => session !== null);
  }

  async #resumeOne(opening: SessionOpening): Promise<PaidSession | null> {
    const { context, onStranded } = this.#options;
    const { vault, taken, guard, released } = context;
    const { sessionId, params } = opening;
    taken.set(sessionId, null);
    const privateKey = await vault.load(params.sessionKey);
    // Another process of this wallet may be using it.
    if (privateKey === null) {
      taken.delete(sessionId);
      return null;
    }
    let leaving: Leaving = { sessionId, state: null };
    try {
      await guard.session(opening, released);
      const nodeKey = await guard.nodeKeyOf(params.provider);
      const session = await this.#session(opening, privateKey, nodeKey);
      leaving = session;
      await session.reattach().catch((error) => {
        if (isOver(error)) throw error;
        session.awaitReturn();
      });
      return session;
    } catch (error) {
      await taken.get(sessionId)?.release();
      released.throwIfAborted();
      // Nothing is known against it: the next time may tell.
      if (isDemecError(error) && UNPROVED.has(error.code)) taken.delete(sessionId);
      else onStranded(leaving);
      return null;
    }
  }

  async #openWith({ provider, link }: FoundProvider, credits: bigint): Promise<PaidSession> {
    const { context, terms, onStranded, onAbsent } = this.#options;
    const { wallet, deployment, vault, guard } = context;
    const buyer = wallet.account.address;
    const { serviceId } = terms;
    const asked = { serviceId, buyer, credits };
    const signed = await this.#options.entrance.through(link, provider.owner, () => link.requestOffer(asked));
    assertOffer(signed, asked, provider, deployment);
    await guard.provider(provider, serviceId);

    const privateKey = generatePrivateKey();
    const sessionKey = privateKeyToAddress(privateKey);
    await vault.save(sessionKey, privateKey);
    const opening = await context.spending.run(() => {
      // It may have waited for its turn.
      context.released.throwIfAborted();
      return this.#pay(signed, credits, sessionKey);
    });
    await guard.session(opening, context.released).catch((error) => {
      // Whoever has the journal next takes it up.
      context.released.throwIfAborted();
      onStranded({ sessionId: opening.sessionId, state: null });
      throw error;
    });
    const session = await this.#session(opening, privateKey, provider.nodeKey);
    try {
      await attachWhenDeep(session, link);
      return session;
    } catch (error) {
      if (isOver(error)) {
        await session.release();
        onStranded(session);
      } else {
        // It is paid for: a connection that broke just now is worth one more try, and a provider that left may return.
        if (await session.reattach().then(yes, no)) return session;
        session.awaitReturn();
        onAbsent(session);
      }
      throw error;
    }
  }

  async #pay({ offer, operatorSig }: SignedOffer, credits: bigint, sessionKey: Address): Promise<SessionOpening> {
    const { context, slippageBps, ensureCredits } = this.#options;
    const { client, wallet, deployment } = context;
    const { serviceId } = offer;
    await ensureCredits(credits);
    const value = await quoteSell(client, deployment, { serviceId, credits });
    const minValue = leastValueUp(value, slippageBps);
    const { sessionId, params, blockNumber } = await openSession(wallet, deployment, {
      offer,
      operatorSig,
      credits,
      sessionKey,
      minValue,
    });
    return { sessionId, params, openedInBlock: blockNumber };
  }

  async #session({ sessionId, params }: SessionOpening, sessionPrivateKey: Hex, nodeKey: Hex): Promise<PaidSession> {
    const { context, terms, exposure, entrance, onChange } = this.#options;
    const { deployment, journal, network, taken, feeds, relays, content, released } = context;
    // Whoever has the journal now takes it up.
    released.throwIfAborted();
    const leave = (signed: SignedState) => {
      for (const feed of feeds) feed.leave({ sessionId, sessionPrivateKey, signed });
    };
    const session: PaidSession = new PaidSession({
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
      content,
      onChange,
      enter: (link, act) => entrance.through(link, params.provider, act),
      onCosigned: leave,
      reconnect: async () => {
        const timeoutMs = session.relay === null ? RECONNECT_MS : RECONNECT_RELAYED_MS;
        return new ProviderLink(await network.connect(nodeKey, { timeoutMs, relays: () => relays.find() }));
      },
    });
    taken.set(sessionId, session);
    if (session.state !== null) leave(session.state);
    return session;
  }
}

const yes = () => true;
const no = () => false;
