import { accessErrors } from "./errorTable/access.ts";
import { chainErrors } from "./errorTable/chain.ts";
import { cliErrors } from "./errorTable/cli.ts";
import { curveErrors } from "./errorTable/curve.ts";
import { executorErrors } from "./errorTable/executor.ts";
import { litErrors } from "./errorTable/lit.ts";
import { networkErrors } from "./errorTable/network.ts";
import { paymentErrors } from "./errorTable/payment.ts";
import { protocolErrors } from "./errorTable/protocol.ts";
import { providerErrors } from "./errorTable/provider.ts";
import { sdkErrors } from "./errorTable/sdk.ts";
import { sessionErrors } from "./errorTable/session.ts";
import { wasmErrors } from "./errorTable/wasm.ts";
import { watchtowerErrors } from "./errorTable/watchtower.ts";

export type { ErrorDescriptor } from "./errorTable/descriptor.ts";

/**
 * Every error code of the project, by room. Codes are stable: they are never renamed and never reused.
 * The error index of the documentation is generated from this table.
 */
export const ERROR_TABLE = {
  // protocol
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
  "protocol/bad-files": {
    retryable: false,
    next: "Name files by relative paths below the root, each once, within the bounds in docs/wasi.md.",
  },
  "protocol/frame-too-large": {
    retryable: false,
    next: "Keep a message below MAX_MESSAGE_BYTES, or below the smaller limit that the other side states.",
  },

  // curve
  "curve/unordered": {
    retryable: false,
    next: "Give control points with strictly increasing supply and non-decreasing price.",
  },
  "curve/out-of-range": { retryable: false, next: "Keep supply and price inside the ranges stated in docs/curve.md." },

  // chain
  "chain/wrong-chain": { retryable: false, next: "Connect the client to the chain of the deployment." },
  "chain/bad-deployment": { retryable: false, next: "Give the JSON that scripts/deploy.ts wrote, unchanged." },
  "chain/bad-signer": { retryable: false, next: "Connect the signer to a JsonRpcProvider or a BrowserProvider." },
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
  "chain/delegation-full": {
    retryable: false,
    next: "Delegate less, or to another provider: delegated stake counts up to four times the owner's.",
  },
  "chain/insufficient-shares": { retryable: false, next: "Ask for no more than getDelegation shows as staying." },
  "chain/nothing-delegated": { retryable: false, next: "There is nobody to reward: delegate first." },
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
  "chain/unknown-order": { retryable: false, next: "Check the order id; an order that is sold and claimed is gone." },
  "chain/order-too-small": { retryable: false, next: "Offer at least the amount that the error names." },
  "chain/nothing-to-fill": {
    retryable: true,
    next: "Wait until the price reaches that of the order whose turn it is.",
  },
  "chain/nothing-to-cancel": { retryable: false, next: "The order was sold: claim its proceeds (claimLimitOrder)." },
  "chain/nothing-to-claim": { retryable: true, next: "Wait until some of the order is sold." },
  "chain/paused": {
    retryable: true,
    next: "Wait until the pause is over; selling, closing and withdrawing work meanwhile.",
  },
  "chain/meter-retired": { retryable: false, next: "Use a service of a newer meter version." },
  "chain/not-announced": { retryable: false, next: "Announce it first, then wait for the administration's delay." },
  "chain/demanded": { retryable: true, next: "Wait until the session's demand is answered or expired (getDemand)." },
  "chain/demand-with-files": {
    retryable: false,
    next: "Demand a call without files, such as one that has them in its input.",
  },
  "chain/demand-refused": { retryable: false, next: "Stay inside the demand terms of the session's offer." },
  "chain/not-demanded": { retryable: false, next: "Read the session's demand with getDemand." },
  "chain/bad-answer": {
    retryable: false,
    next: "Answer the very demand of getDemand, with the output that was signed.",
  },
  "chain/bad-evidence": {
    retryable: false,
    next: "Bring two testimonies of one provider that contradictionOf finds to differ, soon enough after settlement.",
  },
  "chain/not-charged": { retryable: false, next: "Report the contradiction first (reportContradiction)." },

  // wasm
  "wasm/invalid-module": { retryable: false, next: "Rebuild the module; it is not valid WebAssembly." },
  "wasm/unsupported-feature": {
    retryable: false,
    next: "Compile without this feature: WebAssembly 2.0 with SIMD and tail calls is supported.",
  },
  "wasm/import-not-offered": {
    retryable: false,
    next: "Import only functions of wasi_snapshot_preview1, with their standard types.",
  },
  "wasm/reserved-export": { retryable: false, next: "Rename the export; this prefix belongs to the meter." },
  "wasm/over-limit": { retryable: false, next: "Make the module smaller; the limits stand in docs/meter.md." },
  "wasm/no-entry": {
    retryable: false,
    next: "Export memory and _start (a WASI command), or memory, alloc and handle (a reactor).",
  },
  "wasm/wrong-shape": { retryable: false, next: "Call the module by the shape that inspectModule reports." },
  "wasm/memory-limit": { retryable: false, next: "Allow at least as many memory pages as the module starts with." },
  "wasm/no-script-slot": {
    retryable: false,
    next: "Give an interpreter with a slot for scripts, such as examples/functions/javascript; see docs/functions.md.",
  },
  "wasm/hash-mismatch": { retryable: false, next: "Fetch the module again, from another peer." },

  // executor
  "executor/unknown-module": { retryable: true, next: "Load the module, then call again." },
  "executor/overloaded": { retryable: true, next: "Wait and call again, or call another provider." },
  "executor/deadline": { retryable: true, next: "Give the call more time, or call another provider." },
  "executor/crashed": { retryable: true, next: "Call another provider." },
  "executor/out-of-memory": { retryable: true, next: "Call another provider, or allow fewer memory pages." },
  "executor/host-failure": { retryable: true, next: "Call another provider." },
  "executor/no-engine": { retryable: false, next: "Run pnpm build:wasmtime, or use the V8 engine." },
  "executor/no-streaming": { retryable: false, next: "Run the call on V8, or send its input whole." },
  "executor/stream-failed": {
    retryable: true,
    next: "Find out why the other end of the stream failed, then call again.",
  },
  "executor/cancelled": { retryable: true, next: "Nothing: the caller took the call back." },
  "executor/no-sandbox": { retryable: false, next: "Install bubblewrap, and allow user namespaces to this user." },
  "executor/closed": { retryable: true, next: "Call another provider." },

  // network
  "network/unreachable": {
    retryable: true,
    next: "Try another provider, or the same one later; check that its node runs and that the DHT can be reached.",
  },
  "network/timeout": { retryable: true, next: "Try again, with a longer timeout if the path is slow." },
  "network/aborted": { retryable: true, next: "Nothing: the caller asked for it." },
  "network/bad-address": {
    retryable: false,
    next: "Give an IP address to bind and, where that is not what others connect to, a public address.",
  },
  "network/record-too-long": { retryable: false, next: "Publish less: fewer or shorter addresses." },
  "network/bad-node-seed": {
    retryable: false,
    next: "Restore the file from a backup, or remove it: a new node key is made at the next start.",
  },
  "network/key-mismatch": {
    retryable: false,
    next: "Do not use this peer: it does not hold the node key that was asked for. Read the key from the chain again.",
  },
  "network/version-mismatch": { retryable: false, next: "Bring the older end to the newer version of deMEC." },
  "network/peer-silent": { retryable: true, next: "Call another provider; connect again when this one is back." },
  "network/closed": { retryable: true, next: "Connect again." },
  "network/overrun": {
    retryable: true,
    next: "Connect again and send no faster than drained() allows, or raise maxQueuedBytes.",
  },
  "network/stream-refused": {
    retryable: true,
    next: "The other side wants no more of this stream: the call it belongs to is over, or too many are under way.",
  },
  "network/handler-failed": {
    retryable: true,
    next: "Report it with the cause: the handler of a message threw, so its connection was closed.",
  },
  "network/content-hash-mismatch": {
    retryable: false,
    next: "Do not use it: the core does not hold the bytes that were named. Tell whoever named it.",
  },
  "network/content-not-found": {
    retryable: true,
    next: "Check the core's key and that its publisher, or another peer that has the content, is online.",
  },
  "network/content-too-large": { retryable: false, next: "Raise maxBytes if content of this size is wanted." },
  "network/content-full": {
    retryable: true,
    next: "Try again when less is needed at once, or give the store more bytes.",
  },

  // session
  "session/insufficient-credits": {
    retryable: false,
    next: "Open a further session, or lower the call's limits: its worst case must fit the credits left.",
  },
  "session/exposure-exceeded": {
    retryable: true,
    next: "Wait until calls in flight are answered and the next state is co-signed, then call again.",
  },
  "session/call-too-large": {
    retryable: false,
    next: "Lower the call's limits or deadline, or raise maxUnsignedCredits: its worst case alone exceeds the policy.",
  },
  "session/too-many-bytes": { retryable: true, next: "Wait until calls with much input have been answered." },
  "session/result-dropped": {
    retryable: true,
    next: "Take results sooner, or ask for fewer at once: call again; what was dropped is not charged.",
  },
  "session/stream-broken": {
    retryable: true,
    next: "Call again: what came of the output is worth nothing without its receipt, and nothing was charged.",
  },
  "session/too-many-in-flight": { retryable: true, next: "Wait for an answer before calling again." },
  "session/halted": { retryable: false, next: "Settle the session at its newest state and open another one." },
  "session/closing": { retryable: false, next: "Open another session: this one is at its end." },
  "session/deadline": { retryable: true, next: "Call again with a longer deadline, or on another provider." },
  "session/cancelled": { retryable: false, next: "Nothing: the caller withdrew the call." },
  "session/faulted": { retryable: true, next: "Call again: this call ended in a fault and cost nothing." },
  "session/unknown-call": { retryable: true, next: "Call again: the provider holds nothing of this call any more." },
  "session/call-id-reused": { retryable: false, next: "Give every call of a session its own id." },
  "session/bad-request": { retryable: false, next: "Give a request whose fields are inside their ranges." },
  "session/wrong-module": {
    retryable: false,
    next: "Bring a module to services without one (withModule), and to no others.",
  },
  "session/executor-misreport": {
    retryable: true,
    next: "Call again on another provider: this one's executor reported what its limits forbid.",
  },
  "session/replayed-state": { retryable: false, next: "Propose a state with a sequence number above the newest one." },
  "session/foreign-key": { retryable: false, next: "Sign with the keys that were committed when the session opened." },
  "session/rolled-back": {
    retryable: false,
    next: "Settle at the newest state; one side's journal lost a state that it had signed.",
  },
  "session/implausible-usage": { retryable: false, next: "Settle at the newest state and use another provider." },
  "session/implausible-latency": { retryable: false, next: "Settle at the newest state; the buyer's times can't be." },
  "session/state-mismatch": {
    retryable: false,
    next: "Settle at the newest state; the two sides don't agree on what happened since.",
  },
  "session/unknown-calls": { retryable: true, next: "Propose again without the calls that the buyer doesn't know." },
  "session/missing-breach": { retryable: true, next: "Propose again with every breach since the newest state." },
  "session/not-closing": { retryable: true, next: "Propose a final state only when the buyer asked for one." },
  "session/refused-to-sign": { retryable: false, next: "Settle at the newest state; the buyer signs no more." },
  "session/out-of-order": { retryable: false, next: "Settle at the newest state; the other side broke the protocol." },
  "session/wrong-key": { retryable: false, next: "Use the private key of the address that the session names." },
  "session/journal-corrupt": {
    retryable: false,
    next: "Settle with the newest state that the other side or a watchtower holds; restore no session from this journal.",
  },
  "session/journal-failed": {
    retryable: false,
    next: "Make room or repair the disk, restart, and settle or resume from what the journal kept.",
  },
  "session/journal-locked": {
    retryable: false,
    next: "Stop the other process that uses this data folder, or give this one a folder of its own.",
  },

  // provider
  "provider/no-power": {
    retryable: false,
    next: "State what the machine draws when all its cores are busy (--watts), or run as root where the kernel shows RAPL.",
  },
  "provider/inactive": {
    retryable: false,
    next: "Register with an operator and stake at least the minimum: demec provider start --stake <amount>.",
  },
  "provider/foreign-operator": {
    retryable: false,
    next: "Start with the operator key that is bound on chain, or bind this one.",
  },
  "provider/foreign-node-key": {
    retryable: false,
    next: "Start with the node key that is on chain, or set this one there.",
  },
  "provider/not-enrolled": { retryable: false, next: "Enrol in the service first." },
  "provider/meter-version": { retryable: false, next: "Run a release whose meter is the service's." },
  "provider/service-not-served": { retryable: false, next: "Ask another provider." },
  "provider/credits-out-of-range": { retryable: false, next: "Ask for a session within the provider's limits." },
  "provider/at-capacity": { retryable: true, next: "Ask again later, or another provider." },
  "provider/foreign-session": { retryable: false, next: "Attach to the provider that the session was opened with." },
  "provider/session-not-open": { retryable: false, next: "Open a new session; this one is closing or settled." },
  "provider/session-too-shallow": { retryable: true, next: "Attach again when the opening is deeper in the chain." },
  "provider/bad-handle": {
    retryable: false,
    next: "Use a fresh handle for each attachment, and another connection for more of them.",
  },
  "provider/journal-failed": {
    retryable: true,
    next: "Use another provider, or come back when its operator has made room on its disk and started it again.",
  },
  "provider/stops": { retryable: true, next: "Use another provider, or come back later." },
  "provider/output-limit": { retryable: false, next: "Lower limits.outputBytes to what one message carries." },
  "provider/content-too-large": { retryable: false, next: "Name less, or use a provider that takes more by content." },
  "provider/content-busy": {
    retryable: true,
    next: "Wait until calls by content are answered, or use another provider.",
  },
  "provider/module-refused": {
    retryable: false,
    next: "Make the module simpler to compile: smaller functions, fewer of them.",
  },
  "provider/too-many-calls": { retryable: true, next: "Wait for answers before calling again, or use more providers." },
  "provider/call-rate": { retryable: true, next: "Wait a moment before calling again, or use more providers." },
  "provider/at-buyer-limit": { retryable: true, next: "Close a session with this provider first, or ask another." },
  "provider/no-session": { retryable: true, next: "Connect again when a session is to be opened or attached." },
  "provider/too-many-requests": { retryable: true, next: "Wait a second, then ask again." },
  "provider/internal": {
    retryable: true,
    next: "Use another provider; the operator of this one finds more in its log.",
  },
  "provider/bad-metrics-address": { retryable: false, next: "Give another address or port for the metrics." },

  // sdk
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
  "sdk/vault-failed": {
    retryable: false,
    next: "Make room or repair the disk: no session is opened with a key that can't be kept.",
  },
  "sdk/not-cosigned": { retryable: true, next: "Ask again after the next checkpoint." },
  "sdk/no-final-state": { retryable: true, next: "Leave the session alone: close() does so." },
  "sdk/not-settled": { retryable: true, next: "Close again after the challenge period." },
  "sdk/no-content-store": {
    retryable: false,
    next: "Connect with @demec/sdk/node, or give createDemec a content store.",
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

  // watchtower
  "watchtower/no-state": { retryable: true, next: "Leave a state once both sides have signed one." },
  "watchtower/foreign-buyer": { retryable: false, next: "Use a watchtower that watches for this buyer." },
  "watchtower/full": { retryable: true, next: "Settle sessions first, or use another watchtower." },
  "watchtower/too-many-requests": { retryable: true, next: "Wait a second, then leave the state again." },
  "watchtower/internal": {
    retryable: true,
    next: "Use another watchtower; the operator of this one finds more in its log.",
  },

  // cli
  "cli/bad-option": { retryable: false, next: "See demec help <command>." },
  "cli/bench-failed": { retryable: true, next: "See the message; check the service, the budget and the rate." },
  "cli/unfit-results": {
    retryable: false,
    next: "Run demec bench --out again, at a rate that the providers can answer in time.",
  },
  "cli/no-receipts": {
    retryable: false,
    next: "Check the session id, the account and the data folder; a session may be pruned already.",
  },
  "cli/no-metrics": { retryable: true, next: "Start the provider with --metrics, and name the same address here." },
  "cli/no-key": {
    retryable: false,
    next: "Make a key with `demec keys new default`, or put a private key (0x and 64 hex digits) into this variable.",
  },
  "cli/unknown-key": { retryable: false, next: "See demec keys list; demec keys new and import make keys." },
  "cli/key-exists": { retryable: false, next: "Give it another name: keys are never overwritten." },
  "cli/no-password": { retryable: false, next: "Set DEMEC_PASSWORD or --password-file, or run it in a terminal." },
  "cli/wrong-password": { retryable: false, next: "Try again with the password that the key was made with." },
  "cli/dev-running": { retryable: false, next: "Use the one that runs, or end it with Ctrl-C first." },
  "cli/no-chain": {
    retryable: false,
    next: "Install @demec/cli again with its optional packages, on Linux, macOS or Windows; or name a chain with --rpc.",
  },
  "cli/no-contracts": { retryable: false, next: "Run pnpm build:contracts, or install @demec/cli again." },
  "cli/build-failed": { retryable: false, next: "See what the build said; demec.json names its command." },
  "cli/folder-exists": { retryable: false, next: "Choose a name whose folder is not there yet." },

  // access
  "access/required": { retryable: true, next: "Enter first: answer the provider's challenge, and show the token." },
  "access/not-gated": { retryable: false, next: "Nothing: call the service without a token." },
  "access/refused": {
    retryable: false,
    next: "Meet the condition that the service names, or ask a grantor for a grant.",
  },
  "access/expired": {
    retryable: true,
    next: "Enter again for a new token; a grant that has expired is to be renewed.",
  },
  "access/revoked": { retryable: false, next: "Ask who granted access for a new grant." },
  "access/replayed": {
    retryable: true,
    next: "Ask for a new challenge, and use every token that is for single use once.",
  },
  "access/bad-token": { retryable: true, next: "Use a token that this very provider issued for this very service." },
  "access/bad-proof": {
    retryable: false,
    next: "Sign the challenge that the gate made, unchanged, with the account it names.",
  },
  "access/bad-grant": {
    retryable: false,
    next: "Give the whole chain of grants, root first, each signed by its issuer.",
  },
  "access/wider-grant": { retryable: false, next: "Grant no more than the grant above allows." },
  "access/calls-used-up": { retryable: false, next: "Ask who granted access for a grant of more calls." },
  "access/bad-policy": { retryable: false, next: "Write the gate's policy as docs/access.md describes it." },
  "access/foreign-challenge": {
    retryable: false,
    next: "Sign nothing: the provider asks for something other than to enter the service that is wanted.",
  },
  "access/sealed-to-others": {
    retryable: false,
    next: "Seal the secrets to the node key of the provider that is called.",
  },
  "access/tampered-box": { retryable: false, next: "Seal the secrets again: the box was changed on its way." },
  "access/foreign-box": {
    retryable: false,
    next: "Seal the secrets for the service that is called, and for its caller.",
  },

  // payment
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
  // faults and administration
} as const satisfies Record<string, ErrorDescriptor>;
  ...protocolErrors,
  ...curveErrors,
  ...chainErrors,
  ...wasmErrors,
  ...executorErrors,
  ...networkErrors,
  ...sessionErrors,
  ...providerErrors,
  ...sdkErrors,
  ...watchtowerErrors,
  ...cliErrors,
  ...accessErrors,
  ...litErrors,
  ...paymentErrors,
} as const;

export type ErrorCode = keyof typeof ERROR_TABLE;
