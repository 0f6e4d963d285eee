import type { Offer, SessionState } from "../eip712.ts";
import type {
  Accept,
  Cancel,
  CloseRequest,
  Fault,
  NewestStates,
  Propose,
  Reject,
  SessionMessage,
  SignedState,
} from "../messages.ts";
import { listUpTo, message, nullable, struct } from "./combinators.ts";
import { ack, invoke, result } from "./execution.ts";
import { MAX_CODE_BYTES, MAX_PROPOSAL_ITEMS, MAX_RECEIPT_BYTES, MAX_TEXT_BYTES } from "./limits.ts";
import {
  bool,
  bytesUpTo,
  type Codec,
  hexOf,
  stringUpTo,
  textUpTo,
  uint,
  uint32,
  uint64,
  uint128,
  uint256,
} from "./primitives.ts";

export const hash32 = hexOf(32);
export const address = hexOf(20);
/** r ‖ s ‖ v of an ECDSA key: session and operator keys sign nothing else. */
export const signature = hexOf(65);
export const code = stringUpTo(MAX_CODE_BYTES);
export const text = textUpTo(MAX_TEXT_BYTES);
const callIds = listUpTo(MAX_PROPOSAL_ITEMS, uint);

export const offer: Codec<Offer> = struct<Offer>({
  serviceId: uint256,
  provider: address,
  buyer: address,
  minCredits: uint128,
  maxCredits: uint128,
  minValuePerCredit: uint128,
  bondPerCredit: uint128,
  demandMaxInputBytes: uint32,
  demandWindow: uint32,
  demandDeposit: uint128,
  expiry: uint64,
  nonce: uint256,
});

const sessionState: Codec<SessionState> = struct<SessionState>({
  sessionId: hash32,
  seq: uint64,
  creditsUsed: uint128,
  invocations: uint64,
  breaches: uint64,
  receiptsRoot: hash32,
  isFinal: bool,
});

const signedState: Codec<SignedState> = struct<SignedState>({
  state: sessionState,
  operatorSig: nullable(signature),
  sessionKeySig: nullable(signature),
});

export const newestStates: Codec<NewestStates> = struct<NewestStates>({
  full: nullable(signedState),
  half: nullable(
    struct<NonNullable<NewestStates["half"]>>({
      state: sessionState,
      operatorSig: nullable(signature),
      sessionKeySig: nullable(signature),
      receipts: listUpTo(MAX_PROPOSAL_ITEMS, bytesUpTo(MAX_RECEIPT_BYTES)),
    }),
  ),
});

/** Codecs of all session messages by name; `frame.ts` gives them their numbers. */
export const sessionMessageCodecs: { readonly [M in SessionMessage as M["type"]]: Codec<M> } = {
  invoke,
  cancel: message<Cancel>("cancel", { callId: uint }),
  result,
  fault: message<Fault>("fault", { callId: uint, code, message: text, breach: bool }),
  ack,
  propose: message<Propose>("propose", {
    state: sessionState,
    operatorSig: signature,
    callIds,
    faultIds: callIds,
  }),
  accept: message<Accept>("accept", { seq: uint64, sessionKeySig: signature }),
  reject: message<Reject>("reject", { seq: uint64, code, message: text }),
  closeRequest: message<CloseRequest>("closeRequest", {}),
};
