import caps from "hypercore/lib/caps.js";
import messages, {
  type CoreData,
  type CoreHandshake,
  type CoreRange,
  type CoreRequest,
  type CoreSync,
} from "hypercore/lib/messages.js";
import type Protomux from "protomux";
import type { Connection } from "../connection.ts";
import { Mux } from "../mux.ts";

export const CORE_PROTOCOL = "hypercore/alpha";

/** What one side has to say and to hear of a core on one connection. */
export interface CoreEnd {
  readonly coreKey: Uint8Array;
  readonly discoveryKey: Uint8Array;
  /** Blocks of it that are here: all or none. */
  readonly length: number;
  /** Both sides have shown that they know the key. */
  onOpen?(): void;
  onRequest?(request: CoreRequest): void;
  onCancel?(id: number): void;
  onData?(data: CoreData): void;
  /** The other side has no answer to a request. */
  onNoData?(id: number): void;
  /** The stream takes more again. */
  onDrain?(): void;
  onClose(): void;
}

/** Hypercore's channel for one core on one connection, for an end that has all of a core, or nothing. */
export class CoreChannel {
  readonly #mux: Mux;
  readonly #end: CoreEnd;
  readonly #channel: Protomux.Channel<CoreHandshake>;
  readonly #sync: Protomux.Message<CoreSync>;
  readonly #request: Protomux.Message<CoreRequest>;
  readonly #data: Protomux.Message<CoreData>;
  readonly #noData: Protomux.Message<{ request: number }>;
  readonly #range: Protomux.Message<CoreRange>;
  /** What the other side has, as it said last. */
  #remoteLength = 0;

  /** @returns null where there is one, or where the connection is over */
  static open({ isClosed, stream }: Connection, end: CoreEnd): CoreChannel | null {
    const mux = Mux.of(stream);
    const id = end.discoveryKey;
    if (isClosed || mux.opened({ protocol: CORE_PROTOCOL, id })) return null;
    const channel = mux.createChannel<CoreHandshake>({
      ...{ protocol: CORE_PROTOCOL, id, handshake: messages.wire.handshake },
      onopen: (handshake) => opened.#onOpen(handshake),
      ondrain: () => end.onDrain?.(),
      onclose: () => end.onClose(),
    });
    if (channel === null) return null;
    const opened = new CoreChannel(mux, channel, end);
    return opened;
  }

  private constructor(mux: Mux, channel: Protomux.Channel<CoreHandshake>, end: CoreEnd) {
    this.#mux = mux;
    this.#end = end;
    this.#channel = channel;
    const { wire } = messages;
    const nothing = () => {};
    // They are numbered by their order.
    this.#sync = channel.addMessage({ encoding: wire.sync, onmessage: (sync) => this.#onSync(sync) });
    this.#request = channel.addMessage({ encoding: wire.request, onmessage: (request) => end.onRequest?.(request) });
    channel.addMessage({ encoding: wire.cancel, onmessage: ({ request }) => end.onCancel?.(request) });
    this.#data = channel.addMessage({ encoding: wire.data, onmessage: (data) => end.onData?.(data) });
    this.#noData = channel.addMessage({ encoding: wire.noData, onmessage: ({ request }) => end.onNoData?.(request) });
    channel.addMessage({ encoding: wire.want, onmessage: nothing });
    channel.addMessage({ encoding: wire.unwant, onmessage: nothing });
    channel.addMessage({ encoding: wire.bitfield, onmessage: nothing });
    this.#range = channel.addMessage({ encoding: wire.range, onmessage: nothing });
    channel.addMessage({ encoding: wire.extension, onmessage: nothing });
    channel.open({ seeks: true, capability: this.#capability(true) });
  }

  /** False while more should wait for `onDrain`. */
  get drained(): boolean {
    return this.#mux.drained;
  }

  askFor(index: number): void {
    this.#request.send({
      ...{ id: index + 1, fork: 0, hash: null, seek: null, upgrade: null, manifest: false, priority: 0 },
      block: { index, nodes: 0 },
    });
  }

  answer(data: CoreData): void {
    this.#data.send(data);
  }

  refuse(request: number): void {
    this.#noData.send({ request });
  }

  close(): void {
    this.#channel.close();
  }

  #capability(ofThisEnd: boolean): Uint8Array {
    const { isInitiator, handshakeHash } = this.#mux.stream;
    return caps.replicate(isInitiator === ofThisEnd, this.#end.coreKey, handshakeHash);
  }

  #onOpen({ capability }: CoreHandshake): void {
    const expected = this.#capability(false);
    if (!capability.every((byte, i) => byte === expected[i])) {
      this.close();
      return;
    }
    this.#tell();
    if (this.#end.length > 0) this.#range.send({ drop: false, start: 0, length: this.#end.length });
    this.#end.onOpen?.();
  }

  /** A holder offers what it has once it is known that the other side has less. */
  #onSync({ length }: CoreSync): void {
    if (length === this.#remoteLength) return;
    this.#remoteLength = length;
    this.#tell();
  }

  #tell(): void {
    const { length } = this.#end;
    const isHolder = length > 0;
    this.#sync.send({
      ...{ fork: 0, length, remoteLength: this.#remoteLength, canUpgrade: isHolder, uploading: isHolder },
      ...{ downloading: !isHolder, hasManifest: isHolder, allowPush: false },
    });
  }
}
