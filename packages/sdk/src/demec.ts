import { getService, getServiceMetadata } from "@demec/chain";
import { DemecError, parseServiceName } from "@demec/protocol";
import type { DemecOptions, ServiceOptions } from "./options.ts";
import { Service } from "./service.ts";

/** A buyer's way into the market. */
export interface Demec {
  readonly options: DemecOptions;
  /**
   * A service by its CAIP-19 id, `eip155:<chain>/erc1155:<access token>/<id>`.
   * @throws protocol/bad-service-name, chain/wrong-chain, sdk/foreign-market, chain/unknown-service
   */
  service(name: string, options?: ServiceOptions): Promise<Service>;
}

/** Puts a client together from its parts. Node programs use `connect` of `@demec/sdk/node` instead. */
export function createDemec(options: DemecOptions): Demec {
  return {
    options,
    async service(name, serviceOptions = {}) {
      const { client, deployment } = options;
      const { chainId, accessToken, serviceId } = parseServiceName(name);
      if (chainId !== deployment.chainId) {
        throw new DemecError(
          "chain/wrong-chain",
          `Service ${name} is on chain ${chainId}, this client on ${deployment.chainId}.`,
          {
            details: { actual: deployment.chainId, expected: chainId },
          },
        );
      }
      if (accessToken.toLowerCase() !== deployment.accessToken.toLowerCase()) {
        throw new DemecError(
          "sdk/foreign-market",
          `Service ${name} belongs to another market than ${deployment.accessToken}.`,
          {
            details: { accessToken, expected: deployment.accessToken },
          },
        );
      }
      const [terms, metadata] = await Promise.all([
        getService(client, deployment, serviceId),
        getServiceMetadata(client, deployment, serviceId),
      ]);
      return new Service(options, name, terms, metadata, serviceOptions);
    },
  };
}
