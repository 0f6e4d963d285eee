import type { Connection } from "@demec/network/portable";
import {
  type Attach,
  DemecError,
  isDemecError,
  type OfferReply,
  type OfferRequest,
  type Refuse,
} from "@demec/protocol";
import type { HostedSession, SendToBuyer } from "./hostedSession.ts";
import type { Logger } from "./logger.ts";

/** Sessions that one connection may attach; more need another connection. */
const MAX_HANDLES = 64;

export interface ConnectionDeskOptions {
  readonly signOffer: (request: OfferRequest) => Omit<OfferReply, "type" | "requestId">;
  /** Session that an attachment is for, restored or fresh; throws a coded error to refuse it. */
  readonly hostSession: (attach: Attach, connection: Connection) => Promise<HostedSession>;
  readonly logger: Logger;
}

/** Answers one buyer's connection: offers, attachments, and the messages of attached sessions. */
export function serveConnection(
  connection: Connection,
  { signOffer, hostSession, logger }: ConnectionDeskOptions,
): void {
  const handles = new Map<number, { session: HostedSession; send: SendToBuyer } | "attaching">();
  let open = true;

  const refuse = (regarding: Refuse["regarding"], id: number, error: unknown) => {
    // A stranger learns the code and sentence of an error that was made for it, and nothing of any other.
    const known = isDemecError(error);
    if (!known) logger.error({ error, regarding }, "request failed");
    const code = known ? error.code : "provider/internal";
    connection.send({
      type: "refuse",
      regarding,
      id,
      code,
      message: known ? error.message : "The provider failed to answer.",
    });
  };

  const attach = async (message: Attach) => {
    const { handle } = message;
    try {
      if (handles.has(handle) || handles.size >= MAX_HANDLES) {
        throw new DemecError("provider/bad-handle", `Handle ${handle} is taken, or all ${MAX_HANDLES} are.`, {
          details: { handle },
        });
      }
      handles.set(handle, "attaching");
      const session = await hostSession(message, connection);
      if (!open) return;
      const send: SendToBuyer = (sessionMessage) =>
        connection.send({ type: "session", handle, message: sessionMessage });
      await session.attach(message.newest, (newest) => connection.send({ type: "attached", handle, newest }), send);
      if (open) handles.set(handle, { session, send });
      else session.detach(send);
    } catch (error) {
      if (handles.get(handle) === "attaching") handles.delete(handle);
      if (open) refuse("attach", handle, error);
    }
  };

  connection.onMessage((frame) => {
    switch (frame.type) {
      case "offerRequest":
        try {
          connection.send({ type: "offerReply", requestId: frame.requestId, ...signOffer(frame) });
        } catch (error) {
          refuse("offer", frame.requestId, error);
        }
        return;
      case "attach":
        void attach(frame);
        return;
      case "session": {
        const entry = handles.get(frame.handle);
        // A buyer that speaks before it is attached, or after another connection took over, isn't heard.
        if (entry !== undefined && entry !== "attaching") entry.session.receive(frame.message);
        return;
      }
    }
  });

  void connection.closed.then(() => {
    open = false;
    for (const entry of handles.values()) if (entry !== "attaching") entry.session.detach(entry.send);
  });
}
