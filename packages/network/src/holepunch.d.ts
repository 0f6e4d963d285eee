// What is used of the Holepunch modules, which are CommonJS without types. Only members named here may be used.

declare module "hyperdht" {
  import type { EventEmitter } from "node:events";
  import type { Duplex } from "node:stream";
  import type NoiseSecretStream from "@hyperswarm/secret-stream";
  import type UdxStream from "udx-native/lib/stream";

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
      ephemeral?: boolean;
      firewalled?: boolean;
    }
    type CreateSecretStream = (
      isInitiator: boolean,
      rawStream: Duplex | null,
      options: NoiseSecretStream.Options,
    ) => NoiseSecretStream;
    interface ConnectOptions {
      relayAddresses?: readonly Address[];
      /** Node that relays. */
      relayThrough?: Uint8Array;
      /** Whether to punch a hole, asked when both NATs are known. */
      holepunch?: () => boolean;
      /** Whether to try addresses of the local network. */
      localConnection?: boolean;
      createSecretStream?: CreateSecretStream;
    }
    interface Request {
      token: Uint8Array | null;
      command: number;
      target: Uint8Array;
      value: Uint8Array | null;
    }
    interface MutableRecord {
      seq: number;
      value: Uint8Array;
      signature: Uint8Array;
    }
    /** A key pair, or a public key whose holder signs elsewhere. */
    type Signer = KeyPair | { publicKey: Uint8Array };
    /** @param token that the DHT node gave, @param nodeId that node's id */
    type SignAnnouncement = (topic: Uint8Array, token: Uint8Array, nodeId: Uint8Array) => Promise<Uint8Array>;
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
      /** Announces the key anew, within seconds. */
      refresh(): void;
      listen(keyPair?: KeyPair): Promise<Server>;
      close(): Promise<void>;
    }
    interface ServerOptions {
      /** Whether to turn away a connection from this key. */
      firewall?: (remotePublicKey: Uint8Array, payload: unknown, clientAddress: Address) => boolean;
      createSecretStream?: CreateSecretStream;
    }
  }

  class HyperDHT extends EventEmitter {
    constructor(options?: HyperDHT.Options);
    readonly defaultKeyPair: HyperDHT.KeyPair;
    static keyPair(seed?: Uint8Array): HyperDHT.KeyPair;
    /** BLAKE2b, 32 bytes. */
    static hash(data: Uint8Array): Uint8Array;
    fullyBootstrapped(): Promise<void>;
    address(): HyperDHT.Address | null;
    /** As others see it; null while they differ. */
    remoteAddress(): HyperDHT.Address | null;
    connect(publicKey: Uint8Array, options?: HyperDHT.ConnectOptions): NoiseSecretStream;
    createRawStream(options: object): UdxStream;
    mutablePut(
      keyPair: HyperDHT.Signer,
      value: Uint8Array,
      options: { seq: number; signMutable?: () => Uint8Array },
    ): Promise<unknown>;
    /** The newest record whose signature is good, or with `latest: false` the first. */
    mutableGet(publicKey: Uint8Array, options?: { latest?: boolean }): Promise<HyperDHT.MutableRecord | null>;
    /** Nodes of the routing table, those heard of last first. */
    toArray(options: { limit: number }): HyperDHT.Address[];
    ping(address: HyperDHT.Address, options: { retry: boolean }): Promise<unknown>;
    /** One request to one node. @returns its reply; rejects when none comes */
    request(
      request: HyperDHT.Request,
      to: HyperDHT.Address,
      options: { retry: boolean },
    ): Promise<{ readonly value: Uint8Array | null }>;
    createServer(options: HyperDHT.ServerOptions, onConnection: (stream: NoiseSecretStream) => void): HyperDHT.Server;
    lookup(topic: Uint8Array): HyperDHT.Query<{ peers: HyperDHT.FoundPeer[] }>;
    announce(
      topic: Uint8Array,
      keyPair: HyperDHT.Signer,
      relayAddresses: HyperDHT.Address[],
      options?: { signAnnounce: HyperDHT.SignAnnouncement },
    ): HyperDHT.Query<unknown>;
    unannounce(
      topic: Uint8Array,
      keyPair: HyperDHT.Signer,
      options?: { signUnannounce: HyperDHT.SignAnnouncement },
    ): Promise<void>;
    readonly stats: { readonly requests: { readonly total: number } };
    destroy(options?: { force?: boolean }): Promise<void>;
  }

  export default HyperDHT;
}

declare module "hyperdht/lib/constants.js" {
  const constants: { readonly COMMANDS: { readonly FIND_PEER: number } };

  export default constants;
}

declare module "hyperdht/testnet.js" {
  function createTestnet(
    size: number,
    options: { host: string; port?: number },
  ): Promise<{ readonly bootstrap: readonly { host: string; port: number }[]; destroy(): Promise<void> }>;

  export default createTestnet;
}

declare module "@hyperswarm/secret-stream" {
  import type { Duplex } from "node:stream";
  import type { Duplex as StreamxDuplex } from "streamx";

  /** A streamx Duplex, which this package uses like Node's. */
  class NoiseSecretStream extends Duplex {
    constructor(isInitiator: boolean, rawStream: Duplex | StreamxDuplex | null, options?: NoiseSecretStream.Options);
    readonly opened: Promise<boolean>;
    readonly publicKey: Uint8Array;
    readonly remotePublicKey: Uint8Array;
    /** Hash of the Noise handshake, 64 bytes: the same on both ends. */
    readonly handshakeHash: Uint8Array;
    readonly rawStream: Duplex;
    readonly destroying: boolean;
    /** The multiplexer, once there is one. */
    readonly userData: unknown;
    /** Bytes of messages after the handshake. */
    readonly rawBytesRead: number;
    /** Whether the handshake and the header after it are still to come. */
    protected readonly _setup: boolean;
    /** Length of the message that comes in, as far as it is known. */
    protected get _len(): number;
    protected set _len(bytes: number);
    static keyPair(seed?: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array };
  }

