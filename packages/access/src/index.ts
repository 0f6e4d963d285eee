export { AccountGate, type AccountGateOptions } from "./accountGate.ts";
export { providerDomain, type SigningMethod, siweText } from "./challenge.ts";
export { type Condition, conditionSchema } from "./condition.ts";
export { accountOfDid, formatDid } from "./did.ts";
export type { Situation } from "./facts.ts";
export type { AccessGate, Challenge, Claims, Entrance } from "./gate.ts";
export {
  formatGrants,
  type Grant,
  type GrantParameters,
  grantDigest,
  parseGrants,
  type SignedGrant,
  signGrant,
} from "./grant.ts";
export { chainOracle, type Oracle } from "./holds.ts";
export { NodeKeyOpener, nodeKeySealer } from "./nodeKeySealer.ts";
export { nodeKeyOf } from "./nodeKeys.ts";
export { type GatePolicy, parseGatePolicy } from "./policy.ts";
export { type ProveParameters, prove } from "./prove.ts";
export { signRevocation } from "./revocation.ts";
export type { Caller, Reader, SealContext, SecretOpener, SecretSealer } from "./sealer.ts";
export { hasSealed, openVariables, sealVariables } from "./secretEnvironment.ts";
export { type AccessStore, MemoryAccessStore } from "./store.ts";
export { type VerifyTokenParameters, verifyToken } from "./tokens.ts";
