import type { Connection, OutputSink } from "@demec/network/portable";
import {
  type Address,
  DemecError,
  type Hex,
  type NewestStates,
  type Offer,
  type Refuse,
  type SessionMessage,
  type SigningDomain,
  signMessageOf,
} from "@demec/protocol";

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

const ANSWER_MS = 10_000;

/** Who hears what comes for an attached session. */
export interface SessionListener {
  /** @param announcedMs of a message that came in fragments: monotonic milliseconds when the first of it came */
  readonly receive: (message: SessionMessage, announcedMs?: number) => void;
  /** Whether a result that would come in fragments is awaited. */
  readonly expects: (callId: number, messageBytes: number) => boolean;
  /** Who takes the output of a running call; see `StreamHandler`. */
  readonly outputOf: (callId: number, consumed: (bytes: number) => void) => OutputSink | null;
  /** The provider has a call that went in fragments. */
  readonly uploaded: (callId: number) => void;
  /** The provider ended the attachment, though the connection lives. */
  readonly ended: (why: DemecError) => void;
}

export interface SignedOffer {
  readonly offer: Offer;
  readonly operatorSig: Hex;
}

/** A session, what is held of it, and the key that says whose it is. */
export interface Showing {
  readonly sessionId: Hex;
  readonly sessionPrivateKey: Hex;
  readonly domain: SigningDomain;
  readonly newest: NewestStates;
}

/** The buyer's side of one connection: requests with their answers, and the messages of attached sessions. */
export class ProviderLink {
  readonly connection: Connection;
  readonly #offers = new Map<number, Waiter<SignedOffer>>();
  readonly #attachments = new Map<number, Waiter<NewestStates>>();
  readonly #sessions = new Map<number, SessionListener>();
  readonly #answerMs: number;
  #nextId = 1;
  #open = true;

  /** @param answerMs how long the provider may take to answer a request; milliseconds */
  constructor(connection: Connection, answerMs = ANSWER_MS) {
    this.connection = connection;
    this.#answerMs = answerMs;
    connection.onStreams({
      mayCome: (announced) => {
        if (announced.kind !== "result") return announced.kind === "message";
        return this.#sessions.get(announced.handle)?.expects(announced.callId, announced.messageBytes) ?? false;
      },
      outputOf: ({ handle, callId }, consumed) => this.#sessions.get(handle)?.outputOf(callId, consumed) ?? null,
      taken: (content) => {
        if (content.kind === "invoke") this.#sessions.get(content.handle)?.uploaded(content.callId);
      },
    });
    connection.onMessage((frame, announcedMs) => {
      switch (frame.type) {
        case "session":
          this.#sessions.get(frame.handle)?.receive(frame.message, announcedMs);
          return;
        case "offerReply":
          this.#offers.get(frame.requestId)?.resolve({ offer: frame.offer, operatorSig: frame.operatorSig });
          return;
        case "attached":
          this.#attachments.get(frame.handle)?.resolve(frame.newest);
          return;
        case "refuse":
          this.#refused(frame);
      }
    });
    void connection.closed.then((reason) => {
      this.#open = false;
      const error = new DemecError("sdk/provider-lost", `The connection to the provider ended: ${reason.message}.`, {
        details: { reason: reason.code },
      });
      for (const waiter of [...this.#offers.values(), ...this.#attachments.values()]) waiter.reject(error);
    });
  }

  get open(): boolean {
    return this.#open;
  }

  /** A signed offer for a session of `credits`. @throws sdk/refused, sdk/provider-lost, sdk/no-answer */
  requestOffer(request: { serviceId: bigint; buyer: Address; credits: bigint }): Promise<SignedOffer> {
    const requestId = this.#nextId++;
    return this.#ask(this.#offers, requestId, () =>
      this.connection.send({ type: "offerRequest", requestId, ...request }),
    );
  }

  /**
   * Binds a session to this connection. `listener` hears of it from then on.
   * @throws sdk/refused, sdk/provider-lost, sdk/no-answer
   */
  async attach({ listener, ...showing }: Showing & { readonly listener: SessionListener }): Promise<{
    theirs: NewestStates;
    send: (message: SessionMessage) => void;
  }> {
    const handle = this.#nextId++;
    this.#sessions.set(handle, listener);
    try {
      const theirs = await this.#show(handle, showing);
      return { theirs, send: (message) => void this.connection.send({ type: "session", handle, message }) };
    } catch (error) {
      this.#sessions.delete(handle);
      throw error;
    }
  }

  /** Shows a session's newest states, such as to a watchtower. @returns the other side's @throws as `attach` */
  show(showing: Showing): Promise<NewestStates> {
    return this.#show(this.#nextId++, showing);
  }

  #show(handle: number, { sessionId, sessionPrivateKey, domain, newest }: Showing): Promise<NewestStates> {
    const { handshakeHash } = this.connection;
    const signature = signMessageOf(sessionPrivateKey, domain, "ChannelAttachment", { sessionId, handshakeHash });
    return this.#ask(this.#attachments, handle, () =>
      this.connection.send({ type: "attach", handle, sessionId, signature, newest }),
    );
  }

  #refused({ regarding, id, message, code }: Refuse): void {
    const error = new DemecError("sdk/refused", `The provider refused the ${regarding}: ${message} (${code}).`, {
      details: { regarding, code },
    });
    const waiter = (regarding === "offer" ? this.#offers : this.#attachments).get(id);
    if (waiter !== undefined) waiter.reject(error);
    else if (regarding === "attach") this.#sessions.get(id)?.ended(error);
  }

  #ask<T>(waiters: Map<number, Waiter<T>>, id: number, send: () => void): Promise<T> {
    if (!this.#open)
      return Promise.reject(new DemecError("sdk/provider-lost", "The connection to the provider has ended."));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => {
      reject(new DemecError("sdk/no-answer", `The provider did not answer within ${this.#answerMs} ms.`));
    }, this.#answerMs);
    waiters.set(id, { resolve, reject });
    try {
      send();
    } catch (error) {
      reject(error as Error);
    }
    return promise.finally(() => {
      clearTimeout(timer);
      waiters.delete(id);
    });
  }
}
