import {
  type AccessReply,
  type AccessRequest,
  type Attach,
  type Attached,
  type ControlMessage,
  type Hello,
  type OfferReply,
  type OfferRequest,
  type Ping,
  type Pong,
  type Refuse,
  WIRE_VERSION,
} from "../messages.ts";
import { message, oneOf } from "./combinators.ts";
import { MAX_ACCESS_BYTES } from "./limits.ts";
import { type Codec, stringUpTo, uint, uint8, uint128, uint256 } from "./primitives.ts";
import { address, code, hash32, newestStates, offer, signature, text } from "./sessionMessages.ts";

/** Either direction, last: why this end closes the connection. */
export interface Goodbye {
  readonly type: "goodbye";
  readonly code: string;
  readonly message: string;
}

/** Either direction: a message of this type is not known here; the connection goes on without it. */
export interface Unsupported {
  readonly type: "unsupported";
  readonly messageType: number;
}

/** Messages that a connection deals with itself. */
export type ConnectionMessage = Goodbye | Unsupported;

const accessText = stringUpTo(MAX_ACCESS_BYTES);

/** Of a hello in another version only the version is known to mean the same; whatever follows is left unread. */
const hello: Codec<Hello> = {
  preencode(state, value) {
    uint.preencode(state, value.version);
    text.preencode(state, value.agent);
  },
  encode(state, value) {
    uint.encode(state, value.version);
    text.encode(state, value.agent);
  },
  decode(state) {
    const version = uint.decode(state);
    if (version === WIRE_VERSION) return { type: "hello", version, agent: text.decode(state) };
    state.start = state.end;
    return { type: "hello", version, agent: "" };
  },
};

/** Codecs of all control messages by name; `frame.ts` gives them their numbers. */
export const controlMessageCodecs: {
  readonly [M in ControlMessage | ConnectionMessage as M["type"]]: Codec<M>;
} = {
  hello,
  ping: message<Ping>("ping", { nonce: uint }),
  pong: message<Pong>("pong", { nonce: uint }),
  goodbye: message<Goodbye>("goodbye", { code, message: text }),
  unsupported: message<Unsupported>("unsupported", { messageType: uint8 }),
  offerRequest: message<OfferRequest>("offerRequest", {
    requestId: uint,
    serviceId: uint256,
    buyer: address,
    credits: uint128,
  }),
  offerReply: message<OfferReply>("offerReply", { requestId: uint, offer, operatorSig: signature }),
  refuse: message<Refuse>("refuse", { regarding: oneOf("offer", "attach", "access"), id: uint, code, message: text }),
  attach: message<Attach>("attach", { handle: uint, sessionId: hash32, signature, newest: newestStates }),
  attached: message<Attached>("attached", { handle: uint, newest: newestStates }),
  accessRequest: message<AccessRequest>("accessRequest", {
    requestId: uint,
    serviceId: uint256,
    step: oneOf("challenge", "enter", "token", "revoke"),
    text: accessText,
  }),
  accessReply: message<AccessReply>("accessReply", { requestId: uint, text: accessText }),
};
