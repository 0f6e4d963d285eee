export {
  type CloseReason,
  Connection,
  type ConnectionOptions,
  type FrameHandler,
  type IncomingFrame,
  type OutgoingFrame,
} from "./connection.ts";
export { type LocalDht, startLocalDht } from "./localDht.ts";
export {
  type Address,
  type ConnectOptions,
  type FoundPeer,
  type ListenOptions,
  type LookupOptions,
  Node,
  type NodeOptions,
} from "./node.ts";
export { providerTopics, regionTopic, serviceTopic } from "./topics.ts";
