// A service as somebody is putting it together, as text in fields, and the terms that it makes.
import type { Service, ServiceParams } from "@demec/chain";
import {
  type CurvePoints,
  formatServiceMetadata,
  METER_VERSION,
  type ServiceMetadata,
  type Shape,
  type Tariff,
} from "@demec/protocol";
import { zeroHash } from "viem";
import { CREDIT, isAccount, parseAmount, plainAmount } from "../../format.ts";

export type CodeSource = "existing" | "known" | "own";

export interface Draft {
  readonly name: string;
  readonly description: string;
  readonly code: CodeSource;
  readonly codeHash: string;
  readonly codeCore: string;
  /** Of a program that is known by its hash. */
  readonly shape: Shape;
  readonly paymentToken: string;
  /** Credits per million integer operations, per million floating-point operations, per megabyte. */
  readonly integer: string;
  readonly floating: string;
  readonly megabyte: string;
  /** Percent. */
  readonly royalty: string;
  readonly rebate: string;
  readonly maxLatencyMs: string;
  /** DEMEC per credit. */
  readonly bond: string;
  readonly challengeHours: string;
}

export const FIRST_DRAFT: Draft = {
  ...{ name: "", description: "", code: "existing", codeHash: "", codeCore: "", shape: "command", paymentToken: "" },
  ...{ integer: "0.0001", floating: "0.0002", megabyte: "0.001" },
  ...{ royalty: "0", rebate: "50", maxLatencyMs: "0", bond: "0", challengeHours: "1" },
};

/** From 0.01 to 0.10 of a token with so many decimals, over 100,000 credits. */
export function firstCurve(decimals: number): CurvePoints {
  const price = (cents: bigint) => (cents * 10n ** BigInt(decimals + 18)) / 100n;
  return {
    ...{ x1: 25_000n * CREDIT, x2: 60_000n * CREDIT, x3: 100_000n * CREDIT },
    ...{ y0: price(1n), y1: price(2n), y2: price(7n), y3: price(10n) },
  };
}

const isHash = (text: string): text is `0x${string}` => /^0x[0-9a-fA-F]{64}$/.test(text.trim());

/** What is wrong with each field, if anything is; one sentence. */
export type Complaints = Partial<Record<keyof Draft, string>>;

/** @param existing whose program is taken, where the draft says so */
export function complaintsOf(draft: Draft, existing: Existing | undefined): Complaints {
  const complaints: Record<string, string> = {};
  const amount = (field: keyof Draft, decimals: number, most?: bigint, least = 0n) => {
    const value = parseAmount(draft[field], decimals);
    if (value === null) complaints[field] = "Type a number.";
    else if (value < least) complaints[field] = `At least ${plainAmount(least, decimals)}.`;
    else if (most !== undefined && value > most) complaints[field] = `At most ${plainAmount(most, decimals)}.`;
  };
  if (draft.name.trim() === "") complaints.name = "Give it a name that people will see.";
  if (draft.code === "existing" && existing === undefined) complaints.code = "Choose a service.";
  else if (draft.code === "existing" && existing?.terms.codeHash === zeroHash)
    complaints.code = "That service has no program of its own: its buyers bring theirs.";
  if (draft.code === "known" && !isHash(draft.codeHash)) complaints.codeHash = "0x and 64 hexadecimal digits.";
  if (draft.code === "known" && !isHash(draft.codeCore)) complaints.codeCore = "0x and 64 hexadecimal digits.";
  if (!isAccount(draft.paymentToken)) complaints.paymentToken = "0x and 40 hexadecimal digits.";
  for (const field of ["integer", "floating", "megabyte", "bond"] as const) amount(field, 18);
  // The registry's own limits.
  amount("royalty", 2, 2_000n);
  amount("rebate", 2, 10_000n);
  amount("challengeHours", 2, 72_000n, 2n);
  if (!/^\d{1,8}$/.test(draft.maxLatencyMs)) complaints.maxLatencyMs = "A whole number of milliseconds.";
  return complaints;
}

/** A service that is there already. */
export interface Existing {
  readonly terms: Service;
  readonly metadata: ServiceMetadata;
}

/** The terms of a draft without complaints. */
export function termsOf(draft: Draft, curve: CurvePoints, existing: Existing | undefined): ServiceParams {
  const credits = (text: string) => parseAmount(text, 18) ?? 0n;
  const hundredths = (text: string) => Number(parseAmount(text, 2) ?? 0n);
  const tariff: Tariff = {
    ...{ a: credits(draft.integer), b: credits(draft.floating), c: credits(draft.megabyte) },
    ...{ d: 0n, e: 0n, f: 0n },
  };
  const [codeHash, codeCore] =
    draft.code === "own"
      ? [zeroHash, zeroHash]
      : draft.code === "known"
        ? [draft.codeHash.trim() as `0x${string}`, draft.codeCore.trim() as `0x${string}`]
        : [existing!.terms.codeHash, existing!.terms.codeCore];
  return {
    ...{ codeHash, codeCore, tariff, curve, meterVersion: METER_VERSION },
    paymentToken: draft.paymentToken as `0x${string}`,
    royaltyBps: hundredths(draft.royalty),
    sla: {
      maxLatencyMs: Number(draft.maxLatencyMs),
      toleranceBps: 100,
      rebateBps: hundredths(draft.rebate),
      bondPenaltyBps: 0,
    },
    challengePeriod: hundredths(draft.challengeHours) * 36,
    minBondPerCredit: credits(draft.bond),
    metadata: formatServiceMetadata({
      ...(draft.code === "existing" && existing?.metadata),
      ...(draft.code === "known" && { shape: draft.shape }),
      name: draft.name.trim(),
      description: draft.description.trim(),
    }),
  };
}
