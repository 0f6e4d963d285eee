import { DemecError, type GuideMessage, type GuideRequest, isDemecError, type SignedRecord } from "@demec/protocol";
import { Allowance } from "../allowance.ts";
import { type Deadline, within } from "../deadline.ts";
import { fromHex } from "../hex.ts";
import type { Directory, Sign } from "./directory.ts";
import type { GuideLink } from "./guideLink.ts";
import { verifyRecord } from "./signables.ts";

/** What requests cost of a guest's allowance: about as many as the messages of the DHT that they make. */
const COSTS = { lookup: 4, read: 2, put: 4, announce: 8, unannounce: 8, listen: 1 } as const;
/** Enough to find a provider among thirty, a few times over; then some reads a second. */
const ALLOWED = { burst: 400, perSecond: 20 };
/** Requests of one guest that are under way. */
const MAX_IN_FLIGHT = 16;
const SIGN: Deadline = { timeoutMs: 5_000 };
const REQUEST: Deadline = { timeoutMs: 10_000 };

type Asked = Extract<GuideRequest, { type: keyof typeof COSTS }>;

export interface GuideDeskOptions {
  readonly directory: Directory;
  /** Takes so much of what all guests together may ask. */
  readonly mayAsk: (cost: number) => boolean;
  readonly onListen: () => void;
}

/** Answers one guest: looks into the DHT for it, and puts in what it has signed. */
export class GuideDesk {
  readonly #link: GuideLink;
  readonly #options: GuideDeskOptions;
  readonly #allowance = new Allowance({ ...ALLOWED, now: () => performance.now() });
  readonly #inFlight = new Map<number, AbortController>();
  readonly #signing = new Map<number, (signature: Uint8Array) => void>();
  #lastSignId = 0;

  constructor(link: GuideLink, options: GuideDeskOptions) {
    this.#link = link;
    this.#options = options;
    void link.closed.then(() => {
      for (const request of this.#inFlight.values()) request.abort();
    });
  }

  /** @throws protocol/malformed for what no guest says */
  receive(message: GuideMessage): void {
    switch (message.type) {
      case "stop":
        this.#inFlight.get(message.id)?.abort();
        return;
      case "signed":
        this.#signing.get(message.signId)?.(message.signature.slice());
        return;
      case "lookup":
      case "read":
      case "put":
      case "announce":
      case "unannounce":
      case "listen":
        void this.#answer(message);
        return;
      default:
        throw new DemecError("protocol/malformed", `A guest sent ${message.type}.`);
    }
  }

  async #answer(request: Asked): Promise<void> {
    const { id, type } = request;
    const stop = new AbortController();
    try {
      const cost = COSTS[type];
      if (this.#inFlight.size >= MAX_IN_FLIGHT || this.#inFlight.has(id)) throw refused("Too much is asked at once.");
      if (!this.#allowance.take(cost) || !this.#options.mayAsk(cost)) throw refused("Too much was asked.");
      this.#inFlight.set(id, stop);
      await within(this.#carryOut(request, stop.signal), `A guest's ${type}`, { ...REQUEST, signal: stop.signal });
      if (!stop.signal.aborted) this.#link.send({ type: "done", id });
    } catch (error) {
      if (stop.signal.aborted || this.#link.isClosed) return;
      // What else went wrong in the DHT, or here, is no guest's affair.
      this.#link.send({ type: "failed", id, code: isDemecError(error) ? error.code : "network/unreachable" });
    } finally {
      stop.abort();
      if (this.#inFlight.get(id) === stop) this.#inFlight.delete(id);
    }
  }

  async #carryOut(request: Asked, signal: AbortSignal): Promise<void> {
    const { directory, onListen } = this.#options;
    const guest = fromHex(this.#link.peer);
    switch (request.type) {
      case "lookup":
        return this.#lookup(request.id, request.topic.slice(), request.limit, signal);
      case "read": {
        const record = await directory.read(request.publicKey.slice(), request.isNewest);
        if (!signal.aborted) this.#link.send({ type: "record", id: request.id, record: record && plain(record) });
        return;
      }
      case "put": {
        const { seq, value, signature } = request.record;
        const record = { seq, value: value.slice(), signature: signature.slice() };
        if (!verifyRecord(record, guest)) throw refused("The record is not signed by whoever brings it.");
        return directory.put(guest, record);
      }
      case "announce":
      case "unannounce":
        return directory[request.type](request.topic.slice(), guest, this.#signer(request.id));
      case "listen":
        return onListen();
    }
  }

  async #lookup(id: number, topic: Uint8Array, limit: number, signal: AbortSignal): Promise<void> {
    for await (const { publicKey } of this.#options.directory.lookup(topic, { signal, limit })) {
      if (signal.aborted) return;
      this.#link.send({ type: "peers", id, publicKeys: [fromHex(publicKey)] });
    }
  }

  /** Has the guest sign for one DHT node after the other. */
  #signer(id: number): Sign {
    return async (nodeId, token) => {
      const signId = ++this.#lastSignId;
      const { promise, resolve } = Promise.withResolvers<Uint8Array>();
      this.#signing.set(signId, resolve);
      this.#link.send({ type: "sign", id, signId, nodeId, token });
      try {
        return await within(promise, "A guest's signature", SIGN);
      } finally {
        this.#signing.delete(signId);
      }
    };
  }
}

function refused(why: string): DemecError {
  return new DemecError("network/guide-refused", why);
}

function plain({ seq, value, signature }: SignedRecord): SignedRecord {
  return { seq, value, signature };
}
