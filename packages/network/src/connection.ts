import {
  type DecodedFrame,
  DemecError,
  type Frame,
  type Hex,
  isDemecError,
  MAX_FRAME_BYTES,
  MAX_MESSAGE_BYTES,
  readBatch,
  sha256,
  WIRE_VERSION,
} from "@demec/protocol";
import type { CloseReason, ConnectionOptions, FrameHandler, OutgoingFrame } from "./connectionTypes.ts";
import { type Deadline, within } from "./deadline.ts";
import { greetingError, proveKey } from "./greeting.ts";
import { toHex } from "./hex.ts";
import { Inbox } from "./inbox.ts";
import { Mux, rawBytes } from "./mux.ts";
import { Outbox } from "./outbox.ts";
import type { OutputWriter } from "./streams/outgoing.ts";
import { PayloadStreams, type StreamHandler } from "./streams/payloadStreams.ts";
import type { Carrier, NoiseStream } from "./transport/noiseStream.ts";
import { Vigil } from "./vigil.ts";

const DEFAULTS = {
  agent: "demec",
  heartbeatMs: 500,
  deadAfterMs: 1500,
  watchMs: 100,
  suspectAfterMs: 300,
  maxQueuedBytes: 64 * 1024 * 1024,
};
/** Longest message of the multiplexer that an honest peer sends: a batch of a core's blocks. */
const MUX_BATCH_BYTES = 8 * 1024 * 1024;
/** A goodbye gets this long to leave before the stream is cut. */
const GOODBYE_MS = 1000;

/**
 * One encrypted, multiplexed connection between two nodes. It works over any duplex Noise stream, whatever carries it.
 * Batches of frames flow on the channel "demec" of the multiplexer; other channels (code by content) live beside it.
 */
export class Connection {
  /** The other side's node key, proved by the handshake. */
  readonly remotePublicKey: Hex;
  /** 32 bytes that name this connection to both ends: SHA-256("deMEC channel v1" ‖ Noise handshake hash). */
  readonly handshakeHash: Hex;
  /** The Noise stream; for other channels of the same multiplexer only. */
  readonly stream: NoiseStream;
  /** Resolves, never rejects, as soon as the connection's end is decided. */
  readonly closed: Promise<CloseReason>;

  readonly #options: Required<{ [K in keyof ConnectionOptions]: NonNullable<ConnectionOptions[K]> }>;
  readonly #outbox: Outbox;
  readonly #inbox = new Inbox((cause) => this.#fail(cause));
  readonly #streams: PayloadStreams;
  readonly #vigil: Vigil;
  readonly #greeted = Promise.withResolvers<void>();
  readonly #finished = Promise.withResolvers<void>();
  readonly #decided = Promise.withResolvers<CloseReason>();
  readonly #unsupported = new Set<number>();
  #reason: CloseReason | undefined;
  #streamError: unknown;
  #remoteAgent: string | undefined;
  #owedPong: number | undefined;

  /**
   * Greets the other side of a Noise stream and waits for its greeting.
   * @param expectedKey node key that the other side must have proved
   * @throws network/unreachable when the stream ends before the greeting
   * @throws network/key-mismatch, network/version-mismatch, network/timeout, network/aborted
   */
  static async open(
    stream: NoiseStream,
    options: ConnectionOptions,
    deadline: Deadline,
    expectedKey?: Hex,
  ): Promise<Connection> {
    await proveKey(stream, deadline, expectedKey);
    const connection = new Connection(stream, options);
    try {
      await within(connection.#greeted.promise, "The greeting", deadline);
    } catch (error) {
      if (isDemecError(error)) connection.#end({ code: error.code, message: error.message, byPeer: false }, true);
      throw error;
    }
    return connection;
  }

  private constructor(stream: NoiseStream, options: ConnectionOptions) {
    this.#options = { ...DEFAULTS, maxMessageBytes: MAX_MESSAGE_BYTES, ...defined(options) };
    this.stream = stream;
    this.remotePublicKey = toHex(stream.remotePublicKey);
    this.handshakeHash = toHex(sha256(CHANNEL_DOMAIN, stream.handshakeHash));
    this.closed = this.#decided.promise;

    stream.maxMessageBytes = MUX_BATCH_BYTES;
    const mux = Mux.of(stream);
    const channel = mux.createChannel({
      protocol: "demec",
      ondrain: () => this.#onDrain(),
      onclose: () => this.#onCut(),
    });
    if (channel === null) throw new DemecError("network/unreachable", "The stream was closed before the greeting.");
    const batches = channel.addMessage({
      encoding: rawBytes,
      autoBatch: false,
      onmessage: (bytes) => this.#onBatch(bytes),
    });
    this.#outbox = new Outbox((batch) => batches.send(batch), MAX_FRAME_BYTES);
    this.#streams = new PayloadStreams(
      { push: (frame) => void this.#push(frame), drained: () => this.#outbox.drained() },
      this.#options.maxMessageBytes,
      (frame, announcedMs) => this.#onLargeFrame(frame, announcedMs),
    );
    this.#vigil = new Vigil({
      ...this.#options,
      isCongested: () => this.#outbox.isCongested,
      ping: (nonce) => this.#push({ type: "ping", nonce }),
      onDead: () => {
        const message = `The peer has been silent for ${this.#options.deadAfterMs} ms.`;
        this.#end({ code: "network/peer-silent", message, byPeer: true }, false);
      },
    });
    stream.rawStream.on("data", () => this.#vigil.heard());
    stream.on("error", (error) => {
      this.#streamError = error;
    });
    stream.on("close", () => {
      this.#onCut();
      this.#finished.resolve();
    });
    channel.open();
    this.#outbox.push({ type: "hello", version: WIRE_VERSION, agent: this.#options.agent });
    this.#outbox.flush();
  }

