import type { Deployment } from "@demec/chain";
import { DemecError, parseServiceName } from "@demec/protocol";

/**
 * The id of a service of this deployment, from its name.
 * @throws protocol/bad-service-name, chain/wrong-chain, sdk/foreign-market
 */
export function serviceIdIn(deployment: Deployment, name: string): bigint {
  const { chainId, accessToken, serviceId } = parseServiceName(name);
  if (chainId !== deployment.chainId) {
    throw new DemecError(
      "chain/wrong-chain",
      `Service ${name} is on chain ${chainId}, this client on ${deployment.chainId}.`,
      { details: { name, actual: deployment.chainId, expected: chainId } },
    );
  }
  if (accessToken.toLowerCase() !== deployment.accessToken.toLowerCase()) {
    throw new DemecError(
      "sdk/foreign-market",
      `Service ${name} belongs to another market than ${deployment.accessToken}.`,
      { details: { name, accessToken, expected: deployment.accessToken } },
    );
  }
  return serviceId;
}
