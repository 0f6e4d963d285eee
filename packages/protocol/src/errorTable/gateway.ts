import type { RoomErrors } from "./descriptor.ts";

export const gatewayErrors = {
  "gateway/bad-request": { retryable: false, next: "See the gateway's /openapi.json for what a call may name." },
  "gateway/not-found": { retryable: false, next: "See the gateway's /openapi.json for what it serves." },
  "gateway/body-too-large": { retryable: false, next: "Send less." },
  "gateway/foreign-origin": { retryable: false, next: "Ask the gateway's operator to allow the origin (--origin)." },
  "gateway/busy": { retryable: true, next: "Try again a little later, or use another gateway." },
  "gateway/over-budget": { retryable: false, next: "Lower the call's limits, or ask the gateway's operator for more." },
  "gateway/payment-required": { retryable: false, next: "Pay as PAYMENT-REQUIRED says, with any client of x402." },
  "gateway/payment-refused": { retryable: false, next: "Sign a new payment for what PAYMENT-REQUIRED says." },
  "gateway/payment-in-use": { retryable: true, next: "Wait for the other request, or sign a new payment." },
  "gateway/not-settled": {
    retryable: true,
    next: "See that the payer can pay, then send the same request with the same payment again: it gets the result.",
  },
  "gateway/unpayable-token": { retryable: false, next: "Serve the service without x402: its token lacks ERC-3009." },
  "gateway/bad-address": { retryable: false, next: "Bind an address of this machine and a port that is free." },
  "gateway/internal": { retryable: true, next: "Try again; the gateway's operator finds more in its log." },
} as const satisfies RoomErrors<"gateway">;
