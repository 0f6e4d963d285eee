import type { GuideMessage, Hex } from "@demec/protocol";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import { Connection } from "../connection.ts";
import { toHex } from "../hex.ts";
import type { Guide } from "../networkTypes.ts";
import type { Listener } from "../transport/listener.ts";
import type { NoiseStream } from "../transport/noiseStream.ts";
import { dialWebSocket } from "../transport/webSocketClient.ts";
import { listenWebSocket } from "../transport/webSocketListener.ts";
import { GuideLink, type GuideLinkHandler, REFUSE_ALL } from "./guideLink.ts";
import type { TunnelChannel } from "./tunnelChannel.ts";

// For tests: a guide, and a guest, that say what no honest one would.

const deadline = { timeoutMs: 5_000 };
const greet = (stream: NoiseStream) => Connection.open(stream, {}, deadline);

/** A guide whose answers and tunnels are the test's. */
export class HostileGuide {
  onMessage: (message: GuideMessage, link: GuideLink) => void = () => {};
  onTunnel: (tunnel: TunnelChannel, target: Hex, link: GuideLink) => void = REFUSE_ALL.onTunnel;
  readonly keyPair = NoiseSecretStream.keyPair();
  readonly #links: GuideLink[] = [];
  #listener: Listener | undefined;

  static async start(): Promise<HostileGuide> {
    const guide = new HostileGuide();
    const handler: GuideLinkHandler = {
      onMessage: (...message) => guide.onMessage(...message),
      onTunnel: (...tunnel) => guide.onTunnel(...tunnel),
    };
    guide.#listener = await listenWebSocket(
      { host: "127.0.0.1", port: 0 },
      {
        keyPair: guide.keyPair,
        admits: () => true,
        take: (stream) => {
          stream.on("error", () => {});
          void stream.opened
            .then((opened) => (opened ? GuideLink.accept(stream, handler, greet) : null))
            .then(
              (link) => link instanceof GuideLink && guide.#links.push(link),
              () => {},
            );
        },
      },
    );
    return guide;
  }

  get guide(): Guide {
    return { url: this.#listener!.address, publicKey: toHex(this.keyPair.publicKey) };
  }

  async close(): Promise<void> {
    await this.#listener?.close();
    await Promise.all(this.#links.map((link) => link.close()));
  }
}

/** A guest that says anything to a guide. */
export function hostileGuest(
  { url, publicKey }: Guide,
  handler: Partial<GuideLinkHandler> = {},
  keyPair = NoiseSecretStream.keyPair(),
): Promise<GuideLink> {
  const stream = dialWebSocket(url, keyPair);
  return GuideLink.open(stream, { ...REFUSE_ALL, ...handler }, { greet, deadline, expectedKey: publicKey });
}
