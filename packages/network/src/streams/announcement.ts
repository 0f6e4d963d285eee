import { type AnnouncedFrame, type Frame, inputBytes, type StreamContent } from "@demec/protocol";

/** What is said of a frame before it comes in fragments. @param messageBytes of its whole encoding */
export function announcementOf(frame: Frame, messageBytes: number): AnnouncedFrame {
  if (frame.type !== "session") return { kind: "message", messageBytes };
  const { handle, message } = frame;
  switch (message.type) {
    case "invoke": {
      const { callId, deadlineMs, request } = message;
      const { limits } = request;
      const input = Number(inputBytes(request));
      return { kind: "invoke", handle, callId, deadlineMs, limits, inputBytes: input, messageBytes };
    }
    case "result":
      return { kind: "result", handle, callId: message.callId, messageBytes };
    default:
      return { kind: "message", messageBytes };
  }
}

/** Whether a frame is what was announced: otherwise it was admitted as what it is not. */
export function isAsAnnounced(announced: AnnouncedFrame, frame: Frame): boolean {
  const actual = announcementOf(frame, announced.messageBytes);
  if (announced.kind === "message" || actual.kind === "message") return announced.kind === actual.kind;
  if (announced.handle !== actual.handle || announced.callId !== actual.callId) return false;
  if (announced.kind === "result" || actual.kind === "result") return announced.kind === actual.kind;
  const { bitOps, floatOps, memoryPages, outputBytes } = actual.limits;
  return (
    announced.deadlineMs === actual.deadlineMs &&
    announced.inputBytes === actual.inputBytes &&
    announced.limits.bitOps === bitOps &&
    announced.limits.floatOps === floatOps &&
    announced.limits.memoryPages === memoryPages &&
    announced.limits.outputBytes === outputBytes
  );
}

/** Whether a stream belongs to a call of an attached session. */
export function isOfCall(content: StreamContent, handle: number, callId: number): boolean {
  return content.kind !== "message" && content.handle === handle && content.callId === callId;
}
