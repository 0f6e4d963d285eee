// What is used of the Holepunch modules, which are CommonJS without types. Only members named here may be used.

declare module "hyperdht" {
  import type { EventEmitter } from "node:events";
  import type NoiseSecretStream from "@hyperswarm/secret-stream";

  namespace HyperDHT {
    interface Address {
      host: string;
      port: number;
    }
    interface KeyPair {
      publicKey: Uint8Array;
      secretKey: Uint8Array;
    }
    interface Options {
      host?: string | undefined;
      port?: number | undefined;
      bootstrap?: readonly Address[] | undefined;
      keyPair?: KeyPair | undefined;
      seed?: Uint8Array | undefined;
      connectionKeepAlive?: number | false;
    }
    interface FoundPeer {
      publicKey: Uint8Array;
      relayAddresses: Address[];
    }
    /** Also a readable stream; a destroyed query ends its iteration. */
    interface Query<T> extends AsyncIterable<T> {
      /** DHT nodes that answered. */
      readonly successes: number;
      finished(): Promise<void>;
      destroy(): void;
    }
    interface Server extends EventEmitter {
      readonly relayAddresses: Address[];
      listen(keyPair?: KeyPair): Promise<Server>;
      close(): Promise<void>;
    }
    interface ServerOptions {
      /** Whether to turn away a connection from this key. */
      firewall?: (remotePublicKey: Uint8Array) => boolean;
    }
  }

  class HyperDHT extends EventEmitter {
    constructor(options?: HyperDHT.Options);
    readonly defaultKeyPair: HyperDHT.KeyPair;
    static keyPair(seed?: Uint8Array): HyperDHT.KeyPair;
    fullyBootstrapped(): Promise<void>;
    address(): HyperDHT.Address | null;
    /** Nodes of the routing table, those heard of last first. */
    toArray(options: { limit: number }): HyperDHT.Address[];
    ping(address: HyperDHT.Address, options: { retry: boolean }): Promise<unknown>;
    connect(publicKey: Uint8Array, options?: { relayAddresses?: HyperDHT.Address[] }): NoiseSecretStream;
    createServer(options: HyperDHT.ServerOptions, onConnection: (stream: NoiseSecretStream) => void): HyperDHT.Server;
    lookup(topic: Uint8Array): HyperDHT.Query<{ peers: HyperDHT.FoundPeer[] }>;
    announce(topic: Uint8Array, keyPair: HyperDHT.KeyPair, relayAddresses: HyperDHT.Address[]): HyperDHT.Query<unknown>;
    unannounce(topic: Uint8Array, keyPair: HyperDHT.KeyPair): Promise<void>;
    destroy(options?: { force?: boolean }): Promise<void>;
  }

  export = HyperDHT;
}

declare module "hyperdht/testnet.js" {
  function createTestnet(
    size: number,
    options: { host: string; port?: number },
  ): Promise<{ readonly bootstrap: readonly { host: string; port: number }[]; destroy(): Promise<void> }>;

  export = createTestnet;
}

declare module "@hyperswarm/secret-stream" {
  import type { Duplex } from "node:stream";

  /** A streamx Duplex, which this package uses like Node's. */
  class NoiseSecretStream extends Duplex {
    constructor(isInitiator: boolean, rawStream: Duplex, options?: NoiseSecretStream.Options);
    readonly opened: Promise<boolean>;
    readonly publicKey: Uint8Array;
    readonly remotePublicKey: Uint8Array;
    /** Hash of the Noise handshake, 64 bytes: the same on both ends. */
    readonly handshakeHash: Uint8Array;
    readonly rawStream: Duplex;
    readonly destroying: boolean;
    static keyPair(seed?: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array };
  }

  namespace NoiseSecretStream {
    interface Options {
      keyPair?: { publicKey: Uint8Array; secretKey: Uint8Array };
    }
  }

  export = NoiseSecretStream;
}

declare module "protomux" {
  import type NoiseSecretStream from "@hyperswarm/secret-stream";

  namespace Protomux {
    interface Message<T> {
      send(value: T): boolean;
    }
    interface Encoding<T> {
      preencode(state: { end: number }, value: T): void;
      encode(state: { start: number; buffer: Uint8Array }, value: T): void;
      decode(state: { start: number; end: number; buffer: Uint8Array }): T;
    }
    interface Channel {
      open(): void;
      addMessage<T>(options: { encoding: Encoding<T>; autoBatch: boolean; onmessage: (value: T) => void }): Message<T>;
    }
  }

  class Protomux {
    constructor(stream: NoiseSecretStream);
    readonly stream: NoiseSecretStream;
    /** False while the stream's buffer is above its mark; `ondrain` of a channel tells when that is over. */
    readonly drained: boolean;
    protected _destroying: boolean;
    protected _safeDestroy(error: unknown): void;
    protected _warn(error: unknown): void;
    createChannel(options: { protocol: string; ondrain: () => void; onclose: () => void }): Protomux.Channel | null;
  }

  export = Protomux;
}

declare module "hypercore" {
  class Hypercore {
    readonly key: Uint8Array;
    readonly discoveryKey: Uint8Array;
    readonly length: number;
    readonly writable: boolean;
    ready(): Promise<void>;
    append(blocks: readonly Uint8Array[]): Promise<unknown>;
    get(index: number): Promise<Uint8Array | null>;
    clear(start: number, end: number): Promise<unknown>;
    download(range: { start: number; end: number }): { destroy(): void };
    close(): Promise<void>;
  }
  export = Hypercore;
}

declare module "corestore" {
  import type NoiseSecretStream from "@hyperswarm/secret-stream";
  import type Hypercore from "hypercore";

  class Corestore {
    constructor(directory: string);
    ready(): Promise<void>;
    get(options: { key?: Uint8Array; name?: string }): Hypercore;
    replicate(stream: NoiseSecretStream): unknown;
    close(): Promise<void>;
  }
  export = Corestore;
}
