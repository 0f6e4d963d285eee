import type {
  AnnouncedFrame,
  AnnouncedOutput,
  DecodedFrame,
  Frame,
  StreamContent,
  StreamMessage,
} from "@demec/protocol";
import { IncomingStreams, type OutputSink } from "./incoming.ts";
import { OutgoingStreams, type OutputWriter, type StreamCarrier } from "./outgoing.ts";

/** Decides about the streams of a connection. Without one, all that the other side announces is refused. */
export interface StreamHandler {
  /** Whether a frame above MAX_FRAME_BYTES may come; asked before a byte of it is held. */
  mayCome(announced: AnnouncedFrame): boolean;
  /**
   * Who takes the output of a running call, or null for nobody.
   * @param consumed to be told as bytes are consumed, so that more may come
   */
  outputOf?(announced: AnnouncedOutput, consumed: (bytes: number) => void): OutputSink | null;
  /** The other side takes none, or no more, of something that was sent here. */
  refused?(content: StreamContent, code: string): void;
  /** The other side has the whole of a frame that was sent in fragments. */
  taken?(content: StreamContent): void;
}

/** Both directions of what a connection carries in fragments; docs/network.md says by which rules. */
export class PayloadStreams {
  handler: StreamHandler | undefined;
  readonly #outgoing: OutgoingStreams;
  readonly #incoming: IncomingStreams;

  /** @param deliver hears of each frame that came whole, and of the monotonic milliseconds when it was announced */
  constructor(
    carrier: StreamCarrier,
    maxMessageBytes: number,
    deliver: (frame: DecodedFrame, announcedMs: number) => void,
  ) {
    const events = {
      refused: (content: StreamContent, code: string) => this.handler?.refused?.(content, code),
      taken: (content: StreamContent) => this.handler?.taken?.(content),
      mayCome: (announced: AnnouncedFrame) => this.handler?.mayCome(announced) ?? false,
      outputOf: (announced: AnnouncedOutput, consumed: (bytes: number) => void) =>
        this.handler?.outputOf?.(announced, consumed) ?? null,
      frame: deliver,
    };
    this.#outgoing = new OutgoingStreams(carrier, events, maxMessageBytes);
    this.#incoming = new IncomingStreams((frame) => carrier.push(frame), events, maxMessageBytes);
  }

  /** @throws protocol/frame-too-large beyond the largest message */
  sendFrame(frame: Frame): void {
    this.#outgoing.sendFrame(frame);
  }

  /** @throws network/stream-refused */
  openOutput(handle: number, callId: number): OutputWriter {
    return this.#outgoing.openOutput(handle, callId);
  }

  /** @throws protocol/malformed for what no honest peer says */
  receive(message: StreamMessage): void {
    switch (message.type) {
      case "streamOpen":
        this.#incoming.open(message.streamId, message.content);
        return;
      case "streamData":
        this.#incoming.data(message.streamId, message.bytes);
        return;
      case "streamEnd":
        this.#incoming.end(message.streamId, message.hash);
        return;
      case "streamAbort":
        this.#incoming.abort(message.streamId);
        return;
      case "streamCredit":
        this.#outgoing.credit(message.streamId, message.bytes);
        return;
      case "streamTaken":
        this.#outgoing.taken(message.streamId);
        return;
      case "streamRefuse":
        this.#outgoing.refuse(message.streamId, message.code);
        return;
    }
  }

  /** Ends both directions of a call, or (without one) of all calls of a handle, and frees what is held of them. */
  cut(handle: number, callId?: number): void {
    this.#outgoing.cut(handle, callId);
    this.#incoming.cut(handle, callId);
  }

  close(): void {
    this.#outgoing.close();
    this.#incoming.close();
  }
}
