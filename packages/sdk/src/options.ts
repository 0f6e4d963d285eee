import type { SignedGrant, SigningMethod } from "@demec/access";
import type { Deployment, ReadClient, WriteClient } from "@demec/chain";
import type { LightClient } from "@demec/chain/light";
import type { Hex } from "@demec/protocol";
import type { ExposurePolicy, Journal } from "@demec/session";
import type { ContentPort } from "./content.ts";
import type { NetworkPort } from "./network.ts";
import type { SelectionPolicy } from "./selection.ts";
import type { SessionVault } from "./sessionVault.ts";

/** What a buyer's client is made of. `connect` of `@demec/sdk/node` puts it together for Node. */
export interface DemecOptions {
  readonly client: ReadClient;
  /** Buyer's wallet. */
  readonly wallet: WriteClient;
  readonly deployment: Deployment;
  readonly network: NetworkPort;
  /** Signed states and receipts; must outlive the process if sessions are to. */
  readonly journal: Journal;
  readonly vault: SessionVault;
  /** Serves inputs and modules that travel by content, and fetches outputs; without it none do. */
  readonly content?: ContentPort | undefined;
  /** Node keys of watchtowers, to which the newest states are handed over. */
  readonly watchtowers?: readonly Hex[] | undefined;
  /**
   * Proves what `client` tells of services, providers and sessions before money depends on it; without it the node behind
   * `client` is believed.
   */
  readonly light?: LightClient | undefined;
}

/** How one service is bought and used. */
export interface ServiceOptions {
  /** Where the caller is, such as eu-de-fra: nearer providers are preferred. */
  readonly region?: string | undefined;
  /** Payment-token base units that may be spent on credits without asking again; 0 by default: buy yourself. */
  readonly budget?: bigint | undefined;
  /** Credits of each session that is opened; 18 decimals, one whole credit by default. */
  readonly sessionCredits?: bigint | undefined;
  /**
   * Sessions, each with another provider, that are kept open once one was asked for; 1 by default. With 2, calls move to
   * the second when the first provider falls silent for some 300 ms.
   */
  readonly warm?: number | undefined;
  /** Loss of value accepted between a quote and its transaction, in 1/10,000; 100 by default. */
  readonly slippageBps?: number | undefined;
  /** Order of providers; `balanced` by default: by round trip, own experience and stake. */
  readonly select?: SelectionPolicy | undefined;
  /** Grants that let the wallet in to the service where it is gated, root first; none: it enters on its own account. */
  readonly grants?: readonly SignedGrant[] | undefined;
  /** How the wallet signs in to a gated service: as a text to be read, by default, or as typed data. */
  readonly signIn?: SigningMethod | undefined;
  /** How much unsigned work is tolerated; a tenth of a session by default. */
  readonly exposure?: Partial<ExposurePolicy> | undefined;
}
