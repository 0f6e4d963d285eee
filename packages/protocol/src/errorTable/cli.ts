import type { RoomErrors } from "./descriptor.ts";

export const cliErrors = {
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
  "cli/no-chain": { retryable: false, next: "Install @demec/cli again; in a clone, run pnpm build:contracts." },
  "cli/build-failed": { retryable: false, next: "See what the build said; demec.json names its command." },
  "cli/folder-exists": { retryable: false, next: "Choose a name whose folder is not there yet." },
} as const satisfies RoomErrors<"cli">;
