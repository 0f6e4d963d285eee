import { DemecError } from "@demec/protocol";
import type { Service } from "@demec/sdk";

/** @throws sdk/no-wallet while there is no wallet, or the service is still being looked up */
export function present(service: Service | undefined): Service {
  if (service !== undefined) return service;
  throw new DemecError("sdk/no-wallet", "No wallet is connected, or the service is still being looked up.");
}
