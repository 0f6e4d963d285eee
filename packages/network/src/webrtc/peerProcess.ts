import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { DemecError } from "@demec/protocol";
import type { RtcConfig } from "node-datachannel";
import { encodePeerFrame, type FromPeer, PeerFrameReader, READY_PEER } from "./peerFrames.ts";
import { ProcessPeer } from "./processPeer.ts";

const MAIN = new URL(import.meta.url.endsWith(".ts") ? "peerMain.ts" : "peerMain.js", import.meta.url);

/**
 * A process that holds libdatachannel and nothing else: it parses what strangers send by UDP, in C and C++, so it has none of
 * the node's keys and no environment; and where it aborts or hangs, data channels are lost and nothing else is.
 * It ends with this one, and keeps it from ending only while there is a peer.
 */
export class PeerProcess {
  /** Resolves, never rejects, when it has ended. */
  readonly closed: Promise<void>;
  readonly #child: ChildProcess;
  readonly #pipes: readonly [stdin: Socket, stdout: Socket];
  readonly #peers = new Map<number, ProcessPeer>();
  #made = READY_PEER;
  #hasEnded = false;

  /** @throws network/webrtc-failed where the add-on is missing on this platform */
  static async start(): Promise<PeerProcess> {
    const ready = Promise.withResolvers<void>();
    const started = new PeerProcess(ready.resolve);
    const failed = started.closed.then(() => {
      throw new DemecError("network/webrtc-failed", "The process for WebRTC ended: node-datachannel can't be loaded.");
    });
    await Promise.race([ready.promise, failed]);
    started.#holdNode();
    return started;
  }

  private constructor(onReady: () => void) {
    const child = spawn(process.execPath, ["--no-warnings", fileURLToPath(MAIN)], {
      env: {},
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child = child;
    this.#pipes = [child.stdin as Socket, child.stdout as Socket];
    this.closed = new Promise((resolve) => {
      child.once("exit", resolve);
      child.once("error", resolve);
    }).then(() => this.#lose());
    // Of a process that is gone `closed` tells.
    child.stdin.on("error", () => {});
    const reader = new PeerFrameReader<FromPeer>({
      onMessage: (peer, bytes) => this.#peers.get(peer)?.onMessage(bytes),
      onControl: (peer, control) => (peer === READY_PEER ? onReady() : this.#peers.get(peer)?.onControl(control)),
    });
    child.stdout.on("data", (chunk: Buffer<ArrayBuffer>) => reader.push(chunk));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** One end of a peer connection to be. */
  peer(config: RtcConfig): ProcessPeer {
    const id = ++this.#made;
    const peer = new ProcessPeer({
      say: (what) => void this.#pipes[0].write(encodePeerFrame(id, what)),
      onDestroyed: () => {
        this.#peers.delete(id);
        this.#holdNode();
      },
    });
    this.#peers.set(id, peer);
    this.#holdNode();
    if (this.#hasEnded) peer.onControl({ type: "closed" });
    else this.#pipes[0].write(encodePeerFrame(id, { type: "make", config }));
    return peer;
  }

  /** Ends it, with all peers. */
  stop(): void {
    // By force: at its end libdatachannel waits for threads that wait for it, now and then.
    this.#child.kill("SIGKILL");
  }

  #lose(): void {
    this.#hasEnded = true;
    for (const peer of this.#peers.values()) peer.onControl({ type: "closed" });
  }

  #holdNode(): void {
    for (const one of [this.#child, ...this.#pipes]) {
      if (this.#peers.size > 0) one.ref();
      else one.unref();
    }
  }
}
