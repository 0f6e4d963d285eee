/// <reference path="./holepunch.d.ts" preserve="true" />
export { ContentStore, type ContentStoreOptions } from "./content/contentStore.ts";
export type { FetchOptions } from "./content/fetching.ts";
export { type LocalDht, startLocalDht } from "./dht/localDht.ts";
export { Node, type NodeOptions } from "./dht/node.ts";
export type { RelayPolicy, RelayStatus } from "./dht/relayService.ts";
export type { GuidePolicy, GuideStatus } from "./guide/guideService.ts";
export { nodeKeyOf, nodeSeed } from "./nodeSeed.ts";
export * from "./portable.ts";
export type { DoorOptions } from "./transport/listener.ts";
export type { WebRtcOptions } from "./webrtc/webRtcDoor.ts";
