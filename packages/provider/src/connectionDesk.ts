import type { Connection } from "@demec/network/portable";
import {
  type Attach,
  DemecError,
  isDemecError,
  type OfferReply,
  type OfferRequest,
  type Refuse,
} from "@demec/protocol";
import { Allowance } from "./allowance.ts";
import type { BuyerLine, HostedSession } from "./hostedSession.ts";
import type { Logger } from "./logger.ts";

/** Sessions that one connection may attach; more need another connection. */
const MAX_HANDLES = 64;
/** Requests on one connection: an offer costs a signature, an attachment some reads of the chain. */
const REQUESTS = { burst: 2 * MAX_HANDLES, perSecond: 8 };

export interface ConnectionDeskOptions {
  readonly signOffer: (request: OfferRequest) => Omit<OfferReply, "type" | "requestId">;
  /** Session that an attachment is for, restored or fresh; throws a coded error to refuse it. */
  readonly hostSession: (attach: Attach) => Promise<Pick<HostedSession, "attach" | "detach" | "receive">>;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

interface Attached {
  readonly session: Pick<HostedSession, "detach" | "receive">;
  readonly line: BuyerLine;
}

/** Answers one buyer's connection: offers, attachments, and the messages of attached sessions. */
export function serveConnection(
  connection: Connection,
  { signOffer, hostSession, logger, now }: ConnectionDeskOptions,
): void {
  const handles = new Map<number, Attached | "attaching">();
  const requests = new Allowance({ ...REQUESTS, now });

  const refuse = (regarding: Refuse["regarding"], id: number, error: unknown) => {
    // A stranger learns the code and sentence of an error that was made for it, and nothing of any other.
    const known = isDemecError(error);
    if (!known) logger.error({ error, regarding }, "request failed");
    const code = known ? error.code : "provider/internal";
    const message = known ? error.message : "The provider failed to answer.";
    connection.send({ type: "refuse", regarding, id, code, message });
  };

  const assertAllowed = () => {
    if (!requests.take()) {
      throw new DemecError("provider/too-many-requests", `More than ${REQUESTS.perSecond} requests a second came.`, {
        details: REQUESTS,
      });
    }
  };

  const attach = async (message: Attach) => {
    const { handle } = message;
    const session = await hostSession(message);
    const line: BuyerLine = {
      attached: (newest) => connection.send({ type: "attached", handle, newest }),
      send: (sessionMessage) => {
        try {
          connection.send({ type: "session", handle, message: sessionMessage });
        } catch (error) {
          logger.error({ error, type: sessionMessage.type }, "a message could not be sent");
          void connection.close("provider/internal", "A message could not be sent.");
        }
      },
      ended: (why) => {
        handles.delete(handle);
        refuse("attach", handle, why);
      },
    };
    await session.attach(message.newest, line);
    handles.set(handle, { session, line });
    if (connection.isClosed) session.detach(line);
  };

  connection.onMessage((frame) => {
    switch (frame.type) {
      case "offerRequest":
        try {
          assertAllowed();
          connection.send({ type: "offerReply", requestId: frame.requestId, ...signOffer(frame) });
        } catch (error) {
          refuse("offer", frame.requestId, error);
        }
        return;
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
        return;
      }
    }
  });

  void connection.closed.then(() => {
    for (const entry of handles.values()) if (entry !== "attaching") entry.session.detach(entry.line);
  });
}