  namespace NoiseSecretStream {
    interface Options {
      keyPair?: { publicKey: Uint8Array; secretKey: Uint8Array };
    }
  }

  export default NoiseSecretStream;
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
    interface Channel<Handshake> {
      open(handshake?: Handshake): void;
      close(): void;
      addMessage<T>(options: { encoding: Encoding<T>; autoBatch: boolean; onmessage: (value: T) => void }): Message<T>;
    }
  }

  class Protomux {
    constructor(stream: NoiseSecretStream);
    readonly stream: NoiseSecretStream;
    /** False while the stream's buffer is above its mark; `ondrain` of a channel tells when that is over. */
    readonly drained: boolean;
    /** Hears of a channel that the other side opens first; it is refused unless it exists once the promise resolves. */
    pair(channel: { protocol: string; id?: Uint8Array }, notify: (id: Uint8Array) => Promise<void>): void;
    unpair(channel: { protocol: string; id?: Uint8Array }): void;
    /** Whether there is such a channel, or it has been asked for. */
    opened(channel: { protocol: string; id: Uint8Array }): boolean;
    protected _destroying: boolean;
    protected _safeDestroy(error: unknown): void;
    protected _warn(error: unknown): void;
    createChannel<Handshake>(options: {
      protocol: string;
      id?: Uint8Array;
      handshake?: Protomux.Encoding<Handshake>;
      onopen?: (handshake: Handshake) => void;
      ondrain: () => void;
      onclose: () => void;
    }): Protomux.Channel<Handshake> | null;
  }

  export default Protomux;
}

declare module "hypercore" {
  import type Protomux from "protomux";

  class Hypercore {
    readonly key: Uint8Array;
    readonly discoveryKey: Uint8Array;
    readonly length: number;
    readonly writable: boolean;
    ready(): Promise<void>;
    append(blocks: readonly Uint8Array[]): Promise<unknown>;
    /** With `wait: false` null for a block that is not here. */
    get(index: number, options?: { wait: boolean }): Promise<Uint8Array | null>;
    has(start: number, end: number): Promise<boolean>;
    /** Asks the peer on this stream for the core, and serves it. */
    replicate(mux: Protomux): unknown;
    clear(start: number, end: number): Promise<unknown>;
    download(range: { start: number; end: number }): { destroy(): void };
    close(): Promise<void>;
  }
  export default Hypercore;
}

declare module "corestore" {
  import type NoiseSecretStream from "@hyperswarm/secret-stream";
  import type Hypercore from "hypercore";

  class Corestore {
    /** @param options active: whether every peer is asked for every core that is opened; true by default */
    constructor(directory: string, options: { active: boolean });
    readonly storage: { compact(): Promise<void> };
    ready(): Promise<void>;
    get(options: { key?: Uint8Array; name?: string }): Hypercore;
    replicate(stream: NoiseSecretStream): unknown;
    close(): Promise<void>;
  }
  export default Corestore;
}

declare module "blind-relay" {
  import type { EventEmitter } from "node:events";
  import type { Readable } from "node:stream";
  import type NoiseSecretStream from "@hyperswarm/secret-stream";
  import type UdxStream from "udx-native/lib/stream";

  /** One peer that came to be relayed. Emits "pair" (isInitiator, token, stream), "error" and "close". */
  class Session extends EventEmitter {
    destroy(error?: Error): void;
  }

  class Server {
    constructor(options: { createStream: (options: object) => UdxStream });
    readonly stats: { readonly streams: { readonly active: number } };
    accept(stream: NoiseSecretStream, options: { id: Uint8Array }): Session;
  }

  /** The peer's side; the id that the relay gives comes as data. */
  class Client {
    constructor(stream: NoiseSecretStream, options: { id: Uint8Array });
    pair(isInitiator: boolean, token: Buffer, stream: UdxStream): Readable;
  }
}

declare module "udx-native/lib/stream" {
  import type { Duplex } from "node:stream";

  class UdxStream extends Duplex {
    readonly bytesReceived: number;
    readonly socket: object;
    readonly remoteHost: string;
    readonly remotePort: number;
    connect(socket: object, remoteId: number, port: number, host?: string): void;
  }

  export default UdxStream;
}

declare module "udx-native" {
  import type UdxStream from "udx-native/lib/stream";

  class UDX {
    createSocket(): { bind(port: number, host: string): void; address(): { port: number }; close(): Promise<void> };
    createStream(id: number, options?: { framed?: boolean }): UdxStream;
  }

  export default UDX;
}

declare module "streamx" {
  type Callback = (error: Error | null) => void;

  /** Much like Node's; runs in browsers. */
  class Duplex {
    constructor(options?: { eagerOpen?: boolean });
    push(data: Uint8Array | null): boolean;
    end(): void;
    destroy(error?: Error): void;
    _open(callback: Callback): void;
    _read(callback: Callback): void;
    _write(data: Uint8Array, callback: Callback): void;
    _final(callback: Callback): void;
    _predestroy(): void;
    _destroy(callback: Callback): void;
  }
}

declare module "sodium-universal" {
  function crypto_generichash(output: Uint8Array, input: Uint8Array): void;
  function crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  function crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
}