  get carrier(): Carrier {
    return this.stream.carrier;
  }

  /** IP address of the other end, or of its relay; null where it can't be told. */
  get remoteHost(): string | null {
    return this.stream.remoteHost;
  }

  /** Node key of the relay that this end had the bytes passed on by; null: none. */
  get relay(): Hex | null {
    return this.stream.relay;
  }

  /** What the other side said it is; for logs, not for decisions. */
  get remoteAgent(): string {
    return this.#remoteAgent ?? "";
  }

  /** Round trip of the newest answered ping in milliseconds, by this machine's monotonic clock. */
  get rttMs(): number | undefined {
    return this.#vigil.rttMs;
  }

  /** The round trip, once a ping has been answered; milliseconds. @throws network/closed when the connection ends first */
  async roundTrip(): Promise<number> {
    const ended = this.closed.then(({ message }) => {
      throw new DemecError("network/closed", `The connection ended before its round trip was known: ${message}`);
    });
    ended.catch(() => {});
    return this.rttMs ?? Promise.race([this.#vigil.measured, ended]);
  }

  /**
   * While somebody waits for the other side it is looked after more closely, and suspected to be gone after less silence
   * than it takes to be given up. Costs nothing while bytes come.
   */
  watch(waiting: boolean): void {
    this.#vigil.watch(waiting);
  }

  /** Whether the other side, while watched, fell silent for longer than it should, and has not been heard since. */
  get isSuspected(): boolean {
    return this.#vigil.isSuspected;
  }

  /** Sets who hears that the other side is suspected. */
  onSuspicion(handler: () => void): void {
    this.#vigil.onSuspicion = handler;
  }

  get isClosed(): boolean {
    return this.#reason !== undefined;
  }

  /**
   * Sends a frame with all others of this turn of the event loop; one above MAX_FRAME_BYTES in fragments, between which
   * others go, and nobody may write to it before it is gone. On a closed connection it does nothing: a frame that was under way
   * when the other side died is no better off. Whoever cancels a call, or ends it in a fault, ends the streams of that call.
   * @returns false when the sender had better await {@link drained} before it sends more
   * @throws protocol/out-of-range, protocol/frame-too-large; nothing is sent then
   */
  send(frame: OutgoingFrame): boolean {
    if (frame.type === "session") {
      const { type } = frame.message;
      if (type === "cancel" || type === "fault") this.#streams.cut(frame.handle, frame.message.callId);
    }
    try {
      return this.#push(frame);
    } catch (error) {
      // Its size is known once the outbox has asked for it: the small ones shall not pay for asking twice.
      if (!isDemecError(error, "protocol/frame-too-large")) throw error;
      this.#streams.sendFrame(frame);
      return !this.#outbox.isCongested;
    }
  }

  /** Begins to send what a running call writes to stdout. @throws network/stream-refused when too many are under way */
  openOutput(handle: number, callId: number): OutputWriter {
    return this.#streams.openOutput(handle, callId);
  }

  /** Sets who decides about the streams that the other side announces. */
  onStreams(handler: StreamHandler): void {
    this.#streams.handler = handler;
  }

  /** Ends all streams of a handle's calls, and frees what is held of them. */
  cutStreams(handle: number): void {
    this.#streams.cut(handle);
  }

  /** Resolves when all that was sent has gone to the transport, or when the connection has ended. */
  drained(): Promise<void> {
    return this.#outbox.drained();
  }

  /**
   * Sets who gets the frames, in order; those that came before are handed over at once. What the handler throws ends
   * the connection: with its code if it is a DemecError (the peer's fault), else with network/handler-failed.
   */
  onMessage(handler: FrameHandler): void {
    this.#inbox.open(handler);
  }

  /**
   * Says goodbye and ends the connection once what was sent before is gone, within a second; but streams end at once.
   * @param code told to the other side
   */
  close(code = "network/closed", message = "Closed by this end."): Promise<void> {
    this.#end({ code, message, byPeer: false }, true);
    return this.#finished.promise;
  }

  #push(frame: Frame): boolean {
    if (this.#reason !== undefined) return false;
    const goOn = this.#outbox.push(frame);
    if (this.#outbox.queuedBytes > this.#options.maxQueuedBytes) {
      const message = `${this.#outbox.queuedBytes} bytes wait for a peer that does not read.`;
      this.#end({ code: "network/overrun", message, byPeer: false }, false);
      return false;
    }
    return goOn;
  }

  #onBatch(bytes: Uint8Array): void {
    try {
      readBatch(bytes, MAX_FRAME_BYTES, (frame) => this.#onFrame(frame));
    } catch (error) {
      this.#fail(error);
    }
  }

  #onFrame(frame: DecodedFrame): void {
    if (this.#reason !== undefined) return;
    if (this.#remoteAgent === undefined && frame.type !== "hello" && frame.type !== "goodbye") {
      throw new DemecError("protocol/malformed", `A ${frame.type} came before hello.`);
    }
    switch (frame.type) {
      case "hello":
        this.#onHello(frame.version, frame.agent);
        return;
      case "ping":
        // One pong is owed at most: a peer that pings without reading fills no memory here.
        if (this.#outbox.isCongested) this.#owedPong = frame.nonce;
        else this.#push({ type: "pong", nonce: frame.nonce });
        return;
      case "pong":
        this.#vigil.answered(frame.nonce);
        return;
      case "goodbye":
        this.#end({ code: frame.code, message: frame.message, byPeer: true }, false);
        return;
      case "unknown":
        if (!this.#unsupported.has(frame.messageType)) {
          this.#unsupported.add(frame.messageType);
          this.#push({ type: "unsupported", messageType: frame.messageType });
        }
        return;
      case "streamOpen":
      case "streamData":
      case "streamEnd":
      case "streamAbort":
      case "streamCredit":
      case "streamTaken":
      case "streamRefuse":
        this.#streams.receive(frame);
        return;
      default:
        this.#inbox.deliver(frame);
    }
  }

  #onHello(version: number, agent: string): void {
    if (this.#remoteAgent !== undefined) throw new DemecError("protocol/malformed", "A second hello came.");
    if (version !== WIRE_VERSION) {
      throw new DemecError("network/version-mismatch", `The peer speaks version ${version}, not ${WIRE_VERSION}.`, {
        details: { theirs: version, ours: WIRE_VERSION },
      });
    }
    this.#remoteAgent = agent;
    this.#vigil.start();
    this.#greeted.resolve();
  }

  #onLargeFrame(frame: DecodedFrame, announcedMs: number): void {
    if (frame.type !== "session" && frame.type !== "attached") {
      throw new DemecError("protocol/malformed", `A ${frame.type} came in fragments.`);
    }
    this.#inbox.deliver(frame, announcedMs);
  }

  /** Ends the connection for a fault, telling the other side its code. */
  #fail(cause: unknown): void {
    const { code, message } = isDemecError(cause)
      ? cause
      : { code: "network/handler-failed", message: "A message could not be handled." };
    this.#end({ code, message, byPeer: false, cause }, true);
  }

  #onDrain(): void {
    this.#outbox.resume();
    if (this.#owedPong === undefined || this.#outbox.isCongested) return;
    this.#push({ type: "pong", nonce: this.#owedPong });
    this.#owedPong = undefined;
  }

  /** The stream has closed, or the peer has closed the channel in it. */
  #onCut(): void {
    const cause = this.#streamError;
    // What our own stream refused, such as the length of a message, has a code; a broken carrier has none.
    const { code, message } = isDemecError(cause)
      ? cause
      : { code: "network/closed", message: "The connection broke without a goodbye." };
    this.#end({ code, message, byPeer: !isDemecError(cause), cause }, false);
    this.#outbox.close();
  }

  #end(reason: CloseReason, sayGoodbye: boolean): void {
    if (this.#reason !== undefined) return;
    this.#vigil.stop();
    if (sayGoodbye) this.#outbox.push({ type: "goodbye", code: reason.code, message: reason.message });
    this.#reason = reason;
    this.#streams.close();
    this.#inbox.close();
    this.#decided.resolve(reason);
    this.#greeted.promise.catch(() => {});
    this.#greeted.reject(greetingError(reason));
    if (reason.code === "network/peer-silent" || reason.code === "network/overrun") {
      this.stream.destroy();
      return;
    }
    const cut = setTimeout(() => this.stream.destroy(), GOODBYE_MS);
    this.#finished.promise.then(() => clearTimeout(cut));
    this.#outbox.drained().then(() => this.stream.end());
  }
}

const CHANNEL_DOMAIN = new TextEncoder().encode("deMEC channel v1");

/** Without the options that are set to undefined, which must not hide a default. */
function defined<T extends object>(options: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
