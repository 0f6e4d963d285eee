// For who makes further backends of `AccessGate`, `SecretSealer` and `SecretOpener`, such as `@demec/access-lit`.
export { addressTo, assertAddressedTo, CIPHER, decrypting, MAX_READERS, tamperedBox } from "./box.ts";
export { type Fact, meets, type Question, questionOf } from "./facts.ts";
export { address, parseAs, parseJsonAs } from "./fields.ts";
