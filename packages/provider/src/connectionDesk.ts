import { Allowance } from "@demec/network/allowance";
import type { Connection } from "@demec/network/portable";
import {
  type AccessRequest,
  type Attach,
  DemecError,
  isDemecError,
  type OfferReply,
  type OfferRequest,
  type Refuse,
} from "@demec/protocol";
import type { BuyerLine, HostedSession } from "./hostedSession.ts";
import type { Logger } from "./logger.ts";

/** Sessions that one connection may attach; more need another connection. */
const MAX_HANDLES = 64;
/** Requests on one connection: an offer costs a signature, an attachment some reads of the chain. */
const REQUESTS = { burst: 2 * MAX_HANDLES, perSecond: 8 };
/** Requests above the allowance, and messages of no attached session, after which a connection is ended. */
const MAX_UNHEARD = 1024;

export interface ConnectionDeskOptions {
  readonly signOffer: (request: OfferRequest) => Omit<OfferReply, "type" | "requestId">;
  /** A step into a gated service; throws a coded error to refuse it. */
  readonly answerAccess: (request: AccessRequest) => Promise<string>;
  /** Session that an attachment is for, restored or fresh; throws a coded error to refuse it. */
  readonly hostSession: (attach: Attach) => Promise<Pick<HostedSession, "announce" | "attach" | "detach" | "receive">>;
  /** Whether the other side may ask for an offer or an attachment now, beside what this connection is allowed. */
  readonly mayAsk: () => boolean;
  /** Hears of the first session that is attached here, and when there is none any more. */
  readonly onAttachment: (attached: boolean) => void;
  /** Hears of each request that was granted, or why it was not. */
  readonly onAnswer: (regarding: Refuse["regarding"], code: string | null) => void;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

interface Attached {
  readonly session: Pick<HostedSession, "announce" | "detach" | "receive">;
  readonly line: BuyerLine;
}

/** Answers one buyer's connection: offers, attachments, and the messages of attached sessions. */
export function serveConnection(
  connection: Connection,
  { signOffer, answerAccess, hostSession, mayAsk, onAttachment, onAnswer, logger, now }: ConnectionDeskOptions,
): void {
  const handles = new Map<number, Attached | "attaching">();
  const requests = new Allowance({ ...REQUESTS, now });
  let unheard = 0;

  /** One more that nobody listens to. */
  const ignore = () => {
    if (++unheard === MAX_UNHEARD) void connection.close("provider/too-many-requests", "This end is being flooded.");
  };
  const hasSession = () => [...handles.values()].some((entry) => entry !== "attaching");

  const refuse = (regarding: Refuse["regarding"], id: number, error: unknown) => {
    // A stranger learns the code and sentence of an error that was made for it, and nothing of any other.
    const known = isDemecError(error);
    if (!known) logger.error({ error, regarding }, "request failed");
    const code = known ? error.code : "provider/internal";
    const message = known ? error.message : "The provider failed to answer.";
    connection.send({ type: "refuse", regarding, id, code, message });
    onAnswer(regarding, code);
  };

  const assertAllowed = () => {
    if (!requests.take()) {
      ignore();
      throw new DemecError("provider/too-many-requests", `More than ${REQUESTS.perSecond} requests a second came.`, {
        details: REQUESTS,
      });
    }
    if (!mayAsk()) {
      throw new DemecError("provider/too-many-requests", "More requests of strangers came than are answered.");
    }
  };

  const attach = async (message: Attach) => {
    const { handle } = message;
    const session = await hostSession(message);
    const line: BuyerLine = {
      sources: [connection],
      attached: (newest) => connection.send({ type: "attached", handle, newest }),
      send: (sessionMessage) => {
        try {
          connection.send({ type: "session", handle, message: sessionMessage });
        } catch (error) {
          logger.error({ error, type: sessionMessage.type }, "a message could not be sent");
          void connection.close("provider/internal", "A message could not be sent.");
        }
      },
      openOutput: (callId) => connection.openOutput(handle, callId),
      detached: () => connection.cutStreams(handle),
      ended: (why) => {
        const had = hasSession();
        handles.delete(handle);
        if (had && !hasSession()) onAttachment(false);
        refuse("attach", handle, why);
      },
    };
    await session.attach(message.newest, line);
    const had = hasSession();
    handles.set(handle, { session, line });
    onAnswer("attach", null);
    if (!had) onAttachment(true);
    if (connection.isClosed) session.detach(line);
  };

  connection.onStreams({
    mayCome: (announced) => {
      // Of what a buyer says only a call is ever so long; and strangers are let in with nothing.
      const entry = announced.kind === "invoke" ? handles.get(announced.handle) : undefined;
      if (announced.kind === "invoke" && entry !== undefined && entry !== "attaching") {
        return entry.session.announce(announced, entry.line);
      }
      ignore();
      return false;
    },
  });
  connection.onMessage((frame) => {
    switch (frame.type) {
      case "offerRequest":
        try {
          assertAllowed();
          connection.send({ type: "offerReply", requestId: frame.requestId, ...signOffer(frame) });
          onAnswer("offer", null);
        } catch (error) {
          refuse("offer", frame.requestId, error);
        }
        return;
      case "accessRequest": {
        const { requestId } = frame;
        try {
          assertAllowed();
        } catch (error) {
          refuse("access", requestId, error);
          return;
        }
        answerAccess(frame).then(
          (text) => {
            connection.send({ type: "accessReply", requestId, text });
            onAnswer("access", null);
          },
          (error) => refuse("access", requestId, error),
        );
        return;
      }
      case "attach": {
        const { handle } = frame;
        try {
          assertAllowed();
          if (handles.has(handle) || handles.size >= MAX_HANDLES) {
            throw new DemecError("provider/bad-handle", `Handle ${handle} is taken, or all ${MAX_HANDLES} are.`, {
              details: { handle },
            });
          }
        } catch (error) {
          refuse("attach", handle, error);
          return;
        }
        handles.set(handle, "attaching");
        void attach(frame).catch((error) => {
          handles.delete(handle);
          refuse("attach", handle, error);
        });
        return;
      }
      case "session": {
        const entry = handles.get(frame.handle);
        // A buyer that speaks before it is attached isn't heard.
        if (entry !== undefined && entry !== "attaching") entry.session.receive(frame.message, entry.line);
        else ignore();
        return;
      }
    }
  });

  void connection.closed.then(() => {
    for (const entry of handles.values()) if (entry !== "attaching") entry.session.detach(entry.line);
  });
}
