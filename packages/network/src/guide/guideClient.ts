import {
  DemecError,
  type GuideMessage,
  type GuideRequest,
  type Hex,
  MAX_GUIDE_PEERS,
  type SignedRecord,
} from "@demec/protocol";
import { type Deadline, within } from "../deadline.ts";
import { fromHex, toHex } from "../hex.ts";
import type { FoundPeer, LookupOptions } from "../networkTypes.ts";
import type { GuideLink } from "./guideLink.ts";
import { type KeyPair, signAnnouncement, verifyRecord } from "./signables.ts";

/** Requests that wait for their end, as a guide allows them; more wait here. */
const MAX_IN_FLIGHT = 8;
const IN_TIME = { timeoutMs: 10_000 };

type Asked = GuideRequest extends infer R ? (R extends { id: number } ? Omit<R, "id"> : never) : never;

interface Pending {
  readonly onAnswer: (answer: GuideMessage) => void;
  readonly reject: (error: DemecError) => void;
}

/**
 * Asks a guide what the DHT knows, and has it put into the DHT what this end has signed. Nothing that a guide says is taken
 * at its word: records are checked here, and a key that it names is proved by whoever is connected to.
 */
export class GuideClient {
  readonly #link: GuideLink;
  readonly #keyPair: KeyPair;
  readonly #pending = new Map<number, Pending>();
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;
  #lastId = 0;

  constructor(link: GuideLink, keyPair: KeyPair) {
    this.#link = link;
    this.#keyPair = keyPair;
    void link.closed.then(({ message }) => {
      for (const { reject } of this.#pending.values()) {
        reject(new DemecError("network/closed", `The guide is gone: ${message}`));
      }
    });
  }

  /** Gets what the guide says. @throws protocol/malformed for what was not asked for */
  receive(message: GuideMessage): void {
    if (!("id" in message)) throw new DemecError("protocol/malformed", `A guide sent ${message.type}.`);
    this.#pending.get(message.id)?.onAnswer(message);
  }

  /**
   * Nodes that announced a topic, each once.
   * @throws network/guide-refused, network/closed, network/timeout, network/aborted
   */
  async lookup(topic: Uint8Array, { signal, limit = 64 }: LookupOptions = {}): Promise<FoundPeer[]> {
    const seen = new Set<Hex>();
    const asked: Asked = { type: "lookup", topic, limit: Math.min(limit, MAX_GUIDE_PEERS) };
    await this.#ask(asked, { ...IN_TIME, signal }, (answer) => {
      if (answer.type !== "peers") return answer.type === "done";
      for (const publicKey of answer.publicKeys) if (seen.size < limit) seen.add(toHex(publicKey));
      return seen.size >= limit;
    });
    return [...seen].map((publicKey) => ({ publicKey, relayAddresses: [] }));
  }

  /** The record of a node key, its signature checked. @throws network/bad-record; as lookup does */
  async read(publicKey: Hex, isNewest: boolean): Promise<SignedRecord | null> {
    const key = fromHex(publicKey);
    let found: SignedRecord | null = null;
    await this.#ask({ type: "read", publicKey: key, isNewest }, IN_TIME, (answer) => {
      if (answer.type !== "record") return false;
      found = answer.record;
      return true;
    });
    // It came in a message that others may share.
    const record = found as SignedRecord | null;
    if (record === null) return null;
    if (!verifyRecord(record, key)) {
      throw new DemecError(
        "network/bad-record",
        `Guide ${this.#link.peer} gave a record that ${publicKey} never signed.`,
        {
          details: { guide: this.#link.peer, publicKey },
        },
      );
    }
    return { ...record, value: record.value.slice() };
  }

  /** @throws as lookup does */
  put(record: SignedRecord): Promise<void> {
    return this.#do({ type: "put", record });
  }

  /** @throws as lookup does */
  announce(topic: Uint8Array): Promise<void> {
    return this.#do({ type: "announce", topic });
  }

  /** @throws as lookup does */
  unannounce(topic: Uint8Array): Promise<void> {
    return this.#do({ type: "unannounce", topic });
  }

  /** Has tunnels to this end opened. @throws as lookup does */
  listen(): Promise<void> {
    return this.#do({ type: "listen" });
  }

  async #do(request: Asked): Promise<void> {
    await this.#ask(request, IN_TIME, (answer) => {
      if (answer.type === "sign" && (request.type === "announce" || request.type === "unannounce")) {
        const { nodeId, token, signId } = answer;
        // What is signed is put together here: of the guide's words only a DHT node's id and its token are in it.
        const signature = signAnnouncement(request.type, { topic: request.topic, nodeId, token }, this.#keyPair);
        this.#link.send({ type: "signed", signId, signature });
      }
      return answer.type === "done";
    });
  }

  /** @param take gets each answer but a failure, and tells whether it was the last */
  async #ask(request: Asked, deadline: Deadline, take: (answer: GuideMessage) => boolean): Promise<void> {
    await this.#turn();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.set(id, {
      reject,
      onAnswer: (answer) => {
        if (answer.type === "failed") {
          const { code } = answer;
          reject(new DemecError("network/guide-refused", `The guide did not do it: ${code}.`, { details: { code } }));
        } else if (take(answer)) resolve();
      },
    });
    try {
      if (this.#link.isClosed) throw new DemecError("network/closed", "The guide is gone.");
      this.#link.send({ ...request, id } as GuideRequest);
      await within(promise, `A guide's answer to ${request.type}`, deadline);
    } catch (error) {
      if (!this.#link.isClosed) this.#link.send({ type: "stop", id });
      throw error;
    } finally {
      this.#pending.delete(id);
      this.#inFlight--;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#inFlight >= MAX_IN_FLIGHT) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#inFlight++;
  }
}
