import type { Duplex } from "node:stream";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import UDX from "udx-native";
import { Connection } from "../connection.ts";
import { tcpAddresses } from "../dht/ipAddresses.ts";
import { GuideLink, type GuideLinkHandler, REFUSE_ALL } from "../guide/guideLink.ts";
import { TunnelStream } from "../guide/tunnelStream.ts";
import { toHex } from "../hex.ts";
import { PeerProcess } from "../webrtc/peerProcess.ts";
import type { RtcPeer } from "../webrtc/rtcPeer.ts";
import { WebRtcStream } from "../webrtc/webRtcStream.ts";
import type { Doorkeeper, Listener } from "./listener.ts";
import { type Carrier, NoiseStream } from "./noiseStream.ts";
import { dialTcp, listenTcp } from "./tcp.ts";
import { dialWebSocket } from "./webSocketClient.ts";
import { listenWebSocket } from "./webSocketListener.ts";

// For tests: two ends of a Noise stream on 127.0.0.1, over any carrier.

export const CARRIERS: readonly Carrier[] = ["udx", "tcp", "websocket", "webrtc", "tunnel"];

type Pair = [client: NoiseStream, server: NoiseStream];

export async function noisePair(carrier: Carrier): Promise<Pair> {
  const pair = await PAIRS[carrier]();
  for (const stream of pair) stream.on("error", () => {});
  await Promise.all(pair.map((stream) => stream.opened));
  return pair;
}

const PAIRS: Record<Carrier, () => Promise<Pair>> = {
  udx: udxPair,
  tcp: () =>
    throughDoor(
      (keeper) => listenTcp({ host: "127.0.0.1", port: 0 }, keeper),
      (address, keyPair) => {
        const [{ host, port }] = tcpAddresses([address]) as [{ host: string; port: number }];
        return dialTcp(host, port, keyPair);
      },
    ),
  webrtc: webRtcPair,
  tunnel: tunnelPair,
  websocket: () => throughDoor((keeper) => listenWebSocket({ host: "127.0.0.1", port: 0 }, keeper), dialWebSocket),
};

async function throughDoor(
  listen: (keeper: Doorkeeper) => Promise<Listener>,
  dial: (address: string, keyPair: Doorkeeper["keyPair"]) => NoiseStream,
): Promise<Pair> {
  const taken = Promise.withResolvers<NoiseStream>();
  const door = await listen({ keyPair: NoiseSecretStream.keyPair(), admits: () => true, take: taken.resolve });
  const client = dial(door.address, NoiseSecretStream.keyPair());
  const server = await taken.promise;
  await door.close();
  return [client, server];
}

export const RTC_CONFIG = { iceServers: [], bindAddress: "127.0.0.1" };

let started: Promise<PeerProcess> | undefined;

/** For both ends of data channels: a node's end offers, too, so that no browser is needed. */
export function peerProcess(): Promise<PeerProcess> {
  started ??= PeerProcess.start();
  return started;
}

async function webRtcPair(): Promise<Pair> {
  const peers = await peerProcess();
  const offerer = peers.peer(RTC_CONFIG);
  const answerer = peers.peer(RTC_CONFIG);
  const stream = (peer: RtcPeer, isInitiator: boolean) =>
    new NoiseStream("webrtc", isInitiator, new WebRtcStream(peer), { keyPair: NoiseSecretStream.keyPair() });
  const pair: Pair = [stream(offerer, true), stream(answerer, false)];
  await offerer.accept(await answerer.answer(await offerer.offer()));
  return pair;
}

/** Without a guide between: one link's ends are the tunnel's. */
async function tunnelPair(): Promise<Pair> {
  const [near, far] = await noisePair("tcp");
  const deadline = { timeoutMs: 5_000 };
  const greet = (stream: NoiseStream) => Connection.open(stream, {}, deadline);
  const end = (isInitiator: boolean, stream: TunnelStream) =>
    new NoiseStream("tunnel", isInitiator, stream, { keyPair: NoiseSecretStream.keyPair() });
  const taken = Promise.withResolvers<NoiseStream>();
  const taker: GuideLinkHandler = {
    onMessage() {},
    onTunnel: (tunnel) => taken.resolve(end(false, new TunnelStream(tunnel, null))),
  };
  const expectedKey = toHex(far.publicKey);
  const [link] = await Promise.all([
    GuideLink.open(near, REFUSE_ALL, { greet, deadline, expectedKey }),
    GuideLink.accept(far, taker, greet),
  ]);
  const client = end(true, link.tunnel(expectedKey));
  client.on("close", () => void link.close());
  return [client, await taken.promise];
}

/** As hyperdht makes them, without its handshake. */
async function udxPair(): Promise<Pair> {
  const udx = new UDX();
  const ends = [1, 2].map((id) => {
    const socket = udx.createSocket();
    socket.bind(0, "127.0.0.1");
    return { id, socket, stream: udx.createStream(id, { framed: true }) };
  }) as [UdxEnd, UdxEnd];
  const [client, server] = ends;
  client.stream.connect(client.socket, server.id, server.socket.address().port, "127.0.0.1");
  server.stream.connect(server.socket, client.id, client.socket.address().port, "127.0.0.1");
  for (const { stream, socket } of ends) stream.on("close", () => void socket.close());
  return [new NoiseStream("udx", true, client.stream), new NoiseStream("udx", false, server.stream)];
}

interface UdxEnd {
  readonly id: number;
  readonly socket: ReturnType<UDX["createSocket"]>;
  readonly stream: Duplex & ReturnType<UDX["createStream"]>;
}
