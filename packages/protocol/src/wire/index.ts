export { decodeAdvert, encodeAdvert, MAX_ADVERTISED_SERVICES } from "./advert.ts";
export { BatchWriter, readBatch } from "./batch.ts";
export type { ConnectionMessage, Goodbye, Unsupported } from "./controlMessages.ts";
export {
  CONTROL_TYPE,
  type DecodedFrame,
  decodeFrame,
  encodeFrame,
  type Frame,
  frameBytes,
  SESSION_TYPE,
  type SessionFrame,
  type UnknownFrame,
} from "./frame.ts";
export {
  decodeGuideMessage,
  encodeGuideMessage,
  GUIDE_TYPE,
  type GuideAnswer,
  type GuideMessage,
  type GuideRequest,
  MAX_GUIDE_MESSAGE_BYTES,
  MAX_GUIDE_PEERS,
  MAX_GUIDE_RECORD_BYTES,
  type SignedRecord,
} from "./guideMessages.ts";
export * from "./limits.ts";
export {
  decodeRtcDescription,
  encodeRtcDescription,
  MAX_RTC_CANDIDATES,
  type RtcCandidate,
  type RtcDescription,
} from "./rtcDescription.ts";
export type {
  AnnouncedFrame,
  AnnouncedInvoke,
  AnnouncedOutput,
  AnnouncedResult,
  StreamContent,
  StreamMessage,
} from "./streamMessages.ts";
