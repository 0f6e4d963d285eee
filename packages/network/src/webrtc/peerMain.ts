import type { RtcConfig } from "node-datachannel";
import { NativePeer } from "./nativePeer.ts";
import {
  encodePeerFrame,
  type FromPeer,
  PeerFrameReader,
  type Question,
  READY_PEER,
  type ToPeer,
} from "./peerFrames.ts";

// The process for WebRTC: holds the peers that its node asks for, at its end of two pipes.

const peers = new Map<number, NativePeer>();
const say = (peer: number, what: Uint8Array | FromPeer) => void process.stdout.write(encodePeerFrame(peer, what));

function make(id: number, config: RtcConfig): NativePeer {
  return new NativePeer(config, {
    onOpen: (remoteHost) => say(id, { type: "opened", remoteHost }),
    onMessage: (bytes) => say(id, bytes),
    onSent: (bytes) => say(id, { type: "sent", bytes }),
    onClosed: () => say(id, { type: "closed" }),
  });
}

async function answer(peer: NativePeer, question: Question): Promise<FromPeer> {
  if (question.type === "accept") {
    peer.accept(question.answer);
    return { type: "accepted" };
  }
  const described = question.type === "offer" ? peer.offer() : peer.answer(question.offer);
  return { type: "described", description: await described };
}

function onControl(id: number, control: ToPeer): void {
  if (control.type === "make") {
    peers.set(id, make(id, control.config));
    return;
  }
  // One that was destroyed is asked nothing more.
  const peer = peers.get(id)!;
  if (control.type === "destroy") {
    peers.delete(id);
    peer.destroy();
    return;
  }
  answer(peer, control).then(
    (what) => say(id, what),
    (error: unknown) => say(id, { type: "failed", message: String(error) }),
  );
}

const reader = new PeerFrameReader<ToPeer>({ onMessage: (id, bytes) => peers.get(id)?.send(bytes), onControl });
process.stdin.on("data", (chunk: Buffer<ArrayBuffer>) => reader.push(chunk));
// The node is gone. Not by an orderly end, in which libdatachannel's threads hang now and then.
process.stdin.once("close", () => process.kill(process.pid, "SIGKILL"));
// What a terminal sends to the node is not for this process: it ends after the node, which still says goodbye.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
say(READY_PEER, { type: "accepted" });
