export { createDemec, type Demec } from "./demec.ts";
export type { NetworkPort } from "./network.ts";
export type { DemecOptions, ServiceOptions } from "./options.ts";
export { type CallResult, PaidSession } from "./paidSession.ts";
export { type CallOptions, makeRequest } from "./request.ts";
export { type Candidate, nearestFirst, type SelectionPolicy } from "./selection.ts";
export { Service } from "./service.ts";
export { MemoryVault, type SessionVault } from "./sessionVault.ts";
export { type VerifyReceiptParameters, verifyReceipt } from "./verifyReceipt.ts";
