// A buyer that speaks the protocol by hand, and so can say what no honest one would.
import { type Connection, Node, type NodeOptions } from "@demec/network";
import {
  type Address,
  type Frame,
  type Hex,
  type NewestStates,
  type OfferReply,
  type SessionFrame,
  type SigningDomain,
  signMessageOf,
} from "@demec/protocol";

export const NOTHING: NewestStates = { full: null, half: null };

export class BuyerPeer {
  readonly connection: Connection;
  readonly #frames: Frame[] = [];
  #wake: () => void = () => {};
  #requests = 0;

  /** Runs `act` as a peer connected to a node. */
  static async with<T>(options: NodeOptions, nodeKey: Hex, act: (peer: BuyerPeer) => Promise<T>): Promise<T> {
    const node = await Node.create(options);
    try {
      return await act(new BuyerPeer(await node.connect(nodeKey)));
    } finally {
      await node.close();
    }
  }

  constructor(connection: Connection) {
    this.connection = connection;
    connection.onMessage((frame) => {
      this.#frames.push(frame);
      this.#wake();
    });
    void connection.closed.then(() => this.#wake());
  }

  /** The first frame, from now on or before, that has not been taken yet and for which `wanted` holds; one taker at a time. */
  async take(wanted: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const index = this.#frames.findIndex(wanted);
      if (index >= 0) return this.#frames.splice(index, 1)[0]!;
      if (this.connection.isClosed) throw new Error("The connection has ended.");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** An offer for a session, or the code of the refusal. */
  async offer(request: { serviceId: bigint; buyer: Address; credits: bigint }): Promise<OfferReply | string> {
    const requestId = ++this.#requests;
    this.connection.send({ type: "offerRequest", requestId, ...request });
    const answer = await this.take(
      (frame) =>
        (frame.type === "offerReply" && frame.requestId === requestId) ||
        (frame.type === "refuse" && frame.regarding === "offer" && frame.id === requestId),
    );
    return answer.type === "refuse" ? answer.code : (answer as OfferReply);
  }

  /** Sends an attachment. */
  sendAttach(handle: number, sessionId: Hex, signature: Hex, newest = NOTHING): void {
    this.connection.send({ type: "attach", handle, sessionId, signature, newest });
  }

  /** The provider's newest states, or the code of the refusal. */
  async attached(handle: number): Promise<NewestStates | string> {
    const answer = await this.take(
      (frame) =>
        (frame.type === "attached" && frame.handle === handle) ||
        (frame.type === "refuse" && frame.regarding === "attach" && frame.id === handle),
    );
    return answer.type === "refuse" ? answer.code : (answer as Extract<Frame, { type: "attached" }>).newest;
  }

  attach(handle: number, sessionId: Hex, signature: Hex, newest = NOTHING): Promise<NewestStates | string> {
    this.sendAttach(handle, sessionId, signature, newest);
    return this.attached(handle);
  }

  /** What proves a session key on this connection, or on the one that `handshakeHash` names. */
  attachment(
    sessionPrivateKey: Hex,
    domain: SigningDomain,
    sessionId: Hex,
    handshakeHash = this.connection.handshakeHash,
  ): Hex {
    return signMessageOf(sessionPrivateKey, domain, "ChannelAttachment", { sessionId, handshakeHash });
  }

  say(handle: number, message: SessionFrame["message"]): void {
    this.connection.send({ type: "session", handle, message });
  }
}
