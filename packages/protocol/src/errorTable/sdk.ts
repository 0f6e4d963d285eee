import type { RoomErrors } from "./descriptor.ts";

export const sdkErrors = {
  "sdk/bad-request": { retryable: false, next: "Name only what docs/gateway.md lists for a call." },
  "sdk/refused": { retryable: false, next: "See the provider's code in the details; another provider may agree." },
  "sdk/no-answer": { retryable: true, next: "Try again or use another provider." },
  "sdk/provider-lost": {
    retryable: true,
    next: "Call again: another provider is used, and what was not answered was not charged.",
  },
  "sdk/provider-suspected": { retryable: true, next: "Call again: another session does it." },
  "sdk/session-halted": {
    retryable: true,
    next: "Call again: another session is opened; this one is settled at its last co-signed state.",
  },
  "sdk/session-released": { retryable: true, next: "Call again on an open session." },
  "sdk/no-provider": {
    retryable: true,
    next: "Check that providers of the service are running and that the DHT entry points are right.",
  },
  "sdk/no-network": { retryable: false, next: "Give the client a network, such as a Node of @demec/network." },
  "sdk/no-page": { retryable: true, next: "Open a page of this site that has a wallet, then try again." },
  "sdk/no-wallet": { retryable: true, next: "Connect a wallet on the deployment's chain, then try again." },
  "sdk/bad-offer": { retryable: false, next: "Use another provider." },
  "sdk/over-budget": { retryable: false, next: "Raise the budget, or buy credits yourself." },
  "sdk/foreign-market": { retryable: false, next: "Use the deployment that the service belongs to." },
  "sdk/unknown-shape": { retryable: false, next: 'Say { shape: "command" } or { shape: "reactor" } in the call.' },
  "sdk/call-fault": { retryable: true, next: "See the provider's code in the details; nothing was charged." },
  "sdk/execution-failed": {
    retryable: false,
    next: "The function itself ended so, deterministically: look at its status, exit code and stderr in the details.",
  },
  "sdk/not-cosigned": { retryable: true, next: "Ask again after the next checkpoint." },
  "sdk/no-final-state": { retryable: true, next: "Leave the session alone: close() does so." },
  "sdk/not-settled": { retryable: true, next: "Close again after the challenge period." },
  "sdk/no-content-store": {
    retryable: false,
    next: "Connect with @demec/sdk/node or @demec/sdk/browser, or give createDemec a content store.",
  },
  "sdk/no-schema": { retryable: false, next: "Give a schema of your own: service.typed(schema)." },
  "sdk/bad-schema": {
    retryable: false,
    next: "Give JSON Schemas, draft 2020-12, as docs/guides/typed-functions.md says.",
  },
  "sdk/input-mismatch": {
    retryable: false,
    next: "Give what the schema says; the details tell where. Nothing was sent.",
  },
  "sdk/output-mismatch": {
    retryable: false,
    next: "Ask the publisher: the function does not keep to its schema. The call was charged.",
  },
  "sdk/bad-module": { retryable: false, next: "Give the bytes of a WebAssembly module (.wasm)." },
  "sdk/bad-receipt": {
    retryable: false,
    next: "Don't rely on the result; keep the receipt and the state as evidence.",
  },
  "sdk/unknown-name": {
    retryable: false,
    next: "Name the service by its CAIP-19 id, or deploy it from here; `demec services` lists the market's.",
  },
  "sdk/bad-setting": {
    retryable: false,
    next: "Set it in the environment, or give it to connect(): account, rpcUrl, deployment, network, dataDir.",
  },
  "sdk/session-ended": {
    retryable: true,
    next: "Call again: another session is opened; this one is settled on chain.",
  },
  "sdk/not-handed-over": {
    retryable: true,
    next: "Stay online until a watchtower has the states, or close the service first; check the watchtowers' node keys.",
  },
} as const satisfies RoomErrors<"sdk">;
