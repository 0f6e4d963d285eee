import { type Address, type CurvePoints, DemecError, type Hex, type Tariff } from "@demec/protocol";
import type { Service } from "../types.ts";
import type { Answers, Question } from "./stateProver.ts";

/** What has to be read of a service. */
export function serviceQuestions(serviceId: bigint) {
  const keys = [serviceId];
  return {
    count: { contract: "registry", variable: "serviceCount" },
    terms: { contract: "registry", variable: "_terms", keys },
    tariff: { contract: "registry", variable: "_tariffs", keys },
    codeHash: { contract: "registry", variable: "_codeHashes", keys },
    codeCore: { contract: "registry", variable: "_codeCores", keys },
    listing: { contract: "market", variable: "listings", keys },
  } as const satisfies Record<string, Question>;
}

/** What `ServiceRegistry.getService` makes of the same slots. @throws chain/unknown-service */
export function serviceFrom(
  { stored }: Answers<keyof ReturnType<typeof serviceQuestions>>,
  serviceId: bigint,
): Service {
  if (serviceId === 0n || serviceId > (stored.count as bigint)) {
    throw new DemecError("chain/unknown-service", `There is no service ${serviceId}.`, { details: { serviceId } });
  }
  const terms = stored.terms as Record<
    | "maxLatencyMs"
    | "toleranceBps"
    | "rebateBps"
    | "bondPenaltyBps"
    | "challengePeriod"
    | "minBondPerCredit"
    | "meterVersion",
    bigint
  >;
  const { paymentToken, publisher, royaltyBps, ...curve } = stored.listing as unknown as CurvePoints & {
    paymentToken: Address;
    publisher: Address;
    royaltyBps: bigint;
  };
  return {
    serviceId,
    publisher,
    codeHash: stored.codeHash as Hex,
    codeCore: stored.codeCore as Hex,
    royaltyBps: Number(royaltyBps),
    paymentToken,
    tariff: stored.tariff as unknown as Tariff,
    sla: {
      maxLatencyMs: Number(terms.maxLatencyMs),
      toleranceBps: Number(terms.toleranceBps),
      rebateBps: Number(terms.rebateBps),
      bondPenaltyBps: Number(terms.bondPenaltyBps),
    },
    challengePeriod: Number(terms.challengePeriod),
    minBondPerCredit: terms.minBondPerCredit,
    meterVersion: Number(terms.meterVersion),
    curve,
  };
}
