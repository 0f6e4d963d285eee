export type { ContentPort } from "./content.ts";
export { createDemec, type Demec } from "./demec.ts";
export { type DiscoverOptions, discover, type Lead } from "./discovery.ts";
export type { NetworkPort } from "./network.ts";
export type { DemecOptions, ServiceOptions } from "./options.ts";
export type { OutputStream } from "./outputStream.ts";
export { OwnModule } from "./ownModule.ts";
export { type CallResult, PaidSession } from "./paidSession.ts";
export { type ProveReceiptParameters, proveReceipt } from "./proveReceipt.ts";
export type { Experience } from "./providerHistory.ts";
export { type ReceiptLink, type ReceiptLinks, receiptLinks, type VerifyReceiptParameters } from "./receiptLinks.ts";
export { type CallOptions, makeRequest, type StreamOptions } from "./request.ts";
export { balanced, type Candidate, nearestFirst, type SelectionPolicy } from "./selection.ts";
export type { CloseOptions, Closing, SellBack } from "./sellBack.ts";
export { type CallInput, Service } from "./service.ts";
export { serviceIdIn } from "./serviceId.ts";
export { MemoryVault, type SessionVault } from "./sessionVault.ts";
export { type Turns, turnsOf } from "./turns.ts";
export {
  type FunctionSchema,
  type InputOf,
  type JsonSchema,
  type OutputOf,
  type PublishedSchema,
  parseSchema,
} from "./typed/functionSchema.ts";
export { TypedFunction, type TypedResult } from "./typed/typedFunction.ts";
export { verifyReceipt } from "./verifyReceipt.ts";
export type { WatchtowerEvent, WatchtowerPolicy } from "./watchtower/watchtower.ts";
