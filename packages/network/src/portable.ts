/// <reference path="./holepunch.d.ts" preserve="true" />
// What runs in a browser too: channels over any Noise stream, and the names of topics.
export { Connection } from "./connection.ts";
export type * from "./connectionTypes.ts";
export type { Address, ConnectOptions, FoundPeer, Guide, LookupOptions } from "./networkTypes.ts";
export type { ListenOptions } from "./reception.ts";
export type { OutputSink } from "./streams/incoming.ts";
export type { OutputWriter } from "./streams/outgoing.ts";
export type { StreamHandler } from "./streams/payloadStreams.ts";
export { providerTopics, regionTopic, relayTopic, serviceTopic } from "./topics.ts";
export type { Carrier } from "./transport/noiseStream.ts";
export { connectWebSocket, type WebSocketConnectOptions } from "./transport/webSocketClient.ts";
export { upgradeToWebRtc, type WebRtcUpgradeOptions } from "./webrtc/upgrade.ts";
