import { tamperedBox } from "@demec/access/backend";
import { DemecError } from "@demec/protocol";
import { type LitClient, loadClient, muteDecryptions } from "./client.ts";
import type { Conditions } from "./conditions.ts";
import type { Kept } from "./kept.ts";
import type { LitNodesOptions } from "./litNodes.ts";
import { type SessionSignatures, signSession } from "./session.ts";
import { STAKING_ABI } from "./stakingAbi.ts";

/** How long one sign-in counts, and how long before its end there is a new one; seconds. */
const SESSION_SECONDS = 600;
const RENEW_SECONDS = 60;

/** How nodes say that conditions don't hold. */
const NOT_AUTHORIZED = "NodeAccessControlConditionsReturnedNotAuthorized";

/** What the client throws, as far as it is looked at. */
interface LitError {
  readonly code?: string;
  readonly info?: { readonly errorCode?: string };
}

interface Session {
  readonly client: LitClient;
  readonly signatures: SessionSignatures;
  /** Unix milliseconds. */
  readonly renewAt: number;
}

/** The network, connected to and signed in to when it is first needed, and anew when a session ends. */
export class Connection {
  readonly #options: LitNodesOptions;
  #session: Promise<Session> | null = null;

  constructor(options: LitNodesOptions) {
    this.#options = options;
  }

  /** @throws lit/unavailable, lit/not-installed */
  async encrypt(dataToEncrypt: Uint8Array, conditions: Conditions): Promise<Kept> {
    const { client } = await this.#open();
    try {
      return await client.encrypt({ dataToEncrypt, unifiedAccessControlConditions: conditions });
    } catch (cause) {
      throw unavailable("Lit's client can't encrypt.", cause);
    }
  }

  /**
   * @returns null when the nodes say that the conditions don't hold
   * @throws access/tampered-box; lit/unavailable, lit/not-installed
   */
  async decrypt(kept: Kept, unifiedAccessControlConditions: Conditions): Promise<Uint8Array | null> {
    const { client, signatures: sessionSigs } = await this.#open();
    const { chain } = this.#options;
    try {
      return (await client.decrypt({ ...kept, unifiedAccessControlConditions, sessionSigs, chain })).decryptedData;
    } catch (cause) {
      // What the nodes say has a code; what the client's own arithmetic runs into has none.
      const { code, info } = cause as LitError;
      if (info?.errorCode === NOT_AUTHORIZED) return null;
      throw code === undefined ? tamperedBox(cause) : unavailable("Lit's nodes can't tell.", cause);
    }
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.then(({ client }) => client.disconnect()).catch(() => undefined);
  }

  async #open(): Promise<Session> {
    const pending = this.#session;
    const session = await pending;
    if (session !== null && Date.now() < session.renewAt) return session;
    // Another caller, who waited for the same, is signing in already.
    if (this.#session !== pending) return this.#open();
    this.#session = this.#connect().catch((error) => {
      this.#session = null;
      throw error;
    });
    await session?.client.disconnect();
    return this.#session;
  }

  async #connect(): Promise<Session> {
    const { load = loadClient, rpcUrl, litStaking, nodeProtocol = "https://", attested = true } = this.#options;
    const { LitNodeClientNodeJs } = await load();
    muteDecryptions();
    const client = new LitNodeClientNodeJs({
      ...{ litNetwork: "custom", rpcUrl, nodeProtocol, checkNodeAttestation: attested, debug: false },
      contractContext: { Staking: { address: litStaking, abi: STAKING_ABI } },
    });
    try {
      await client.connect();
    } catch (cause) {
      throw unavailable(`The nodes that ${litStaking} lists can't be connected to.`, cause);
    }
    const issuedAt = new Date();
    const expiry = new Date(issuedAt.getTime() + SESSION_SECONDS * 1000);
    const { account } = this.#options;
    const signatures = await signSession({
      ...{ account, nodes: client.connectedNodes, nonce: client.latestBlockhash, issuedAt, expiry },
    });
    return { client, signatures, renewAt: expiry.getTime() - RENEW_SECONDS * 1000 };
  }
}

function unavailable(what: string, cause: unknown): DemecError {
  return new DemecError("lit/unavailable", what, { cause });
}
