import type { NoiseStream } from "./noiseStream.ts";

/** An open door of a node: peers come in as Noise streams whose handshake is still to come. */
export interface Listener {
  /** Where it is reached: `tcp://203.0.113.7:4001`, `wss://edge.example/`. */
  readonly address: string;
  /** Takes no more peers; those inside stay. */
  close(): Promise<void>;
}

/** Where a door opens, and what others are told of it. */
export interface DoorOptions {
  /** IP address to bind. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /**
   * Address that is published instead of the bound one, as behind a forwarded port or a proxy that speaks TLS:
   * `tcp://203.0.113.7:4001`, `wss://edge.example/`. Needed when `host` means all interfaces.
   */
  readonly publicAddress?: string | undefined;
}

/** Who is let in, and who takes them. */
export interface Doorkeeper {
  readonly keyPair: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
  /** Whether there is room for one more. */
  readonly admits: () => boolean;
  readonly take: (stream: NoiseStream) => void;
}
