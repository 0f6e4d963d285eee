// In a page of Chromium: a node of the market's network, driven from the test.
import { BrowserNode, type Connection, type Guide } from "@demec/network/browser";
import type { Hex } from "@demec/protocol";

let node: BrowserNode;

/** What a test wants to know of a connection. */
export interface Reached {
  readonly carrier: string;
  readonly relay: Hex | null;
  readonly remotePublicKey: Hex;
  readonly roundTripMs: number;
  /** Code that an offer of a session that makes no sense was refused with. */
  readonly answer: string;
}

/** @returns the page's node key */
export async function join(guides: readonly Guide[]): Promise<Hex> {
  node = await BrowserNode.create({ guides });
  return node.publicKey;
}

export async function lookup(topic: Uint8Array): Promise<Hex[]> {
  const keys: Hex[] = [];
  for await (const { publicKey } of node.lookup(topic)) keys.push(publicKey);
  return keys;
}

export async function advertBytes(publicKey: Hex): Promise<number> {
  return (await node.readAdvert(publicKey))?.length ?? 0;
}

/** Connects, asks for something that no provider gives, and leaves. */
export async function reach(publicKey: Hex): Promise<Reached> {
  const connection = await node.connect(publicKey);
  const { carrier, relay, remotePublicKey } = connection;
  const roundTripMs = await connection.roundTrip();
  const answer = await refusalOf(connection);
  await connection.close();
  return { carrier, relay, remotePublicKey, roundTripMs, answer };
}

function refusalOf(connection: Connection): Promise<string> {
  return new Promise((resolve) => {
    connection.onMessage((frame) => resolve(frame.type === "refuse" ? frame.code : frame.type));
    connection.send({ type: "accessRequest", requestId: 1, serviceId: 2n ** 255n, step: "challenge", text: "" });
  });
}
