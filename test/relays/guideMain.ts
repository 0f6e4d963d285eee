// A guide that is nobody's friend: it keeps what goes through its tunnels, and does to it what it is told. Takes orders by message.
import { Node } from "@demec/network";
import { interceptTunnels } from "@demec/network/testing";
import type { Hex } from "@demec/protocol";

/** What becomes of the next piece that is long enough to be no heartbeat; or "answer": tunnels from now on end here. */
export type Attack = "flip" | "drop" | "repeat" | "swap" | "inject" | "replay" | "cut" | "answer" | null;
export interface Order {
  readonly attack: Attack;
}
export interface Report {
  /** Base64 of everything that was kept. */
  readonly kept: string;
  /** Attacks that came to pass. */
  readonly attacks: number;
}
export interface Ready {
  readonly url: string;
  readonly publicKey: Hex;
}

/** Noise's length and tag, and the multiplexer's and the channel's headers: a ping has some ten bytes more. */
const HEARTBEAT_BYTES = 60;
const kept: Uint8Array[] = [];
let attack: Attack = null;
let attacks = 0;
let held: Uint8Array | undefined;

function pass(piece: Uint8Array): Uint8Array[] | "cut" {
  const copy = Uint8Array.from(piece);
  kept.push(copy);
  if (held !== undefined) {
    const late = held;
    held = undefined;
    return [copy, late];
  }
  if (attack === null || attack === "answer" || piece.length < HEARTBEAT_BYTES) return [copy];
  const [what, changed] = [attack, Uint8Array.from(copy)];
  attack = null;
  attacks++;
  switch (what) {
    case "flip":
      changed[changed.length - 1]! ^= 1;
      return [changed];
    case "drop":
      return [];
    case "repeat":
      return [copy, copy];
    case "swap":
      held = copy;
      return [];
    case "inject":
      return [Uint8Array.of(40, 0, 0, ...changed.subarray(3, 43)), copy];
    case "replay":
      return [copy, kept[kept.length >> 1]!];
    case "cut":
      return "cut";
  }
}

const node = await Node.create({
  bootstrap: JSON.parse(process.argv[2]!),
  host: "127.0.0.1",
  webSocket: { host: "127.0.0.1", port: 0 },
});
interceptTunnels({ pass, answers: () => attack === "answer" });
await node.listen({ onConnection: (connection) => void connection.close(), onFailure: () => {} });
process.on("message", (order: Order) => {
  attack = order.attack;
  process.send!({ kept: Buffer.concat(kept).toString("base64"), attacks } satisfies Report);
});
process.once("disconnect", () => process.exit());
process.send!({ url: node.addresses[0]!, publicKey: node.publicKey } satisfies Ready);
