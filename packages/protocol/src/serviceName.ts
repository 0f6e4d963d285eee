import { getAddress, isAddress } from "viem";
import type { Address } from "./eip712.ts";
import { DemecError } from "./errors.ts";

/** What a service's name says: its access token, by chain, contract and id. */
export interface ServiceName {
  readonly chainId: number;
  readonly accessToken: Address;
  readonly serviceId: bigint;
}

/** CAIP-19 id of a service's access token, with a checksummed address: `eip155:<chain>/erc1155:<contract>/<id>`. */
export function formatServiceName({ chainId, accessToken, serviceId }: ServiceName): string {
  return `eip155:${chainId}/erc1155:${getAddress(accessToken)}/${serviceId}`;
}

/**
 * Inverse of {@link formatServiceName}; takes lower-case addresses too.
 * @throws protocol/bad-service-name
 */
export function parseServiceName(name: string): ServiceName {
  const match = /^eip155:([1-9]\d{0,15})\/erc1155:(0x[0-9a-fA-F]{40})\/(0|[1-9]\d{0,77})$/.exec(name);
  const chainId = Number(match?.[1]);
  if (!match || !Number.isSafeInteger(chainId) || !isAddress(match[2]!) || BigInt(match[3]!) >= 2n ** 256n) {
    throw new DemecError("protocol/bad-service-name", `"${name}" is not the name of a service.`, { details: { name } });
  }
  return { chainId, accessToken: getAddress(match[2]!), serviceId: BigInt(match[3]!) };
}
