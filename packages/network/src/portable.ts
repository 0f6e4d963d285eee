// What runs in a browser too: channels over any Noise stream, and the names of topics.
export {
  type CloseReason,
  Connection,
  type ConnectionOptions,
  type FrameHandler,
  type IncomingFrame,
  type OutgoingFrame,
} from "./connection.ts";
export { providerTopics, regionTopic, serviceTopic } from "./topics.ts";
