export { CodeStore, type FetchOptions, type PublishedCode } from "./code/codeStore.ts";
export { type LocalDht, startLocalDht } from "./dht/localDht.ts";
export {
  type Address,
  type ConnectOptions,
  type FoundPeer,
  type ListenOptions,
  type LookupOptions,
  Node,
  type NodeOptions,
} from "./dht/node.ts";
export * from "./portable.ts";
