import type { RoomErrors } from "./descriptor.ts";

export const paymentErrors = {
  "payment/foreign-payer": {
    retryable: false,
    next: "Send it from the payer's account: an allowance or a permit does not say what it is for.",
  },
  "payment/refused": {
    retryable: false,
    next: "Sign again, over exactly what is sent, with the payer's key; see the error's details for the token's reason.",
  },
  "payment/used": {
    retryable: false,
    next: "Nothing, if the payment was wanted once; else sign again with a new nonce.",
  },
  "payment/failed": {
    retryable: false,
    next: "Check that the payer holds the amount and has approved Permit2 for the token.",
  },
  "payment/method-unsupported": { retryable: false, next: "Use another method: an allowance works with every token." },
} as const satisfies RoomErrors<"payment">;
