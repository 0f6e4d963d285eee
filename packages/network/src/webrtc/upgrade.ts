import { DemecError, decodeRtcDescription, encodeRtcDescription, isDemecError } from "@demec/protocol";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import { Connection } from "../connection.ts";
import type { ConnectionOptions } from "../connectionTypes.ts";
import { type Deadline, within } from "../deadline.ts";
import { Mux } from "../mux.ts";
import { NoiseStream } from "../transport/noiseStream.ts";
import { PagePeer } from "./pagePeer.ts";
import type { OfferingPeer } from "./rtcPeer.ts";
import { openSignalling } from "./signalling.ts";
import { WebRtcStream } from "./webRtcStream.ts";

export interface WebRtcUpgradeOptions {
  /** This end's node key; a fresh one without it. */
  readonly keyPair?: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array } | undefined;
  /** For finding a way, handshake and greeting together. Default 10,000 ms. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** STUN or TURN servers; without any a node is reached that publishes an address of its own. */
  readonly iceServers?: readonly RTCIceServer[] | undefined;
  /** For the new connection. */
  readonly connection?: ConnectionOptions | undefined;
}

/**
 * Makes a WebRTC data channel to the other end of a connection, from a page; a tunnel's bytes need no guide from then on.
 * What prepares it goes over the connection that is there, end to end encrypted; in the data channel the other end proves its
 * node key anew.
 * @returns a second connection to the same node key; the first goes on, and is the caller's to close
 * @throws network/webrtc-failed when the other end takes none or no way is found; network/timeout, network/aborted,
 *   network/key-mismatch, network/version-mismatch
 */
export async function upgradeToWebRtc(
  connection: Connection,
  { iceServers, ...options }: WebRtcUpgradeOptions = {},
): Promise<Connection> {
  return upgradeBy(connection, options, new PagePeer(iceServers));
}

/** @param peer is used up, whatever comes of it */
export async function upgradeBy(
  connection: Connection,
  {
    keyPair = NoiseSecretStream.keyPair(),
    timeoutMs = 10_000,
    signal,
    connection: connectionOptions = {},
  }: Omit<WebRtcUpgradeOptions, "iceServers">,
  peer: OfferingPeer,
): Promise<Connection> {
  const deadline: Deadline = { timeoutMs, signal };
  const stream = new NoiseStream("webrtc", true, new WebRtcStream(peer), { keyPair });
  stream.on("error", () => {});
  const negotiated = negotiate(connection, peer, deadline);
  const opened = Connection.open(stream, connectionOptions, deadline, connection.remotePublicKey);
  try {
    const [upgraded] = await Promise.all([opened, negotiated]);
    return upgraded;
  } catch (error) {
    stream.destroy();
    // The stream ends with what went wrong before it, too.
    await negotiated;
    if (!isDemecError(error, "network/unreachable")) throw error;
    throw failed("No way to the other end was found.", error);
  } finally {
    opened.catch(() => {});
  }
}

/** Offer and answer on the connection that is there. */
async function negotiate(connection: Connection, peer: OfferingPeer, deadline: Deadline): Promise<void> {
  const answered = Promise.withResolvers<Uint8Array>();
  answered.promise.catch(() => {});
  const refused = () => answered.reject(failed("The other end takes no WebRTC."));
  const signals = openSignalling(Mux.of(connection.stream), {
    onOffer: unexpected,
    onAnswer: (description) => answered.resolve(description.slice()),
    onRefusal: refused,
    onClosed: refused,
  });
  if (signals === null) throw failed("The connection has ended, or is being upgraded already.");
  try {
    signals.offer(encodeRtcDescription(await within(peer.offer(), "The offer", deadline)));
    const answer = await within(answered.promise, "The answer", deadline);
    await within(peer.accept(decodeRtcDescription(answer)), "The answer", deadline);
  } finally {
    signals.close();
  }
}

function failed(what: string, cause?: unknown): DemecError {
  return new DemecError("network/webrtc-failed", what, { cause });
}

function unexpected(): never {
  throw new DemecError("protocol/malformed", "An offer came where an answer was due.");
}
