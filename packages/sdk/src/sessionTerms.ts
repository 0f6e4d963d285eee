import { moduleHashOf, type Service, type SessionParams } from "@demec/chain";
import type { Hex, SigningDomain } from "@demec/protocol";
import type { SessionTerms } from "@demec/session";

/** What a session's engine must know of it, as the chain has it. */
export function sessionTerms(
  sessionId: Hex,
  params: SessionParams,
  service: Pick<Service, "codeHash" | "tariff" | "sla">,
  domain: SigningDomain,
): SessionTerms {
  return {
    sessionId,
    domain,
    operator: params.operator,
    sessionKey: params.sessionKey,
    credits: params.credits,
    moduleHash: moduleHashOf(service),
    tariff: service.tariff,
    maxLatencyMs: service.sla.maxLatencyMs,
  };
}
