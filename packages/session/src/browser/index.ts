export { IndexedDbJournal } from "./indexedDbJournal.ts";
export { IndexedDbVault } from "./indexedDbVault.ts";
export { type Ownership, type OwnershipOptions, takeOwnership, type WhenOwned } from "./ownership.ts";
