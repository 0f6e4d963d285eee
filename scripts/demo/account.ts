import { formatUnits } from "viem";
import type { Check } from "./buyerPort.ts";

/** Somebody's money over the whole demo; payment-token base units. */
export interface Party {
  readonly name: string;
  readonly before: bigint;
  readonly after: bigint;
}

export interface Account {
  readonly invocations: number;
  readonly receiptsVerified: number;
  readonly creditsBought: bigint;
  readonly creditsSold: bigint;
  readonly creditsUsed: bigint;
  /** Paid for credits, fees included. */
  readonly buyerPaid: bigint;
  readonly saleProceeds: bigint;
  readonly providerPaid: bigint;
  readonly buyerRefunded: bigint;
  readonly protocolFees: bigint;
  readonly royalties: bigint;
  /** Reserves of all services after all, as the market holds them … */
  readonly reserveAfter: bigint;
  /** … and as the area under their curves at the credits outstanding says, computed off chain. */
  readonly reserveExpected: bigint;
  /** Money minted less money found: 0, or something appeared or vanished. */
  readonly conservation: bigint;
  readonly callsPerSecond: number;
  readonly failoverMs: number;
  readonly parties: readonly Party[];
  readonly checks: readonly Check[];
}

const usd = (amount: bigint) => formatUnits(amount, 6);
const credits = (amount: bigint) => formatUnits(amount, 18);

/** The account as people read it. */
export function formatAccount(account: Account): string {
  const width = Math.max(...account.parties.map(({ name }) => name.length));
  const row = (name: string, delta: bigint) => `  ${name.padEnd(width)}  ${(delta < 0n ? "" : "+") + usd(delta)}`;
  const failed = account.checks.filter(({ holds }) => !holds);
  return [
    "",
    "Who paid what to whom (mUSD, to the last of its 6 decimals)",
    `  the buyer paid       ${usd(account.buyerPaid)} for ${credits(account.creditsBought)} credits (fees ${usd(account.protocolFees + account.royalties)})`,
    `  used                 ${credits(account.creditsUsed)} credits in ${account.invocations} calls`,
    `  providers were paid  ${usd(account.providerPaid)}`,
    `  the buyer got back   ${usd(account.buyerRefunded)} from escrow and ${usd(account.saleProceeds)} for ${credits(account.creditsSold)} credits sold`,
    "",
    "Everybody's balance, after less before",
    ...account.parties.map(({ name, before, after }) => row(name, after - before)),
    `  sum of all: ${usd(account.parties.reduce((sum, { before, after }) => sum + after - before, 0n))}`,
    "",
    `reserve ${usd(account.reserveAfter)} = area under the curves ${usd(account.reserveExpected)}; conservation ${account.conservation}`,
    `${account.receiptsVerified} receipts verified; ${account.callsPerSecond} calls/s; failover in ${account.failoverMs} ms`,
    failed.length === 0
      ? `all ${account.checks.length} checks hold`
      : `${failed.length} of ${account.checks.length} checks FAILED:\n${failed.map(({ what, detail }) => `  ${what}${detail ? `: ${detail}` : ""}`).join("\n")}`,
  ].join("\n");
}
