import type { ContentReference } from "./content.ts";
import type { Address, Hex, Offer, SessionState } from "./eip712.ts";
import type { ExecutionRequest, Status } from "./execution.ts";

/** Version of the channel protocol, said in hello. */
export const WIRE_VERSION = 1;

/** A state with the signatures that exist so far. */
export interface SignedState {
  readonly state: SessionState;
  readonly operatorSig: Hex | null;
  readonly sessionKeySig: Hex | null;
}

/** Newest states of one side, exchanged when a session attaches to a connection. */
export interface NewestStates {
  /** Both signatures present. */
  readonly full: SignedState | null;
  /** Only one present; its seq is greater than that of `full`. */
  readonly half: (SignedState & { readonly receipts: readonly Uint8Array[] }) | null;
}

/** Both directions, once, first. */
export interface Hello {
  readonly type: "hello";
  readonly version: number;
  readonly agent: string;
}
/** Either direction, answered by pong with the same nonce. */
export interface Ping {
  readonly type: "ping";
  readonly nonce: number;
}
export interface Pong {
  readonly type: "pong";
  readonly nonce: number;
}
/** Buyer asks for a signed offer. */
export interface OfferRequest {
  readonly type: "offerRequest";
  readonly requestId: number;
  readonly serviceId: bigint;
  readonly buyer: Address;
  readonly credits: bigint;
}
export interface OfferReply {
  readonly type: "offerReply";
  readonly requestId: number;
  readonly offer: Offer;
  readonly operatorSig: Hex;
}
/** A step of a buyer into a gated service; see docs/access.md. */
export interface AccessRequest {
  readonly type: "accessRequest";
  readonly requestId: number;
  readonly serviceId: bigint;
  /** Asks for a challenge, answers one, shows a token, or brings a revocation. */
  readonly step: AccessStep;
  /** The subject's address; a proof; a token; a revocation. */
  readonly text: string;
}
export type AccessStep = "challenge" | "enter" | "token" | "revoke";
export interface AccessReply {
  readonly type: "accessReply";
  readonly requestId: number;
  /** The challenge; a token; else empty. */
  readonly text: string;
}
/** Either direction: a coded no to a request or to an attachment; `id` is its requestId or handle. */
export interface Refuse {
  readonly type: "refuse";
  readonly regarding: "offer" | "attach" | "access";
  readonly id: number;
  readonly code: string;
  readonly message: string;
}
/** Buyer binds an on-chain session to this connection; `handle` names it in later messages. */
export interface Attach {
  readonly type: "attach";
  readonly handle: number;
  readonly sessionId: Hex;
  /** Session key over ChannelAttachment(sessionId, handshakeHash). */
  readonly signature: Hex;
  readonly newest: NewestStates;
}
export interface Attached {
  readonly type: "attached";
  readonly handle: number;
  readonly newest: NewestStates;
}

/** Messages of one attached session: inputs and outputs of the session engine. */
export type SessionMessage = Invoke | Cancel | Result | Fault | Ack | Propose | Accept | Reject | CloseRequest;

export interface Invoke {
  readonly type: "invoke";
  /** Strictly increasing in a session, over reconnects too; a safe integer. */
  readonly callId: number;
  readonly request: ExecutionRequest;
  /** Wall-clock backstop, uint32 milliseconds from arrival; not part of the execution hash. */
  readonly deadlineMs: number;
  /** Of a command: its output is wanted while it runs, and the execution is one of a stream (docs/wasi.md). */
  readonly streamed?: true;
}
export interface Cancel {
  readonly type: "cancel";
  readonly callId: number;
}
/** What became of the streams of a streamed call. */
export interface StreamedEnd {
  /** Of the call's input: so much was offered to the program; uint32. */
  readonly inputBytes: number;
  /** Of stdout, which came as a stream of its own; uint32. */
  readonly stdoutBytes: number;
  /** Digest of a StreamHash over stdout: 32 bytes. */
  readonly stdoutHash: Uint8Array;
}
/** A deterministic end. */
export interface Result {
  readonly type: "result";
  readonly callId: number;
  readonly status: Status;
  readonly exitCode: number;
  /** Empty where it is to be fetched. */
  readonly output: Uint8Array;
  readonly stderr: Uint8Array;
  readonly bitOps: bigint;
  readonly floatOps: bigint;
  readonly durationMs: number;
  /** The output, where the call asked for it by content. */
  readonly outputContent?: ContentReference | undefined;
  /** Of a streamed call, whose `output` is empty. */
  readonly streamed?: StreamedEnd;
}
/** Any other end: no receipt, no charge; counts as a breach when `breach` says so (host failures, not refusals of bad input). */
export interface Fault {
  readonly type: "fault";
  readonly callId: number;
  readonly code: string;
  readonly message: string;
  readonly breach: boolean;
}
/** Buyer's acknowledgement of a result. */
export interface Ack {
  readonly type: "ack";
  readonly callId: number;
  readonly latencyMs: number;
  readonly pingMs: number;
  readonly breached: boolean;
}
/** Provider's next state; `callIds` are the acknowledged results it adds, in the order of their leaves, `faultIds` the faults. */
export interface Propose {
  readonly type: "propose";
  readonly state: SessionState;
  readonly operatorSig: Hex;
  readonly callIds: readonly number[];
  readonly faultIds: readonly number[];
}
export interface Accept {
  readonly type: "accept";
  readonly seq: bigint;
  readonly sessionKeySig: Hex;
}
export interface Reject {
  readonly type: "reject";
  readonly seq: bigint;
  readonly code: string;
  readonly message: string;
}
/** Buyer asks for a final state over everything acknowledged. */
export interface CloseRequest {
  readonly type: "closeRequest";
}

export type ControlMessage =
  | Hello
  | Ping
  | Pong
  | OfferRequest
  | OfferReply
  | Refuse
  | Attach
  | Attached
  | AccessRequest
  | AccessReply;

/** What a provider says of itself in the DHT, in the record of its node key: by that key's signature its own word, no more. */
export interface Advert {
  readonly chainId: number;
  /** The market, by its access token. */
  readonly accessToken: Address;
  /** Staked account; the chain says whether the node key is its own. */
  readonly owner: Address;
  /** Unix seconds after which it is to be ignored. */
  readonly expiry: number;
  /** It runs in a browser's tab, which its visitor may close at any moment. */
  readonly inBrowser: boolean;
  readonly services: readonly AdvertisedService[];
}

/** One service of an advert: what an offer would say now. */
export interface AdvertisedService {
  readonly serviceId: bigint;
  /** Sessions that may still be opened, over all services; uint32, 0: none at the moment. */
  readonly freeSessions: number;
  /** Most credits of a session; uint128, 18 decimals. */
  readonly maxCredits: bigint;
  /** Least escrow value of one whole credit; uint128, payment-token base units × 1e18. */
  readonly minValuePerCredit: bigint;
  /** Stake offered for one whole credit; uint128, stake-token base units. */
  readonly bondPerCredit: bigint;
}
