/** What a code promises: whether the same call may succeed later, and the next step for whoever reads it. */
export interface ErrorDescriptor {
  readonly retryable: boolean;
  readonly next: string;
}

/**
 * Every error code of the project, by room. Codes are stable: they are never renamed and never reused.
 * The error index of the documentation is generated from this table.
 */
export const ERROR_TABLE = {
  "protocol/out-of-range": { retryable: false, next: "Give a value inside the stated range." },
  "protocol/malformed": {
    retryable: false,
    next: "Check that both ends run a compatible version; the bytes are not a valid encoding.",
  },
  "protocol/bad-signature": { retryable: false, next: "Sign with the key that was committed for this purpose." },
  "protocol/bad-service-name": {
    retryable: false,
    next: "Name the service by its CAIP-19 id: eip155:<chain>/erc1155:<token contract>/<id>.",
  },
  "protocol/bad-region": {
    retryable: false,
    next: "Use lower-case segments joined by '-', coarse to fine, such as eu-de-fra.",
  },
  "curve/unordered": {
    retryable: false,
    next: "Give control points with strictly increasing supply and non-decreasing price.",
  },
  "curve/out-of-range": { retryable: false, next: "Keep supply and price inside the ranges stated in docs/curve.md." },
  // chain
  "chain/wrong-chain": { retryable: false, next: "Connect the client to the chain of the deployment." },
  "chain/bad-deployment": { retryable: false, next: "Give the JSON that scripts/deploy.ts wrote, unchanged." },
  "chain/rpc": { retryable: true, next: "Check that the chain's node answers, then try again." },
  "chain/reverted": { retryable: false, next: "See the error's details for what the contract said." },
  "chain/insufficient-gas-money": { retryable: false, next: "Send some of the chain's own coin to the account." },
  "chain/unknown-service": { retryable: false, next: "Look up the service's id with listServices." },
  "chain/unknown-session": { retryable: false, next: "Check the session id and the chain." },
  "chain/deadline-passed": { retryable: false, next: "Send it again with a later deadline, if it is still wanted." },
  "chain/zero-amount": { retryable: false, next: "Give an amount greater than 0." },
  "chain/slippage": { retryable: false, next: "Quote again and decide whether the new price is acceptable." },
  "chain/insufficient-credits": { retryable: false, next: "Buy credits of this service first." },
  "chain/insufficient-funds": { retryable: false, next: "Get more of the payment token first." },
  "chain/insufficient-allowance": { retryable: false, next: "Approve the exact amount first (approveExact)." },
  "chain/insufficient-stake": { retryable: false, next: "Stake more, or wait until sessions free their bonds." },
  "chain/unsupported-token": {
    retryable: false,
    next: "Use a payment token whose transfers move exactly the amount asked.",
  },
  "chain/nothing-to-withdraw": { retryable: false, next: "Nothing is due to this account." },
  "chain/bad-terms": { retryable: false, next: "Keep the service's terms inside the ranges in docs/contracts.md." },
  "chain/provider-inactive": {
    retryable: false,
    next: "Register, bind an operator and stake at least the minimum first.",
  },
  "chain/not-enrolled": { retryable: false, next: "Enrol the provider in this service first." },
  "chain/already-enrolled": { retryable: false, next: "Nothing to do: the provider has enrolled already." },
  "chain/too-early": { retryable: true, next: "Wait until the time that the error names." },
  "chain/foreign-signer": { retryable: false, next: "Use a signature of the key that the error names." },
  "chain/forbidden": { retryable: false, next: "Send it from the account that is entitled to it." },
  "chain/offer-expired": { retryable: false, next: "Ask the provider for a new offer." },
  "chain/offer-used": { retryable: false, next: "Ask the provider for a new offer: each opens one session." },
  "chain/offer-refused": { retryable: false, next: "Stay inside the offer's and the service's limits." },
  "chain/session-not-open": { retryable: false, next: "Read the session's status with getSession." },
  "chain/session-not-closing": { retryable: false, next: "Start closing first, or read the status with getSession." },
  "chain/foreign-state": { retryable: false, next: "Use a state that was signed for this very session." },
  "chain/stale-state": { retryable: false, next: "Use the newest state; getNewestState tells what the chain has." },
  "chain/not-cosigned": { retryable: false, next: "Use a state with both signatures." },
  "chain/not-final": { retryable: false, next: "Close with a final state, or start closing with this one." },
  "chain/final": { retryable: false, next: "Bring a final state with closeSession." },
  // limit orders
  "chain/unknown-order": { retryable: false, next: "Check the order id; an order that is sold and claimed is gone." },
  "chain/order-too-small": { retryable: false, next: "Offer at least the amount that the error names." },
  "chain/nothing-to-fill": {
    retryable: true,
    next: "Wait until the price reaches that of the order whose turn it is.",
  },
  "chain/nothing-to-cancel": { retryable: false, next: "The order was sold: claim its proceeds (claimLimitOrder)." },
  "chain/nothing-to-claim": { retryable: true, next: "Wait until some of the order is sold." },
} as const satisfies Record<string, ErrorDescriptor>;

export type ErrorCode = keyof typeof ERROR_TABLE;
