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
    readonly isInitiator: boolean;
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
      addMessage<T>(options: { encoding: Encoding<T>; autoBatch?: boolean; onmessage: (value: T) => void }): Message<T>;
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

  export type Encoding<T> = Protomux.Encoding<T>;
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

// Hypercore's replication by itself, of the version that is pinned: for who has no disk to keep a core on.

declare module "hypercore/lib/caps.js" {
  const caps: {
    /** Proves to a peer of this stream that its owner knows the core's key. */
    replicate(isInitiator: boolean, key: Uint8Array, handshakeHash: Uint8Array): Uint8Array;
  };
  export default caps;
}

declare module "hypercore/lib/messages.js" {
  import type { Encoding } from "protomux";

  export interface CoreHandshake {
    seeks: boolean;
    capability: Uint8Array;
  }
  export interface CoreSync {
    fork: number;
    length: number;
    /** Length of the other side's, as far as is known. */
    remoteLength: number;
    canUpgrade: boolean;
    uploading: boolean;
    downloading: boolean;
    hasManifest: boolean;
    allowPush: boolean;
  }
  /** What a core's holder is asked for at once; of a node of the tree so many of its parents' siblings, too. */
  export interface CoreWanted {
    block: { index: number; nodes: number } | null;
    hash: { index: number; nodes: number } | null;
    seek: { bytes: number; padding: number } | null;
    upgrade: { start: number; length: number } | null;
  }
  export interface CoreRequest extends CoreWanted {
    id: number;
    fork: number;
    manifest: boolean;
    priority: number;
  }
  export interface TreeNode {
    index: number;
    size: number;
    hash: Uint8Array;
  }
  export interface CoreProof {
    fork: number;
    block: { index: number; value: Uint8Array; nodes: TreeNode[] } | null;
    hash: object | null;
    seek: object | null;
    upgrade: object | null;
    manifest: CoreManifest | null;
  }
  export interface CoreData extends CoreProof {
    request: number;
  }
  /** What a core's key is the hash of. */
  export interface CoreManifest {
    version: number;
    hash: "blake2b";
    allowPatch: boolean;
    quorum: number;
    signers: never[];
    /** Of a core that nobody can append to: the hash of its tree. */
    prologue: { hash: Uint8Array; length: number };
    linked: null;
    userData: null;
  }
  export interface CoreRange {
    drop: boolean;
    start: number;
    length: number;
  }
  const messages: {
    readonly wire: {
      readonly handshake: Encoding<CoreHandshake>;
      readonly sync: Encoding<CoreSync>;
      readonly request: Encoding<CoreRequest>;
      readonly cancel: Encoding<{ request: number }>;
      readonly data: Encoding<CoreData>;
      readonly noData: Encoding<{ request: number }>;
      readonly want: Encoding<object>;
      readonly unwant: Encoding<object>;
      readonly bitfield: Encoding<object>;
      readonly range: Encoding<CoreRange>;
      readonly extension: Encoding<object>;
    };
  };
  export default messages;
}

declare module "hypercore/lib/merkle-tree.js" {
  import type { CoreProof, CoreWanted, TreeNode } from "hypercore/lib/messages.js";

  interface Reader {
    getTreeNode(index: number): Promise<TreeNode | null>;
    tryFlush(): void;
  }
  /** A core as far as its tree is concerned. */
  export interface Tree {
    readonly fork: number;
    readonly length: number;
    readonly byteLength: number;
    readonly roots: readonly TreeNode[];
    readonly signature: null;
    readonly prologue: null;
    readonly storage: { read(): Reader };
  }
  export class MerkleTreeBatch {
    constructor(tree: Tree);
    /** All that were made by appending. */
    readonly nodes: readonly TreeNode[];
    readonly roots: readonly TreeNode[];
    readonly byteLength: number;
    append(block: Uint8Array): void;
    hash(): Uint8Array;
  }
  export const MerkleTree: {
    /** @throws for what the tree doesn't have. The block is without its value. */
    proof(tree: Tree, reader: Reader, wanted: CoreWanted): Promise<{ settle(): Promise<CoreProof> }>;
  };
}

declare module "hypercore/lib/verifier.js" {
  import type { CoreManifest } from "hypercore/lib/messages.js";

  const Verifier: { manifestHash(manifest: CoreManifest): Uint8Array };
  export default Verifier;
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
  function crypto_generichash(output: Uint8Array, input: Uint8Array, key?: Uint8Array): void;
  function crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  function crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
}
