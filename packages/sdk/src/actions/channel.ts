import {
  type Deployment,
  getProvider,
  getService,
  getSession,
  type Provider,
  type ReadClient,
  type SessionParams,
} from "@demec/chain";
import type { Address, Hex, ServiceMetadata } from "@demec/protocol";
import { type ExposurePolicy, type Journal, MemoryJournal } from "@demec/session";
import { attachWhenDeep } from "../attachWhenDeep.ts";
import type { NetworkPort } from "../network.ts";
import { type AskedOffer, assertOffer } from "../offer.ts";
import { type CallResult, PaidSession } from "../paidSession.ts";
import { ProviderLink, type SignedOffer } from "../providerLink.ts";
import { type CallOptions, makeRequest } from "../request.ts";
import type { CallInput } from "../service.ts";

/** A provider as the chain has it, and the connection whose handshake proved its node key. */
export interface Channel {
  readonly provider: Provider;
  readonly link: ProviderLink;
}

export interface ConnectProviderParameters {
  readonly network: NetworkPort;
  /** The provider's account. */
  readonly owner: Address;
  /** 5 s by default. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A channel to one provider, whom the caller has chosen. Close it by `channel.link.connection.close()`. @throws network/…, chain/rpc */
export async function connectProvider(
  client: ReadClient,
  deployment: Deployment,
  { network, owner, timeoutMs = 5_000, signal }: ConnectProviderParameters,
): Promise<Channel> {
  const provider = await getProvider(client, deployment, owner);
  return { provider, link: new ProviderLink(await network.connect(provider.nodeKey, { timeoutMs, signal })) };
}

/**
 * An offer for a session, as `openSession` wants it; its terms and its operator's signature are checked.
 * @throws sdk/refused with the provider's code, sdk/bad-offer, protocol/bad-signature, sdk/provider-lost, sdk/no-answer
 */
export async function requestOffer(
  { link, provider }: Channel,
  deployment: Deployment,
  asked: AskedOffer,
): Promise<SignedOffer> {
  const signed = await link.requestOffer(asked);
  assertOffer(signed, asked, provider, deployment);
  return signed;
}

export interface AttachSessionParameters {
  readonly channel: Channel;
  /** For reconnects. */
  readonly network: NetworkPort;
  readonly sessionId: Hex;
  /** Of the session key that it was opened with. */
  readonly sessionPrivateKey: Hex;
  /** Where signed states are made durable; in memory by default: what is unsigned at a crash is then the buyer's loss. */
  readonly journal?: Journal;
  /** How much unsigned work is tolerated; a tenth of a session by default. */
  readonly exposure?: Partial<ExposurePolicy>;
}

/**
 * Takes up an open session on a channel: its calls, co-signed states and receipts. Waits while the provider finds the
 * session's block too shallow, 30 s at most.
 * @returns the session, which stays attached over reconnects; `finalise` ends it by a state for `closeSession`, `release` lets go
 * @throws chain/unknown-session, sdk/refused, sdk/provider-lost, sdk/no-answer, session/journal-corrupt
 */
export async function attachSession(
  client: ReadClient,
  deployment: Deployment,
  { channel, network, sessionId, sessionPrivateKey, exposure, journal = new MemoryJournal() }: AttachSessionParameters,
): Promise<PaidSession> {
  const { provider, link } = channel;
  const { params } = await getSession(client, deployment, sessionId);
  const session = new PaidSession({
    ...{ sessionId, params, sessionPrivateKey, journal, exposure },
    service: await getService(client, deployment, params.serviceId),
    nodeKey: provider.nodeKey,
    chainId: deployment.chainId,
    escrow: deployment.escrow,
    restored: await journal.load(sessionId),
    reconnect: async () => new ProviderLink(await network.connect(provider.nodeKey)),
  });
  try {
    await attachWhenDeep(session, link);
    return session;
  } catch (error) {
    await session.release();
    throw error;
  }
}

export interface CallSessionParameters extends CallOptions {
  readonly input: CallInput;
  /** For what the options leave out, such as the function's shape: see `getServiceMetadata`. */
  readonly metadata?: ServiceMetadata;
}

/**
 * One call in one session: no other provider is tried.
 * @returns its deterministic end, ok or not, with receipt and cost
 * @throws as `PaidSession.invoke`; sdk/unknown-shape, protocol/bad-files
 */
export function callSession(session: PaidSession, parameters: CallSessionParameters): Promise<CallResult> {
  const { input, metadata = { name: session.sessionId }, ...options } = parameters;
  const { deadlineMs = 30_000, signal } = options;
  return session.invoke(makeRequest(input, options, metadata), {
    deadlineMs,
    signal,
    steadfast: true,
    output: undefined,
  });
}

export type { CallResult, PaidSession, SessionParams };
